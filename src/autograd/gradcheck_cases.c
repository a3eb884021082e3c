/* The gradient check of each op: a small graph that reaches every branch of its backward. */
#include "autograd/op.h"
#include "autograd/ops.h"

#define SHAPE(...)                                                                                 \
    (int)(sizeof((int64_t[]){__VA_ARGS__}) / sizeof(int64_t)), (int64_t[]) {                       \
        __VA_ARGS__                                                                                \
    }

static ag_var *leaf(gradcheck *g, ag_tape *t, int n_dim, const int64_t *shape) {
    return gradcheck_leaf(g, t, n_dim, shape, -1, 1);
}

static ag_var *transposed(gradcheck *g, ag_tape *t, int64_t rows, int64_t cols) {
    return ag_permute(t, leaf(g, t, SHAPE(cols, rows)), (int[]){1, 0});
}

/* Same shapes; b broadcast from the left and inside; a with itself. */
ag_var *gradcheck_add(gradcheck *g, ag_tape *t) {
    ag_var *a = leaf(g, t, SHAPE(3, 4));
    ag_var *y = ag_add(t, a, ag_add(t, leaf(g, t, SHAPE(4)), leaf(g, t, SHAPE(3, 1))));
    return ag_add(t, ag_add(t, y, transposed(g, t, 3, 4)), ag_add(t, a, a));
}

ag_var *gradcheck_mul(gradcheck *g, ag_tape *t) {
    ag_var *a = leaf(g, t, SHAPE(3, 4));
    ag_var *y = ag_mul(t, a, ag_mul(t, leaf(g, t, SHAPE(4)), leaf(g, t, SHAPE(3, 1))));
    return gradcheck_join(g, t, ag_mul(t, y, transposed(g, t, 3, 4)), ag_mul(t, a, a));
}

ag_var *gradcheck_scale(gradcheck *g, ag_tape *t) {
    ag_var *x = leaf(g, t, SHAPE(3, 4));
    return ag_add(t, ag_scale(t, x, (real)-1.5), ag_scale(t, x, 2));
}

/* Bases below zero under whole exponents, a division, a root; a view. */
ag_var *gradcheck_pow(gradcheck *g, ag_tape *t) {
    ag_var *x = transposed(g, t, 3, 4), *above = gradcheck_leaf(g, t, SHAPE(3, 4), 0.5, 2);
    ag_var *whole = ag_add(t, ag_pow(t, x, 2), ag_pow(t, x, 3));
    return gradcheck_join(g, t, whole, ag_mul(t, ag_pow(t, above, -1), ag_pow(t, above, 0.5)));
}

/* Two matrices, a batch by one matrix, a batch by a batch, transposed operands. */
ag_var *gradcheck_matmul(gradcheck *g, ag_tape *t) {
    ag_var *b = leaf(g, t, SHAPE(4, 2));
    ag_var *two = ag_matmul(t, transposed(g, t, 3, 4), b);
    ag_var *shared = ag_matmul(t, leaf(g, t, SHAPE(2, 3, 4)), b);
    ag_var *batch = ag_matmul(t, shared, leaf(g, t, SHAPE(2, 2, 3)));
    return gradcheck_join(g, t, two, batch);
}

ag_var *gradcheck_linear(gradcheck *g, ag_tape *t) {
    ag_var *x = leaf(g, t, SHAPE(2, 3, 4)), *w = leaf(g, t, SHAPE(4, 5)), *b = leaf(g, t, SHAPE(5));
    ag_var *plain = ag_linear(t, x, w, NULL, AG_IDENTITY),
           *biased = ag_linear(t, x, w, b, AG_IDENTITY);
    ag_var *exact = ag_linear(t, x, w, b, AG_GELU), *tanh = ag_linear(t, x, w, b, AG_GELU_TANH);
    return gradcheck_join(g, t, ag_mul(t, plain, biased), ag_mul(t, exact, tanh));
}

/* An id that stands twice, and rows that no id names. */
ag_var *gradcheck_embedding(gradcheck *g, ag_tape *t) {
    static const int32_t ids[] = {1, 4, 1, 0, 2, 1};
    return ag_embedding(t, leaf(g, t, SHAPE(6, 3)), ids, 2, 3);
}

/* A bag of one, a row that stands in two bags and twice in one. */
ag_var *gradcheck_embedding_bag(gradcheck *g, ag_tape *t) {
    static const int32_t begin[] = {0, 1, 4, 6}, ids[] = {2, 0, 2, 2, 4, 0};
    return ag_embedding_bag(t, leaf(g, t, SHAPE(6, 3)), begin, ids, 3, false);
}

/* Rows that stand twice and on both sides, a row that no record names; x below x_max, at it and
 * above. */
