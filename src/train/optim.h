/* Optimizers: one pass over the flat parameter arrays, all threads. */
#ifndef TRAIN_OPTIM_H
#define TRAIN_OPTIM_H

#include "nn/param.h"
#include "train/schedule.h"

typedef enum optim_type { OPTIM_ADAMW, OPTIM_SGD, OPTIM_ADAGRAD } optim_type;
#define OPTIM_TYPE_NAMES "adamw|sgd|adagrad" /* in the order of the enum */

typedef struct optim_settings {
    optim_type type;
    double weight_decay; /* AdamW and SGD: of parameters with two dimensions only, decoupled from
                            the gradient */
    double beta1, beta2, eps; /* AdamW (Loshchilov and Hutter 2019) */
    double momentum;          /* SGD */
} optim_settings;

/* A stretch of the flat arrays that one thread updates at a time. */
typedef struct optim_chunk {
    int64_t begin, end;
    double decay;
    const ag_var *var; /* the parameter that it is part of */
} optim_chunk;

typedef struct optim {
    optim_settings settings;
    nn_params *params; /* borrowed */
    int64_t step;      /* updates done */
    /* Flat, laid out as the parameters; NULL where there is nothing to keep. SGD keeps its
     * momentum, unless it is 0, in exp_avg; AdaGrad its sum of squares in exp_avg_sq. */
    real *exp_avg, *exp_avg_sq;
    optim_chunk *chunks;
    int64_t n_chunks;
} optim;

/* Returns new (free with optim_free). */
optim *optim_new(const optim_settings *settings, nn_params *params);
void optim_free(optim *o);
/* Numbers that an optimizer keeps for each parameter. */
int optim_moments(const optim_settings *settings);

/* The norm of all gradients together. */
double optim_grad_norm(const nn_params *params);

/* One update with every gradient g taken as grad_scale * g:
 *   adamw  m = b1 m + (1 - b1) g,  v = b2 v + (1 - b2) g^2,
 *          p = p - lr (decay p + (m / (1 - b1^t)) / (sqrt(v / (1 - b2^t)) + eps))
 *   sgd    m = momentum m + g,  p = p - lr (decay p + m)
 *   adagrad  p = p - lr g / sqrt(G),  then G = G + (lr g)^2, from G = 1 (Duchi et al. 2011, as in
 *          glove.c of Pennington et al.: the rate is inside the square)
 * lr is scaled by the parameter's lr_scale; one with 0 stays, decay too.
 * Of a gradient that holds a few rows, AdaGrad, and SGD without momentum and decay, touch those
 * rows only; the others would stay as they are. Gradients are left as they are, or made dense. */
void optim_update(optim *o, double lr, double grad_scale);

/* Bytes that an update of all parameters reads and writes at least. */
double optim_update_bytes(const optim *o);

#endif
