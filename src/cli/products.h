/* The speed of matrix products of any shape, by each of the kinds that this build has. */
#ifndef CLI_PRODUCTS_H
#define CLI_PRODUCTS_H

#include <stdbool.h>
#include <stdint.h>

typedef enum product_kind { PRODUCT_REAL, PRODUCT_BF16, PRODUCT_ONEDNN, N_PRODUCTS } product_kind;

/* C (M, N) = A (M, K) B (K, N), where A or B may be a transposed view. */
typedef struct product {
    int64_t M, K, N;
    bool a_transposed, b_transposed;
} product;

/* "BLIS float32", "gradus bf16", "oneDNN bf16". */
const char *product_name(product_kind kind);

/* FLOP/s on all threads, the best run of some hundredths of a second. Of
 * bf16 numbers ours packs both sides each time, oneDNN finds B packed. 0 where this build has no
 * such kind.
 */
double product_speed(product_kind kind, const product *p);

#endif