ag_var *gradcheck_glove(gradcheck *g, ag_tape *t) {
    static const ag_cooccurrence records[] = {{1, 2, 0.5}, {2, 1, 3}, {4, 4, 12},
                                              {1, 0, 4},   {1, 2, 1}, {0, 4, 1.25}};
    ag_var *w = leaf(g, t, SHAPE(5, 3)), *w_context = leaf(g, t, SHAPE(5, 3));
    ag_var *b = leaf(g, t, SHAPE(5, 1)), *b_context = leaf(g, t, SHAPE(5, 1));
    ag_var *one = ag_glove(t, w, w_context, b, b_context, &(ag_cooccurrences){records, 6, 4, 0.75});
    ag_var *swapped =
        ag_glove(t, w_context, w, b, b_context, &(ag_cooccurrences){records, 3, 100, 0.5});
    return ag_add(t, one, swapped);
}

ag_var *gradcheck_layer_norm(gradcheck *g, ag_tape *t) {
    ag_var *x = leaf(g, t, SHAPE(2, 3, 5)), *w = leaf(g, t, SHAPE(5)), *b = leaf(g, t, SHAPE(5));
    return ag_mul(t, ag_layer_norm(t, x, w, b), ag_layer_norm(t, x, w, NULL));
}

ag_var *gradcheck_rms_norm(gradcheck *g, ag_tape *t) {
    ag_var *x = leaf(g, t, SHAPE(2, 3, 5)), *w = leaf(g, t, SHAPE(5));
    return ag_add(t, ag_rms_norm(t, x, w), ag_mul(t, x, x));
}

static ag_var *of_unary(gradcheck *g, ag_tape *t, ag_var *(*apply)(ag_tape *, ag_var *)) {
    ag_var *x = gradcheck_leaf(g, t, SHAPE(4, 9), -3, 3);
    return ag_add(t, apply(t, x), apply(t, ag_permute(t, leaf(g, t, SHAPE(9, 4)), (int[]){1, 0})));
}

ag_var *gradcheck_gelu(gradcheck *g, ag_tape *t) {
    return of_unary(g, t, ag_gelu);
}
ag_var *gradcheck_gelu_tanh(gradcheck *g, ag_tape *t) {
    return of_unary(g, t, ag_gelu_tanh);
}
ag_var *gradcheck_silu(gradcheck *g, ag_tape *t) {
    return of_unary(g, t, ag_silu);
}
ag_var *gradcheck_sigmoid(gradcheck *g, ag_tape *t) {
    return of_unary(g, t, ag_sigmoid);
}
ag_var *gradcheck_log_sigmoid(gradcheck *g, ag_tape *t) {
    return of_unary(g, t, ag_log_sigmoid);
}
ag_var *gradcheck_tanh(gradcheck *g, ag_tape *t) {
    return of_unary(g, t, ag_tanh);
}

/* Both sides of the kink, away from it. */
ag_var *gradcheck_relu(gradcheck *g, ag_tape *t) {
    ag_var *above = ag_relu(t, gradcheck_leaf(g, t, SHAPE(3, 4), 0.1, 1));
    return ag_add(t, above, ag_relu(t, gradcheck_leaf(g, t, SHAPE(3, 4), -1, -0.1)));
}

ag_var *gradcheck_softmax(gradcheck *g, ag_tape *t) {
    return ag_softmax(t, gradcheck_leaf(g, t, SHAPE(2, 3, 5), -2, 2));
}

/* Slices of one variable across tile borders; more keys than queries, with dropout. */
ag_var *gradcheck_attention(gradcheck *g, ag_tape *t) {
    ag_var *qkv = leaf(g, t, SHAPE(1, 67, 6)), *part[3];
    for (int i = 0; i < 3; i++) part[i] = ag_slice(t, qkv, 2, 2 * i, 2);
    ag_var *tiles = ag_attention(t, part[0], part[1], part[2], 1, 0);
    ag_var *q = leaf(g, t, SHAPE(2, 3, 4)), *k = leaf(g, t, SHAPE(2, 5, 4));
    ag_var *longer = ag_attention(t, q, k, leaf(g, t, SHAPE(2, 5, 4)), 2, (real)0.3);
    return gradcheck_join(g, t, tiles, longer);
}

ag_var *gradcheck_rope(gradcheck *g, ag_tape *t) {
    ag_var *x = leaf(g, t, SHAPE(2, 3, 12));
    return ag_mul(t, ag_rope(t, ag_slice(t, x, 2, 4, 8), 2, 5),
                  ag_rope(t, ag_slice(t, x, 2, 0, 8), 2, 0));
}

ag_var *gradcheck_cross_entropy(gradcheck *g, ag_tape *t) {
    static const int32_t targets[] = {0, 4, AG_IGNORE, 2},
                         none[] = {AG_IGNORE, AG_IGNORE, AG_IGNORE, AG_IGNORE};
    ag_var *logits = gradcheck_leaf(g, t, SHAPE(2, 2, 5), -2, 2);
    ag_var *twice =
        ag_add(t, ag_cross_entropy(t, logits, targets), ag_cross_entropy(t, logits, targets));
    return ag_add(t, twice, ag_cross_entropy(t, logits, none));
}

