/* The innermost product of bfloat16 matrices: a tile of 32 x 32 sums over a panel of rows and a
 * panel of columns. By AMX (tiles of 16 rows of 64 bytes), by AVX512-BF16 or by plain C, whatever
 * the processor has. */
#ifndef TENSOR_BF16_KERNEL_H
#define TENSOR_BF16_KERNEL_H

#include "tensor/bf16.h"

#include <stdbool.h>

/* Elements of K are taken so many at a time. */
enum { BF16_K = 32 };

/* c = A B, or += where add: 32 rows of 32 sums, c_row numbers apart. K is a multiple of 32.
 * a: 32 rows of K numbers, a_row numbers apart.
 * b: a column panel: for each 32 of K and each half of the 32 columns 1 KiB, in it for each pair
 *    of k the 16 columns' two numbers: b[k / 32][column / 16][k % 32 / 2][column % 16][k % 2]. */
typedef void bf16_product(int64_t K, const bf16 *a, int64_t a_row, const bf16 *b, real *c,
                          int64_t c_row, bool add);

typedef struct bf16_kernel {
    const char *name;
    bf16_product *product;
    /* Around products, on the thread that does them. */
    void (*begin)(void);
    void (*end)(void);
} bf16_kernel;

/* The fastest one that this processor and operating system offer; chosen once. */
const bf16_kernel *bf16_kernel_best(void);
/* The kernel of that name, or NULL where it does not run: to compare them. */
const bf16_kernel *bf16_kernel_named(const char *name);

#endif
