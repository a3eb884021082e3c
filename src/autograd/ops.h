/* Every op that a model can be written with. Results live in tape. A shape that does not fit is a
 * bug, reported with the op's name. y' below is the derivative; dx, dy, dw are gradients. */
#ifndef AUTOGRAD_OPS_H
#define AUTOGRAD_OPS_H

#include "autograd/ag.h"
#include "autograd/windows.h"

/* Element by element; a and b broadcast by NumPy's rule. */
ag_var *ag_add(ag_tape *t, ag_var *a, ag_var *b);     /* a + b */
ag_var *ag_mul(ag_tape *t, ag_var *a, ag_var *b);     /* a * b */
ag_var *ag_scale(ag_tape *t, ag_var *x, real factor); /* factor * x */
ag_var *ag_pow(ag_tape *t, ag_var *x, real p); /* x^p; p = -1 divides; NaN where it is no real */

ag_var *ag_relu(ag_tape *t, ag_var *x);        /* max(x, 0); y' = 0 at 0 */
ag_var *ag_gelu(ag_tape *t, ag_var *x);        /* x Phi(x), exact (Hendrycks and Gimpel 2016) */
ag_var *ag_gelu_tanh(ag_tape *t, ag_var *x);   /* GPT-2's approximation of it by tanh */
ag_var *ag_silu(ag_tape *t, ag_var *x);        /* x sigmoid(x) */
ag_var *ag_sigmoid(ag_tape *t, ag_var *x);     /* 1 / (1 + exp(-x)) */
ag_var *ag_log_sigmoid(ag_tape *t, ag_var *x); /* log sigmoid(x), without overflow */
ag_var *ag_tanh(ag_tape *t, ag_var *x);

/* (..., M, K) by (..., K, N) with equal leading dimensions, or by one matrix (K, N): (..., M, N).
 */
ag_var *ag_matmul(ag_tape *t, ag_var *a, ag_var *b);

/* What ag_linear applies to its result. */
typedef enum ag_activation { AG_IDENTITY, AG_GELU, AG_GELU_TANH } ag_activation;

/* act(x w + b): x (..., I), w (I, O) as in GPT-2's files, b (O) or NULL: (..., O). */
ag_var *ag_linear(ag_tape *t, ag_var *x, ag_var *w, ag_var *b, ag_activation act);

/* Rows of w (V, C): ids (B, T), each in [0, V), borrowed until reset: (B, T, C). dw is row-sparse.
 */
ag_var *ag_embedding(ag_tape *t, ag_var *w, const int32_t *ids, int64_t B, int64_t T);

/* Means of rows of w (V, C): row i of the result (n, C) is the mean of rows ids[begin[i]] ..
 * ids[begin[i + 1] - 1], at least one; both borrowed until reset. dw is row-sparse. With full_error
 * each row gets the whole of dy instead of its share: fastText's rule. */
ag_var *ag_embedding_bag(ag_tape *t, ag_var *w, const int32_t *begin, const int32_t *ids, int64_t n,
                         bool full_error);

/* How often words i and j stand near each other; in a file of them, a record as GloVe's. */
typedef struct ag_cooccurrence {
    int32_t i, j;
    double x;
} ag_cooccurrence;

typedef struct ag_cooccurrences {
    const ag_cooccurrence *records; /* n, each i and j in [0, V), x > 0; they may repeat */
    int64_t n;
    double x_max, alpha;
} ag_cooccurrences;

/* Sum over the records of 1/2 f(x) (w_i . w_context_j + b_i + b_context_j - log x)^2 with
 * f(x) = min(1, (x / x_max)^alpha) (Pennington et al. 2014): w and w_context (V, C), b and
 * b_context (V, 1): (1). All four gradients are row-sparse. */
ag_var *ag_glove(ag_tape *t, ag_var *w, ag_var *w_context, ag_var *b, ag_var *b_context,
                 const ag_cooccurrences *batch);

/* (x - mean) / sqrt(var + 1e-5) * weight + bias over the last dimension (Ba et al. 2016); bias may
 * be NULL. */
