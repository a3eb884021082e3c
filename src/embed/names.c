#include "embed/names.h"

#include "base/check.h"
#include "base/hash.h"
#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

static unsigned char folded(char c, bool ignore_case) {
    return (unsigned char)(ignore_case && c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
}

bool embed_names_equal(const embed_names *index, int64_t row, const char *name, size_t n) {
    const char *other = index->names[row];
    for (size_t i = 0; i < n; i++)
        if (other[i] == '\0' ||
            folded(other[i], index->ignore_case) != folded(name[i], index->ignore_case))
            return false;
    return other[n] == '\0';
}

/* The slot that holds the name, or the free one where it belongs. */
static int32_t *slot_of(const embed_names *index, const char *name, size_t n) {
    uint64_t hash = HASH_START, mask = index->n_slots - 1;
    for (size_t i = 0; i < n; i++) hash = hash_add(hash, folded(name[i], index->ignore_case));
    for (uint64_t i = hash & mask;; i = (i + 1) & mask) {
        int32_t *slot = &index->slots[i];
        if (*slot < 0 || embed_names_equal(index, *slot, name, n)) return slot;
    }
}

embed_names embed_names_new(char *const *names, int64_t n, bool ignore_case) {
    CHECK(n >= 0 && n <= INT32_MAX, "%lld names", (long long)n);
    embed_names index = {.names = names, .n_slots = 2, .ignore_case = ignore_case};
    while (index.n_slots < 2 * (uint64_t)n) index.n_slots *= 2;
    index.slots = mem_new(index.n_slots, sizeof *index.slots);
    for (uint64_t i = 0; i < index.n_slots; i++) index.slots[i] = -1;
    for (int64_t row = 0; row < n; row++) {
        int32_t *slot = slot_of(&index, names[row], strlen(names[row]));
        if (*slot < 0) *slot = (int32_t)row;
    }
    return index;
}

void embed_names_free(embed_names *index) {
    free(index->slots);
    *index = (embed_names){0};
}

int64_t embed_names_find(const embed_names *index, const char *name, size_t n) {
    return *slot_of(index, name, n);
}
