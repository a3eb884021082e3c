/* Matrices in NumPy's .npy layout, versions 1 to 3 (NEP 1): a magic, a header in the form of a
 * Python dict, raw numbers. Read: two dimensions, '<f4' or '<f8', C order; written: '<f4'. What is
 * read is distrusted. */
#ifndef IO_NPY_H
#define IO_NPY_H

#include "base/err.h"
#include "base/real.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A matrix in a file that lies in memory. */
typedef struct io_npy {
    int64_t n, width; /* rows, columns; at least 1 */
    bool f64;         /* '<f8' rather than '<f4' */
    const char *data; /* borrowed, at any address; n * width numbers */
} io_npy;

/* Whether the bytes begin as a .npy file does. */
bool io_npy_is(const void *bytes, size_t n);
/* Reads the header; `name` stands in messages. */
bool io_npy_parse(io_npy *m, const void *bytes, size_t n, const char *name, err *e);
/* Writes rows (n, width), beside and renamed. */
bool io_npy_write(const char *path, const real *rows, int64_t n, int64_t width, err *e);

#endif