ag_var *ag_layer_norm(ag_tape *t, ag_var *x, ag_var *weight, ag_var *bias);
/* x / sqrt(mean(x^2) + 1e-5) * weight over the last dimension (Zhang and Sennrich 2019). */
ag_var *ag_rms_norm(ag_tape *t, ag_var *x, ag_var *weight);

/* exp(x) / sum exp(x) over the last dimension. */
ag_var *ag_softmax(ag_tape *t, ag_var *x);

/* Causal multi-head attention, softmax(q k^T / sqrt(HS)) v per head: q (B, T, C), k and v (B, S, C)
 * with S >= T: the queries are the last T of S positions; head h is columns [h HS, (h+1) HS).
 * Probabilities are dropped with probability p. No T x T matrix of all heads is ever kept: row
 * blocks forward, log-sum-exp saved, recomputed backward (Dao et al. 2022). Gives (B, T, C). */
ag_var *ag_attention(ag_tape *t, ag_var *q, ag_var *k, ag_var *v, int n_head, real p);

/* Rotary positions (Su et al. 2021): in each head of x (B, T, C), pairs (i, i + HS/2) are turned by
 * the angle (first + t) 10000^(-2i/HS). */
ag_var *ag_rope(ag_tape *t, ag_var *x, int n_head, int64_t first);

enum { AG_IGNORE = -1 }; /* a target that does not count */

/* Mean of -log softmax(logits)[target] over the rows whose target is not AG_IGNORE:
 * logits (..., V), targets one per row, borrowed until reset: (1). 0 when no row counts. */
ag_var *ag_cross_entropy(ag_tape *t, ag_var *logits, const int32_t *targets);
/* The same for logits = x w^T, x (..., C), w (V, C), in blocks: the logits of all rows are never
 * kept, and computed again in backward. */
ag_var *ag_linear_cross_entropy(ag_tape *t, ag_var *x, ag_var *w, const int32_t *targets);
/* The loss of each row of either (0 where ignored), in order. Lives in tape. */
const real *ag_row_losses(const ag_var *loss);

/* Losses of word vectors, summed over all windows: (1). hidden (..., C) holds the vectors of a
 * stretch of text, a position a row; w (V, C) those of the outputs; dw is row-sparse. C is a
 * multiple of 64 bytes. Mikolov et al. 2013, "Distributed representations of words and phrases".
 *
 * Negative sampling: for each input h, -log sigma(h . w_right) - sum of log sigma(-h . w_wrong). */
ag_var *ag_sgns(ag_tape *t, ag_var *hidden, ag_var *w, const ag_windows *windows);
/* The same for the mean of the inputs, once a window; full_error: see AG_INPUTS_MEAN_FULL. */
ag_var *ag_cbow(ag_tape *t, ag_var *hidden, ag_var *w, const ag_windows *windows, bool full_error);
/* Hierarchical softmax: -log sigma(+-h . w_node), + where the path of the right word says `right`,
 * summed over its inner nodes, rows of w. */
ag_var *ag_hs(ag_tape *t, ag_var *hidden, ag_var *w, const ag_windows *windows,
              const ag_paths *paths, ag_inputs inputs);
/* The value of any of the three in double. */
double ag_windows_loss(const ag_var *loss);

/* Zeroes with probability p and scales the rest by 1 / (1 - p); the identity when p = 0 or in mode
 * AG_NO_GRAD. */
ag_var *ag_dropout(ag_tape *t, ag_var *x, real p);

/* Views: no numbers move. */
ag_var *ag_reshape(ag_tape *t, ag_var *x, int n_dim, const int64_t *shape);
ag_var *ag_permute(ag_tape *t, ag_var *x, const int *order);
ag_var *ag_slice(ag_tape *t, ag_var *x, int dim, int64_t start, int64_t length);

/* Joins n variables along a dimension. */
ag_var *ag_concat(ag_tape *t, ag_var *const *x, int n, int dim);

ag_var *ag_sum(ag_tape *t, ag_var *x);  /* all elements: (1) */
ag_var *ag_mean(ag_tape *t, ag_var *x); /* all elements: (1) */

#endif
