/* A set of pairs of ASCII characters. Private to this folder. */
#ifndef TOKENIZER_CHAR_PAIRS_H
#define TOKENIZER_CHAR_PAIRS_H

#include <stdbool.h>
#include <stdint.h>

/* Zeroed = empty. */
typedef struct char_pairs {
    uint64_t after[128][2]; /* a bit for each second character */
} char_pairs;

static inline void char_pairs_add(char_pairs *p, unsigned char first, unsigned char second) {
    p->after[first][second >> 6] |= (uint64_t)1 << (second & 63);
}

static inline void char_pairs_remove(char_pairs *p, unsigned char first, unsigned char second) {
    p->after[first][second >> 6] &= ~((uint64_t)1 << (second & 63));
}

/* Whether the bytes are a pair of the set; bytes of other characters are not. */
static inline bool char_pairs_has(const char_pairs *p, unsigned char first, unsigned char second) {
    return (first | second) < 0x80 && (p->after[first][second >> 6] >> (second & 63) & 1);
}

#endif
