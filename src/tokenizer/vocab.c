#include "tokenizer/vocab.h"

#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

const char *vocab_piece(const vocab *v, int32_t id, size_t *len) {
    *len = v->start[id + 1] - v->start[id] - 1;
    return v->bytes.data + v->start[id];
}

/* The slot that holds the piece, or the free one where it belongs. */
static vocab_slot *slot_of(const vocab *v, uint64_t hash, const char *piece, size_t len) {
    size_t mask = v->n_slots - 1;
    for (size_t i = hash & mask;; i = (i + 1) & mask) {
        vocab_slot *slot = &v->slots[i];
        if (slot->id_plus == 0) return slot;
        if (slot->tag != (uint32_t)(hash >> 32)) continue;
        size_t n;
        const char *other = vocab_piece(v, slot->id_plus - 1, &n);
        if (n == len && memcmp(other, piece, n) == 0) return slot;
    }
}

static void fill_slot(vocab_slot *slot, uint64_t hash, int32_t id) {
    *slot = (vocab_slot){(uint32_t)(hash >> 32), id + 1};
}

static void grow_slots(vocab *v) {
    v->n_slots = v->n_slots ? 2 * v->n_slots : 256;
    free(v->slots);
    v->slots = mem_new(v->n_slots, sizeof *v->slots);
    for (int32_t id = 0; id < v->size; id++) {
        size_t len;
        const char *piece = vocab_piece(v, id, &len);
        uint64_t hash = hash_bytes(HASH_START, piece, len);
        fill_slot(slot_of(v, hash, piece, len), hash, id);
    }
}

int32_t vocab_add(vocab *v, const char *piece, size_t len) {
    return vocab_add_hashed(v, hash_bytes(HASH_START, piece, len), piece, len);
}

int32_t vocab_add_hashed(vocab *v, uint64_t hash, const char *piece, size_t len) {
    if (2 * ((size_t)v->size + 1) > v->n_slots) grow_slots(v);
    vocab_slot *slot = slot_of(v, hash, piece, len);
    if (slot->id_plus) return slot->id_plus - 1;
    if (v->size == v->capacity) {
        v->capacity = v->capacity ? 2 * v->capacity : 256;
        v->start = mem_resize(v->start, (size_t)v->capacity + 1, sizeof *v->start);
        v->start[v->size] = v->bytes.len;
    }
    fill_slot(slot, hash, v->size);
    str_append(&v->bytes, piece, len);
    str_append(&v->bytes, "", 1);
    v->start[++v->size] = v->bytes.len;
    return v->size - 1;
}

int32_t vocab_find(const vocab *v, const char *piece, size_t len) {
    return vocab_find_hashed(v, hash_bytes(HASH_START, piece, len), piece, len);
}

int32_t vocab_find_hashed(const vocab *v, uint64_t hash, const char *piece, size_t len) {
    return v->size == 0 ? -1 : slot_of(v, hash, piece, len)->id_plus - 1;
}

void vocab_free(vocab *v) {
    str_free(&v->bytes);
    free(v->start);
    free(v->slots);
    *v = (vocab){0};
}
