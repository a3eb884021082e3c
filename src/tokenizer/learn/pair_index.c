#include "tokenizer/learn/pair_index.h"

#include "base/array.h"
#include "base/hash.h"
#include "base/mem.h"

#include <stdlib.h>

enum { NO_WORD = UINT32_MAX };

void pair_index_free(pair_index *x) {
    free(x->pairs);
    free(x->slots);
    free(x->words);
    free(x->places);
    free(x->touched);
    *x = (pair_index){0};
}

static inline uint64_t key_of(int32_t left, int32_t right) {
    return (uint64_t)(uint32_t)left << 32 | (uint32_t)right;
}

static inline pair_slot *slot_of(const pair_index *x, uint64_t key) {
    size_t mask = x->n_slots - 1;
    for (size_t i = hash_word(0, key) & mask;; i = (i + 1) & mask)
        if (x->slots[i].pair == 0 || x->slots[i].key == key) return &x->slots[i];
}

static void grow_slots(pair_index *x) {
    x->n_slots = x->n_slots ? 2 * x->n_slots : 1024;
    free(x->slots);
    x->slots = mem_new(x->n_slots, sizeof *x->slots);
    for (size_t i = 0; i < x->n; i++) {
        uint64_t key = key_of(x->pairs[i].left, x->pairs[i].right);
        *slot_of(x, key) = (pair_slot){key, (uint32_t)i + 1};
    }
}

static uint32_t add_pair(pair_index *x, pair_slot *slot, int32_t left, int32_t right) {
    x->pairs = array_room(x->pairs, &x->capacity, x->n + 1, sizeof *x->pairs);
    x->pairs[x->n] = (symbol_pair){.left = left, .right = right, .last_word = NO_WORD};
    *slot = (pair_slot){key_of(left, right), (uint32_t)x->n + 1};
    return (uint32_t)x->n++;
}

uint32_t pair_index_of(pair_index *x, int32_t left, int32_t right) {
    if (2 * (x->n + 1) > x->n_slots) grow_slots(x);
    pair_slot *slot = slot_of(x, key_of(left, right));
    return slot->pair ? slot->pair - 1 : add_pair(x, slot, left, right);
}

void pair_index_gain(pair_index *x, int32_t left, int32_t right, int64_t count, uint32_t word) {
    uint32_t number = pair_index_of(x, left, right);
    symbol_pair *pair = &x->pairs[number];
    pair->count += count;
    if (pair->last_word == word) return;
    pair->last_word = word;
    if (pair->n_words++ == 0) {
        x->touched =
            array_room(x->touched, &x->touched_capacity, x->n_touched + 1, sizeof *x->touched);
        x->touched[x->n_touched++] = number;
    }
    x->places = array_room(x->places, &x->places_capacity, x->n_places + 1, sizeof *x->places);
    x->places[x->n_places++] = (new_place){number, word};
}

void pair_index_settle(pair_index *x) {
    x->words = array_room(x->words, &x->words_capacity, x->n_words + x->n_places, sizeof *x->words);
    for (size_t i = 0; i < x->n_touched; i++) {
        symbol_pair *pair = &x->pairs[x->touched[i]];
        pair->first = x->n_words;
        x->n_words += pair->n_words;
        pair->n_words = 0;
    }
    for (size_t i = 0; i < x->n_places; i++) {
        symbol_pair *pair = &x->pairs[x->places[i].pair];
        x->words[pair->first + pair->n_words++] = x->places[i].word;
    }
    x->n_places = 0;
}
