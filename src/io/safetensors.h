/* Files of named tensors in the safetensors layout: uint64 header length (little-endian), a JSON
 * header, raw data without holes. What is read is distrusted: bounds, overflow, holes, overlaps,
 * duplicate names and trailing bytes are each refused with one line. */
#ifndef IO_SAFETENSORS_H
#define IO_SAFETENSORS_H

#include "base/err.h"
#include "base/file.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { IO_MAX_DIM = 8 };

typedef struct io_tensor {
    const char *name;
    const char *dtype; /* "F32", "F64", "I32", ... as in the file */
    int n_dim;
    int64_t shape[IO_MAX_DIM];
    const void *data; /* row-major, little-endian */
    size_t bytes;
} io_tensor;

/* One pair of `__metadata__`. */
typedef struct io_meta {
    const char *key, *value;
} io_meta;

/* An open file: tensors in the order of their data. Names and values live until close. */
typedef struct io_safetensors {
    file_map map;
    io_tensor *tensors;
    size_t n_tensors;
    io_meta *meta;
    size_t n_meta;
} io_safetensors;

bool io_safetensors_open(io_safetensors *f, const char *path, err *e);
/* The same for bytes already in memory (borrowed until close); `name` stands in messages. */
bool io_safetensors_parse(io_safetensors *f, const void *bytes, size_t n, const char *name, err *e);
void io_safetensors_close(io_safetensors *f);

/* The tensor of that name, or NULL. Borrows from f. */
const io_tensor *io_safetensors_find(const io_safetensors *f, const char *name);
/* The metadata value of that key, or NULL. Borrows from f. */
const char *io_safetensors_meta(const io_safetensors *f, const char *key);

/* Writes all tensors and metadata to `path`, beside it first, then renamed. The header is padded
 * so that the data begins at a multiple of 64 bytes. */
bool io_safetensors_write(const char *path, const io_tensor *tensors, size_t n_tensors,
                          const io_meta *meta, size_t n_meta, err *e);

#endif
