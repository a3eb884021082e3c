#include "base/ngram.h"

#include <stdbool.h>

static const uint32_t FNV_START = 2166136261u, FNV_PRIME = 16777619u;

/* Byte i of "<word>". */
static char byte_at(const char *word, size_t length, size_t i) {
    return i == 0 ? '<' : i == length + 1 ? '>' : word[i - 1];
}

/* Whether a byte goes on with a character of UTF-8 that began before it. */
static bool continues(char byte) {
    return ((unsigned char)byte & 0xC0) == 0x80;
}

int64_t ngram_buckets(const char *word, size_t length, int64_t min_n, int64_t max_n, int64_t bucket,
                      int32_t *out, int64_t capacity) {
    size_t total = length + 2;
    int64_t count = 0;
    for (size_t start = 0; start < total; start++) {
        if (continues(byte_at(word, length, start))) continue;
        uint32_t hash = FNV_START;
        size_t end = start;
        for (int64_t n = 1; n <= max_n && end < total; n++) {
            do {
                hash ^= (uint32_t)(int8_t)byte_at(word, length, end++);
                hash *= FNV_PRIME;
            } while (end < total && continues(byte_at(word, length, end)));
            bool edge = n == 1 && (start == 0 || end == total);
            if (n < min_n || edge) continue;
            if (count < capacity) out[count] = (int32_t)(hash % (uint64_t)bucket);
            count++;
        }
    }
    return count;
}
