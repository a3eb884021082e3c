/* Arrays: how many elements they have, and room in those that grow. */
#ifndef BASE_ARRAY_H
#define BASE_ARRAY_H

#include "base/mem.h"

/* The elements of an array, not of a pointer. */
#define COUNT(array) (sizeof(array) / sizeof *(array))

/* Has room for `need` elements of `size` bytes at p, where there is room for *capacity: that at
 * least doubles when it is too small. Returns p or where it moved to (free with free). */
static inline void *array_room(void *p, size_t *capacity, size_t need, size_t size) {
    enum { FIRST = 64 };
    if (need <= *capacity) return p;
    size_t twice = *capacity ? 2 * *capacity : FIRST;
    *capacity = need > twice ? need : twice;
    return mem_resize(p, *capacity, size);
}

#endif
