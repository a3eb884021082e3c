/* 04: an embedding is a matrix with a row for each token. Looking rows up by id is the product of a
 * one-hot matrix by it that was not done: the same result, the same gradient, none of the work. And
 * the gradient says which rows it touched, so that nobody needs to read the others.
 *
 *     make examples && build/examples/04_embedding_lookup
 *     cc -O2 -fopenmp -Isrc examples/04_embedding_lookup.c build/libgradus.a \
 *        -lblis -lcjson -linih -lpcre2-8 -lutf8proc -lm -o 04_embedding_lookup
 */
#include "gradus.h"

#include <math.h>

enum { V = 6, C = 4, T = 5 }; /* tokens of the vocabulary, numbers in a row, tokens of the text */

static const int32_t ids[T] = {2, 5, 2, 0, 2}; /* token 2 stands three times */

static void print_rows(const char *what, const real *x, int64_t rows) {
    printf("%s\n", what);
    for (int64_t r = 0; r < rows; r++) {
        printf("  row %lld ", (long long)r);
        for (int c = 0; c < C; c++) printf("%8.3f", (double)x[r * C + c]);
        printf("\n");
    }
}

static double largest_difference(const real *a, const real *b, int64_t n) {
    double largest = 0;
    for (int64_t i = 0; i < n; i++) largest = fmax(largest, fabs((double)a[i] - (double)b[i]));
    return largest;
}

/* Backward from a loss that wants row t of the result as large as t + 1 says. */
static void pull(ag_tape *t, ag_var *rows) {
    static real weight[T * C]; /* borrowed by the tape */
    for (int i = 0; i < T * C; i++) weight[i] = (real)(i / C + 1);
    ag_backward(t, ag_sum(t, ag_mul(t, rows, ag_input(t, tensor_2d(weight, T, C)))), 1);
}

int main(void) {
    real value[V * C], grad[V * C], one_hot[T * V] = {0};
    rng_fill_normal(rng_from_seed(1), value, V * C, 1);
    for (int t = 0; t < T; t++) one_hot[t * V + ids[t]] = 1;

    ag_var w;
    ag_param_init(&w, tensor_2d(value, V, C), tensor_2d(grad, V, C), "wte.weight");
    ag_tape *looked_up = ag_tape_new(AG_KEEP), *multiplied = ag_tape_new(AG_KEEP);
    ag_var *y = ag_embedding(looked_up, &w, ids, 1, T); /* (1, T, C) */
    print_rows("the embedding matrix", value, V);
    print_rows("tokens 2 5 2 0 2 looked up", y->value.data, T);

    pull(looked_up, y);
    printf("rows that got gradient, in the order of first touch:");
    for (int64_t i = 0; i < w.rows.n; i++) printf(" %d", w.rows.rows[i]);
    ag_grad_densify(&w); /* zeros in the rows that nobody touched, to look at them */
    print_rows("\nthe gradient: row 2 has the sum of the positions 0, 2 and 4", grad, V);

    ag_var *dense = ag_leaf(multiplied, tensor_2d(value, V, C));
    ag_var *z = ag_matmul(multiplied, ag_input(multiplied, tensor_2d(one_hot, T, V)), dense);
    pull(multiplied, z);
    printf("one-hot (%d, %d) by the matrix (%d, %d) differs by %g, its gradient by %g\n", T, V, V,
           C, largest_difference(y->value.data, z->value.data, T * C),
           largest_difference(grad, dense->grad.data, V * C));
    ag_tape_free(looked_up);
    ag_tape_free(multiplied);
    ag_param_free(&w);
    return 0;
}