ag_var *gradcheck_linear_cross_entropy(gradcheck *g, ag_tape *t) {
    static const int32_t targets[] = {0, 4, AG_IGNORE, 2};
    ag_var *x = leaf(g, t, SHAPE(2, 2, 3)), *w = gradcheck_leaf(g, t, SHAPE(5, 3), -2, 2);
    ag_var *one = ag_linear_cross_entropy(t, x, w, targets);
    return ag_add(t, one, ag_scale(t, ag_linear_cross_entropy(t, ag_mul(t, x, x), w, targets), 2));
}

/* Windows that overlap, one whose center lies outside, a wrong word that stands twice, more
 * outputs than one tile of the kernel takes. */
static const int32_t out_begin[] = {0, 3, 5, 16},
                     out[] = {0, 2, 2, 3, 0, 1, 2, 3, 4, 2, 3, 0, 4, 4, 3, 0};
static const ag_window list[] = {{1, 0, 3}, {2, 3, 3}, {2, 0, 3}};
static const ag_windows windows = {3, list, out_begin, out};

ag_var *gradcheck_sgns(gradcheck *g, ag_tape *t) {
    ag_var *h = leaf(g, t, SHAPE(4, 32)), *w = leaf(g, t, SHAPE(5, 32));
    return ag_add(t, ag_sgns(t, h, w, &windows), ag_scale(t, ag_sgns(t, h, w, &windows), 2));
}

ag_var *gradcheck_cbow(gradcheck *g, ag_tape *t) {
    return ag_cbow(t, leaf(g, t, SHAPE(4, 32)), leaf(g, t, SHAPE(5, 32)), &windows, false);
}

/* Words 0 to 4 under the inner nodes 0 to 3. */
ag_var *gradcheck_hs(gradcheck *g, ag_tape *t) {
    static const int32_t begin[] = {0, 1, 4, 7, 10, 12},
                         node[] = {0, 0, 1, 2, 0, 1, 2, 0, 1, 3, 0, 3};
    static const uint8_t right[] = {1, 0, 1, 1, 0, 1, 0, 0, 0, 1, 0, 0};
    static const ag_paths paths = {begin, node, right};
    ag_var *h = leaf(g, t, SHAPE(4, 16)), *w = leaf(g, t, SHAPE(4, 16));
    return ag_add(t, ag_hs(t, h, w, &windows, &paths, AG_INPUTS_EACH),
                  ag_hs(t, h, w, &windows, &paths, AG_INPUTS_MEAN));
}

ag_var *gradcheck_dropout(gradcheck *g, ag_tape *t) {
    return ag_dropout(t, leaf(g, t, SHAPE(5, 7)), (real)0.4);
}

ag_var *gradcheck_reshape(gradcheck *g, ag_tape *t) {
    ag_var *x = leaf(g, t, SHAPE(2, 6)), *y = ag_reshape(t, x, SHAPE(3, 4));
    return gradcheck_join(g, t, ag_mul(t, y, y), x);
}

ag_var *gradcheck_permute(gradcheck *g, ag_tape *t) {
    ag_var *x = leaf(g, t, SHAPE(2, 3, 4)), *y = ag_permute(t, x, (int[]){2, 0, 1});
    return gradcheck_join(g, t, ag_mul(t, y, y), x);
}

ag_var *gradcheck_slice(gradcheck *g, ag_tape *t) {
    ag_var *x = leaf(g, t, SHAPE(5, 4));
    ag_var *y = ag_mul(t, ag_slice(t, x, 0, 0, 3), ag_slice(t, x, 0, 2, 3));
    return ag_slice(t, y, 1, 1, 2);
}

ag_var *gradcheck_concat(gradcheck *g, ag_tape *t) {
    ag_var *a = leaf(g, t, SHAPE(2, 3)), *b = leaf(g, t, SHAPE(2, 1));
    ag_var *y = ag_concat(t, (ag_var *[]){a, b, a}, 3, 1);
    return ag_mul(t, y, y);
}

ag_var *gradcheck_contiguous(gradcheck *g, ag_tape *t) {
    ag_var *x = leaf(g, t, SHAPE(3, 4));
    ag_var *y = ag_contiguous(t, ag_permute(t, x, (int[]){1, 0}));
    return ag_mul(t, y, y);
}

ag_var *gradcheck_sum(gradcheck *g, ag_tape *t) {
    ag_var *x = leaf(g, t, SHAPE(3, 4));
    return ag_sum(t, ag_mul(t, x, ag_permute(t, ag_permute(t, x, (int[]){1, 0}), (int[]){1, 0})));
}

ag_var *gradcheck_mean(gradcheck *g, ag_tape *t) {
    ag_var *x = leaf(g, t, SHAPE(3, 4));
    return ag_mean(t, ag_mul(t, x, x));
}
