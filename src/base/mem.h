/* Heap memory that is there or ends the program: running out is one line and abort, so that no
 * caller carries a check. Sizes that come from a file are bounded by the caller first. */
#ifndef BASE_MEM_H
#define BASE_MEM_H

#include <stddef.h>

/* Returns new zeroed memory for n elements of `size` bytes (free with free). */
void *mem_new(size_t n, size_t size);

/* Resizes p to n elements of `size` bytes; what is new is not cleared (free with free). */
void *mem_resize(void *p, size_t n, size_t size);

/* Returns new zeroed memory aligned to 64 bytes, on huge pages where the system has them: for
 * parameters and activations (free with free). */
void *mem_new_aligned(size_t bytes);

/* The same, not cleared: of a large block, only what is written to becomes resident. */
void *mem_new_untouched(size_t bytes);

/* Returns a new copy of the first n bytes of s, closed with a NUL (free with free). */
char *mem_copy_string(const char *s, size_t n);

/* How often the functions above have been called: a test holds it still during training. */
size_t mem_allocations(void);

/* Peak resident memory of this process in bytes. */
size_t mem_peak_rss(void);

#endif
