#define _GNU_SOURCE
#include "base/mem.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>

enum { ALIGNMENT = 64, HUGE_PAGE = 2 << 20 };

static atomic_size_t allocations;

static _Noreturn void out_of_memory(size_t bytes) {
    fprintf(stderr, "gradus: out of memory: cannot get %zu bytes\n", bytes);
    abort();
}

static size_t total_bytes(size_t n, size_t size) {
    size_t bytes;
    if (__builtin_mul_overflow(n, size, &bytes)) out_of_memory(SIZE_MAX);
    return bytes ? bytes : 1;
}

void *mem_new(size_t n, size_t size) {
    atomic_fetch_add(&allocations, 1);
    void *p = calloc(1, total_bytes(n, size));
    if (!p) out_of_memory(n * size);
    return p;
}

void *mem_resize(void *p, size_t n, size_t size) {
    atomic_fetch_add(&allocations, 1);
    void *q = realloc(p, total_bytes(n, size));
    if (!q) out_of_memory(n * size);
    return q;
}

static void *new_aligned(size_t bytes, bool cleared) {
    atomic_fetch_add(&allocations, 1);
    size_t alignment = bytes >= HUGE_PAGE ? HUGE_PAGE : ALIGNMENT;
    if (bytes > SIZE_MAX - alignment) out_of_memory(bytes);
    size_t rounded = (bytes + alignment - 1) & ~(alignment - 1);
    if (rounded == 0) rounded = alignment;
    void *p = aligned_alloc(alignment, rounded);
    if (!p) out_of_memory(bytes);
    if (alignment == HUGE_PAGE) madvise(p, rounded, MADV_HUGEPAGE);
    return cleared ? memset(p, 0, rounded) : p;
}

void *mem_new_aligned(size_t bytes) {
    return new_aligned(bytes, true);
}

void *mem_new_untouched(size_t bytes) {
    return new_aligned(bytes, false);
}

char *mem_copy_string(const char *s, size_t n) {
    char *copy = mem_new(n + 1, 1);
    memcpy(copy, s, n);
    return copy;
}

size_t mem_allocations(void) {
    return atomic_load(&allocations);
}

size_t mem_peak_rss(void) {
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (size_t)usage.ru_maxrss * 1024;
}
