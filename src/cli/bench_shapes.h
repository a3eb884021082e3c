/* The GPT-2-shaped models that are timed, by name. */
#ifndef CLI_BENCH_SHAPES_H
#define CLI_BENCH_SHAPES_H

#include "base/err.h"
#include "nn/gpt.h"

#define BENCH_SHAPE_NAMES "cpu|baby|mid|gpt2|gpt2long"

typedef struct bench_shape {
    const char *name;
    int64_t B, T, V, L, NH, C; /* batch, block_size, vocabulary, layers, heads, n_embd */
} bench_shape;

/* The shape of that name, or NULL and e, which ends in the usage. */
const bench_shape *bench_shape_find(const char *name, const char *usage, err *e);

/* All of them; *n says how many. */
const bench_shape *bench_shapes_all(size_t *n);

/* The numbers of `by` that are not 0 take the place of those of *s, which is then named "custom".
 * False and e where the heads do not divide the width. */
bool bench_shape_change(bench_shape *s, const bench_shape *by, err *e);

/* As peers are timed: biases, tied head, no dropout. */
nn_gpt_config bench_shape_config(const bench_shape *s);

#endif
