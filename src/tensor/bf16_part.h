/* The part of a product of bfloat16 matrices that one thread computes: which blocks it is cut into,
 * so that what is used again stays in the caches, and the memory that this takes. */
#ifndef TENSOR_BF16_PART_H
#define TENSOR_BF16_PART_H

#include "tensor/gemm_bf16.h"

/* Rows [row, row + rows) and columns [col, col + cols) of A B; row and col at whole tiles, rows and
 * cols 1 at least, whole tiles but at the end of the matrix. */
typedef struct bf16_part {
    const tensor *a, *b;
    int64_t row, rows, col, cols;
    gemm_bf16_finish *finish;
    const void *context;
    real *column_sums; /* of B, or NULL: the parts of row 0 add to them */
} bf16_part;

/* Memory for n parts at a time, kept until the program ends. */
void bf16_part_workspaces(int n);
/* On the calling thread, in workspace number `index`. */
void bf16_part_run(const bf16_part *p, int index);

#endif
