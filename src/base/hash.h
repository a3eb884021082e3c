/* FNV-1a, 64 bits (Fowler, Noll and Vo): fingerprints and hash tables. */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

#define HASH_START 14695981039346656037u

/* The hash h continued by one value. */
static inline uint64_t hash_add(uint64_t h, uint32_t value) {
    return (h ^ value) * 1099511628211u;
}

/* The hash h continued by n bytes. */
static inline uint64_t hash_bytes(uint64_t h, const char *bytes, size_t n) {
    for (size_t i = 0; i < n; i++) h = hash_add(h, (unsigned char)bytes[i]);
    return h;
}

#endif
