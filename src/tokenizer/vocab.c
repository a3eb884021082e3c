#include "tokenizer/vocab.h"

#include "base/array.h"
#include "base/hash.h"
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
        uint64_t hash = hash_key(piece, len);
        vocab_slot *slot = slot_of(v, hash, piece, len);
        if (slot->id_plus == 0) fill_slot(slot, hash, id);
    }
}

/* Makes sure of a free slot for one more piece. */
static void reserve_slot(vocab *v) {
    if (2 * ((size_t)v->size + 1) > v->n_slots) grow_slots(v);
}

/* Keeps the piece's bytes under the next id. */
static int32_t keep_piece(vocab *v, const char *piece, size_t len) {
    v->start = array_room(v->start, &v->capacity, (size_t)v->size + 2, sizeof *v->start);
    if (v->size == 0) v->start[0] = 0;
    str_append(&v->bytes, piece, len);
    str_append(&v->bytes, "", 1);
    v->start[++v->size] = v->bytes.len;
    return v->size - 1;
}

int32_t vocab_add(vocab *v, const char *piece, size_t len) {
    reserve_slot(v);
    uint64_t hash = hash_key(piece, len);
    vocab_slot *slot = slot_of(v, hash, piece, len);
    if (slot->id_plus) return slot->id_plus - 1;
    fill_slot(slot, hash, v->size);
    return keep_piece(v, piece, len);
}

int32_t vocab_append(vocab *v, const char *piece, size_t len) {
    reserve_slot(v);
    uint64_t hash = hash_key(piece, len);
    vocab_slot *slot = slot_of(v, hash, piece, len);
    if (slot->id_plus == 0) fill_slot(slot, hash, v->size);
    return keep_piece(v, piece, len);
}

int32_t vocab_find(const vocab *v, const char *piece, size_t len) {
    return v->size == 0 ? -1 : slot_of(v, hash_key(piece, len), piece, len)->id_plus - 1;
}

void vocab_free(vocab *v) {
    str_free(&v->bytes);
    free(v->start);
    free(v->slots);
    *v = (vocab){0};
}
