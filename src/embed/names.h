/* Rows found by name. Private to src/embed. */
#ifndef EMBED_NAMES_H
#define EMBED_NAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A hash table of names; open addressing, at most half full. */
typedef struct embed_names {
    char *const *names; /* borrowed */
    int32_t *slots;     /* rows, or -1 */
    uint64_t n_slots;   /* a power of two */
    bool ignore_case;   /* of ASCII letters */
} embed_names;

/* Indexes names[0..n), which outlive it; release with embed_names_free. */
embed_names embed_names_new(char *const *names, int64_t n, bool ignore_case);
void embed_names_free(embed_names *index);

/* The row of the name of n bytes (the first where names repeat), or -1. */
int64_t embed_names_find(const embed_names *index, const char *name, size_t n);
/* Whether a name is those n bytes. */
bool embed_names_equal(const embed_names *index, int64_t row, const char *name, size_t n);

#endif
