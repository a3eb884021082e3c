#include "train/optim.h"

#include "base/mem.h"

#include <math.h>
#include <stdlib.h>

enum { CHUNK = 1 << 16 };

static void add_chunks(optim *o, const nn_param *p) {
    int64_t end = p->offset + tensor_numel(&p->var.value);
    double decay = p->var.value.n_dim == 2 ? o->settings.weight_decay : 0;
    for (int64_t begin = p->offset; begin < end; begin += CHUNK)
        o->chunks[o->n_chunks++] =
            (optim_chunk){begin, end - begin < CHUNK ? end : begin + CHUNK, decay, &p->var};
}

/* Whether an element with a zero gradient stays as it is. */
static bool leaves_zeros(const optim_settings *s) {
    return s->type == OPTIM_ADAGRAD ||
           (s->type == OPTIM_SGD && s->momentum == 0 && s->weight_decay == 0);
}

int optim_moments(const optim_settings *s) {
    return s->type == OPTIM_ADAMW ? 2 : s->type == OPTIM_SGD && s->momentum == 0 ? 0 : 1;
}

optim *optim_new(const optim_settings *settings, nn_params *params) {
    optim *o = mem_new(1, sizeof *o);
    o->settings = *settings;
    o->params = params;
    size_t bytes = (size_t)params->numel * sizeof(real);
    bool has_momentum = settings->type == OPTIM_SGD && settings->momentum != 0;
    if (settings->type == OPTIM_ADAMW || has_momentum) o->exp_avg = mem_new_aligned(bytes);
    if (settings->type != OPTIM_SGD) o->exp_avg_sq = mem_new_aligned(bytes);
    if (settings->type == OPTIM_ADAGRAD)
        for (int64_t i = 0; i < params->numel; i++) o->exp_avg_sq[i] = 1;
    o->chunks = mem_new((size_t)(params->numel / CHUNK + params->n + 1), sizeof *o->chunks);
    for (int i = 0; i < params->n; i++) add_chunks(o, params->list[i]);
    return o;
}

void optim_free(optim *o) {
    if (!o) return;
    free(o->exp_avg);
    free(o->exp_avg_sq);
    free(o->chunks);
    free(o);
}

/* The gaps between parameters hold zeros: one sum over the flat array. */
double optim_grad_norm(const nn_params *params) {
    for (int i = 0; i < params->n; i++) ag_grad_densify(&params->list[i]->var);
    return sqrt(tensor_sum_squares(params->grad, params->numel));
}

static void adamw_chunk(const optim *o, const optim_chunk *c, double lr, double grad_scale) {
    const optim_settings *s = &o->settings;
    real *restrict p = o->params->value, *restrict m = o->exp_avg, *restrict v = o->exp_avg_sq;
    const real *restrict g = o->params->grad;
    real b1 = (real)s->beta1, b2 = (real)s->beta2, scale = (real)grad_scale, eps = (real)s->eps;
    real keep = (real)(1 - lr * c->decay);
    real rate = (real)(lr / (1 - pow(s->beta1, (double)o->step)));
    real correct = (real)(1 / sqrt(1 - pow(s->beta2, (double)o->step)));
    for (int64_t i = c->begin; i < c->end; i++) {
        real gi = scale * g[i];
        m[i] = b1 * m[i] + (1 - b1) * gi;
        v[i] = b2 * v[i] + (1 - b2) * gi * gi;
        p[i] = keep * p[i] - rate * m[i] / ((real)sqrt(v[i]) * correct + eps);
    }
}

static void momentum_chunk(const optim *o, const optim_chunk *c, double lr, double grad_scale) {
    real *restrict p = o->params->value, *restrict m = o->exp_avg;
    const real *restrict g = o->params->grad;
    real momentum = (real)o->settings.momentum, scale = (real)grad_scale;
    real keep = (real)(1 - lr * c->decay), rate = (real)lr;
    for (int64_t i = c->begin; i < c->end; i++) {
        m[i] = momentum * m[i] + scale * g[i];
        p[i] = keep * p[i] - rate * m[i];
    }
}

static void sgd_chunk(const optim *o, const optim_chunk *c, double lr, double grad_scale) {
    real *restrict p = o->params->value;
    const real *restrict g = o->params->grad;
    real scale = (real)grad_scale, keep = (real)(1 - lr * c->decay), rate = (real)lr;
    for (int64_t i = c->begin; i < c->end; i++) p[i] = keep * p[i] - rate * (scale * g[i]);
}

static void adagrad_chunk(const optim *o, const optim_chunk *c, double lr, double grad_scale) {
    real *restrict p = o->params->value, *restrict sum = o->exp_avg_sq;
    const real *restrict g = o->params->grad;
    real rate = (real)(lr * grad_scale);
    for (int64_t i = c->begin; i < c->end; i++) {
        real step = rate * g[i];
        p[i] -= step / (real)sqrt(sum[i]);
        sum[i] += step * step;
    }
}

static void update_chunk(const optim *o, const optim_chunk *c, double lr, double grad_scale) {
    double lr_scale = nn_param_of((ag_var *)c->var)->lr_scale;
    if (lr_scale == 0) return;
    lr *= lr_scale;
    if (o->settings.type == OPTIM_ADAMW)
        adamw_chunk(o, c, lr, grad_scale);
    else if (o->settings.type == OPTIM_ADAGRAD)
        adagrad_chunk(o, c, lr, grad_scale);
    else if (o->exp_avg)
        momentum_chunk(o, c, lr, grad_scale);
    else
        sgd_chunk(o, c, lr, grad_scale);
}

static void update_rows(const optim *o, const nn_param *p, double lr, double grad_scale) {
    const ag_row_set *rows = &p->var.rows;
    int64_t width = p->var.value.shape[1];
#pragma omp parallel for schedule(static) if (rows->n * width > 8192)
    for (int64_t i = 0; i < rows->n; i++) {
        int64_t begin = p->offset + rows->rows[i] * width;
        update_chunk(o, &(optim_chunk){begin, begin + width, 0, &p->var}, lr, grad_scale);
    }
}

void optim_update(optim *o, double lr, double grad_scale) {
    o->step++;
    bool any_dense = false;
    for (int i = 0; i < o->params->n; i++) {
        nn_param *p = o->params->list[i];
        if (!leaves_zeros(&o->settings))
            ag_grad_densify(&p->var);
        else if (p->var.grad_state == AG_GRAD_ROWS)
            update_rows(o, p, lr, grad_scale);
        any_dense |= p->var.grad_state == AG_GRAD_DENSE;
    }
#pragma omp parallel for schedule(static) if (any_dense)
    for (int64_t i = 0; i < o->n_chunks; i++)
        if (o->chunks[i].var->grad_state == AG_GRAD_DENSE)
            update_chunk(o, &o->chunks[i], lr, grad_scale);
}

double optim_update_bytes(const optim *o) {
    /* The gradient is read; values and what is kept are read and written. */
    int passes = 3 + (o->exp_avg ? 2 : 0) + (o->exp_avg_sq ? 2 : 0);
    return (double)passes * (double)o->params->numel * sizeof(real);
}
