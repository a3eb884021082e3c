/* Hashes: FNV-1a, 64 bits (Fowler, Noll and Vo), for numbers that outlive the process; a faster
 * one, which depends on the order of bytes in a word, for tables in memory. */
#ifndef BASE_HASH_H
#define BASE_HASH_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

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

/* For tables: the hash h, 0 at first, continued by 8 bytes (as wyhash, Wang Yi). */
static inline uint64_t hash_word(uint64_t h, uint64_t word) {
    __extension__ typedef unsigned __int128 wide;
    wide product = (wide)(h ^ word) * 0x9E3779B97F4A7C15u;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

/* The first n <= 8 bytes as a number, a different one for different bytes. */
static inline uint64_t hash_load(const char *bytes, size_t n) {
    uint32_t first, last;
    uint64_t word = 0;
    if (n == sizeof word) return memcpy(&word, bytes, sizeof word), word;
    if (n >= sizeof first) {
        memcpy(&first, bytes, sizeof first);
        memcpy(&last, bytes + n - sizeof last, sizeof last);
        return first | (uint64_t)last << 32;
    }
    if (n == 0) return 0;
    const unsigned char *b = (const unsigned char *)bytes;
    return b[0] | (uint64_t)b[n / 2] << 8 | (uint64_t)b[n - 1] << 16;
}

/* For tables: the hash of n bytes. */
static inline uint64_t hash_key(const char *bytes, size_t n) {
    uint64_t h = 0xD6E8FEB86659FD93u ^ n;
    for (; n > 8; bytes += 8, n -= 8) h = hash_word(h, hash_load(bytes, 8));
    return hash_word(h, hash_load(bytes, n));
}

#endif
