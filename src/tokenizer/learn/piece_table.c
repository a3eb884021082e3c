#include "tokenizer/learn/piece_table.h"

#include "base/check.h"
#include "base/hash.h"
#include "base/mem.h"
#include "base/str.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* A piece takes its entry, its slots where their number has just doubled, and what the caller will
 * make of it. */
enum { WORD = sizeof(uint64_t), SLOTS_A_PIECE = 4, RESULT_BYTES = 24 };

size_t piece_table_bytes(const piece_table *t) {
    return t->used + t->n * (SLOTS_A_PIECE * sizeof *t->slots + RESULT_BYTES);
}

static inline bool same_bytes(const char *a, const char *b, size_t n) {
    for (; n > WORD; a += WORD, b += WORD, n -= WORD)
        if (hash_load(a, WORD) != hash_load(b, WORD)) return false;
    return hash_load(a, n) == hash_load(b, n);
}

static inline piece_entry *entry_at(const piece_table *t, uint64_t slot) {
    return (piece_entry *)(t->entries + ((slot & UINT32_MAX) - 1) * WORD);
}

static void fill_slot(piece_table *t, const piece_entry *entry) {
    size_t mask = t->n_slots - 1, i = entry->hash & mask;
    while (t->slots[i]) i = (i + 1) & mask;
    uint64_t place = (uint64_t)((const char *)entry - t->entries) / WORD + 1;
    CHECK(place <= UINT32_MAX, "a table of %zu bytes of pieces", t->used);
    t->slots[i] = (uint64_t)entry->hash << 32 | place;
}

static void grow_slots(piece_table *t) {
    free(t->slots);
    t->n_slots = t->n_slots ? 2 * t->n_slots : 1024;
    t->slots = mem_new(t->n_slots, sizeof *t->slots);
    for (piece_entry *p = NULL; (p = piece_table_next(t, p));) fill_slot(t, p);
}

static void add_entry(piece_table *t, uint32_t hash, const char *piece, size_t length,
                      int64_t count) {
    if (2 * (t->n + 1) > t->n_slots) grow_slots(t);
    size_t bytes = piece_entry_bytes(length);
    if (t->used + bytes > t->capacity) {
        t->capacity = 2 * t->capacity + PIECE_LONGEST + sizeof(piece_entry);
        t->entries = mem_resize(t->entries, t->capacity, 1);
    }
    piece_entry *entry = (piece_entry *)(t->entries + t->used);
    *entry = (piece_entry){.count = count, .length = (uint32_t)length, .hash = hash};
    memcpy(entry->bytes, piece, length);
    t->used += bytes;
    t->n++;
    fill_slot(t, entry);
}

void piece_table_add(piece_table *t, const char *piece, size_t length, int64_t count) {
    uint32_t hash = (uint32_t)hash_key(piece, length);
    size_t mask = t->n_slots - 1;
    for (size_t i = hash & mask; t->n_slots && t->slots[i]; i = (i + 1) & mask) {
        if (t->slots[i] >> 32 != hash) continue;
        piece_entry *entry = entry_at(t, t->slots[i]);
        if (entry->length != length || !same_bytes(entry->bytes, piece, length)) continue;
        entry->count += count;
        return;
    }
    add_entry(t, hash, piece, length, count);
}

piece_entry *piece_table_next(const piece_table *t, const piece_entry *entry) {
    if (t->used == 0) return NULL;
    const char *next = entry ? (const char *)entry + piece_entry_bytes(entry->length) : t->entries;
    return next == t->entries + t->used ? NULL : (piece_entry *)next;
}

int piece_entry_compare(const piece_entry *x, const piece_entry *y) {
    return str_compare(x->bytes, x->length, y->bytes, y->length);
}

static int compare_pointers(const void *a, const void *b) {
    return piece_entry_compare(*(piece_entry *const *)a, *(piece_entry *const *)b);
}

piece_entry **piece_table_sorted(const piece_table *t) {
    piece_entry **sorted = mem_new(t->n, sizeof *sorted);
    size_t n = 0;
    for (piece_entry *p = NULL; (p = piece_table_next(t, p));) sorted[n++] = p;
    if (n) qsort(sorted, n, sizeof *sorted, compare_pointers);
    return sorted;
}

static int64_t smallest_count(const piece_table *t) {
    int64_t smallest = INT64_MAX;
    for (piece_entry *p = NULL; (p = piece_table_next(t, p));)
        if (p->count < smallest) smallest = p->count;
    return smallest;
}

int64_t piece_table_forget_rarest(piece_table *t) {
    int64_t rarest = smallest_count(t);
    piece_table kept = {0};
    for (piece_entry *p = NULL; (p = piece_table_next(t, p));)
        if (p->count > rarest) add_entry(&kept, p->hash, p->bytes, p->length, p->count);
    piece_table_free(t);
    *t = kept;
    return rarest;
}

void piece_table_clear(piece_table *t) {
    if (t->n) memset(t->slots, 0, t->n_slots * sizeof *t->slots);
    t->used = t->n = 0;
}

void piece_table_free(piece_table *t) {
    free(t->entries);
    free(t->slots);
    *t = (piece_table){0};
}
