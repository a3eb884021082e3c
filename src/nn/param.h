/* The parameters of a model: named variables over two flat arrays, values and gradients, so that an
 * optimizer is one loop and a checkpoint one list. */
#ifndef NN_PARAM_H
#define NN_PARAM_H

#include "autograd/ag.h"

enum { NN_NAME_SIZE = 64 };

typedef struct nn_param {
    ag_var var; /* var.name is `name` */
    char name[NN_NAME_SIZE];
    double init_mean, init_std; /* N(mean, std^2), or where low < high ... */
    double init_low, init_high; /* ... U[low, high) */
    int64_t columns;            /* of a matrix whose rows are padded: how many count; 0 = all */
    double lr_scale;            /* its learning rate as a multiple of the others'; 1 */
    int64_t offset;             /* of its numbers in the flat arrays */
} nn_param;

typedef struct nn_params {
    nn_param **list; /* in the order of registration */
    int n, capacity;
    int64_t numel;      /* length of the flat arrays; parameters begin at multiples of 64 bytes, the
                           gaps between them stay zero */
    real *value, *grad; /* flat; grad is NULL for a model that only runs */
} nn_params;

/* Registers a parameter; its memory comes with nn_params_allocate. Borrows from ps. */
ag_var *nn_param_new(nn_params *ps, int n_dim, const int64_t *shape, double init_mean,
                     double init_std, const char *name_fmt, ...)
    __attribute__((format(printf, 6, 7)));

/* The same, to be drawn from U[low, high). */
ag_var *nn_param_new_uniform(nn_params *ps, int n_dim, const int64_t *shape, double low,
                             double high, const char *name_fmt, ...)
    __attribute__((format(printf, 6, 7)));

/* n numbers and as many more as bring the next ones to a multiple of 64 bytes. */
int64_t nn_aligned(int64_t n);

/* Lays out the flat arrays, gradients too if with_grad. After the last registration, once. */
void nn_params_allocate(nn_params *ps, bool with_grad);
/* Stores every matrix but `except` as bf16 from here on, which halves what a model that only runs
 * takes and reads. The flat array ends: nothing can be saved, loaded or trained afterwards. */
void nn_params_store_bf16(nn_params *ps, const ag_var *except);
/* Draws every parameter anew. Each has numbers of its own, whatever others there are. */
void nn_params_init(nn_params *ps, rng_key key);
void nn_params_clear_grads(nn_params *ps);
void nn_params_free(nn_params *ps);

/* The parameter that a variable of nn_param_new belongs to. */
nn_param *nn_param_of(ag_var *v);

/* Elements of all parameters, without gaps and padding. */
int64_t nn_params_count(const nn_params *ps);
/* The parameter of that name, or NULL. Borrows from ps. */
nn_param *nn_params_find(const nn_params *ps, const char *name);

#endif
