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
            (optim_chunk){begin, end - begin < CHUNK ? end : begin + CHUNK, decay};
}

optim *optim_new(const optim_settings *settings, nn_params *params) {
    optim *o = mem_new(1, sizeof *o);
    o->settings = *settings;
    o->params = params;
    o->exp_avg = mem_new_aligned((size_t)params->numel * sizeof(real));
    if (settings->type == OPTIM_ADAMW)
        o->exp_avg_sq = mem_new_aligned((size_t)params->numel * sizeof(real));
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

double optim_grad_norm(const nn_params *params) {
    double sum = 0;
    for (int i = 0; i < params->n; i++) {
        ag_var *v = &params->list[i]->var;
        if (v->grad_state == AG_GRAD_EMPTY) continue;
        ag_grad_densify(v);
        sum += tensor_sum_squares(v->grad.data, tensor_numel(&v->grad));
    }
    return sqrt(sum);
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

static void sgd_chunk(const optim *o, const optim_chunk *c, double lr, double grad_scale) {
    real *restrict p = o->params->value, *restrict m = o->exp_avg;
    const real *restrict g = o->params->grad;
    real momentum = (real)o->settings.momentum, scale = (real)grad_scale;
    real keep = (real)(1 - lr * c->decay), rate = (real)lr;
    for (int64_t i = c->begin; i < c->end; i++) {
        m[i] = momentum * m[i] + scale * g[i];
        p[i] = keep * p[i] - rate * m[i];
    }
}

void optim_update(optim *o, double lr, double grad_scale) {
    for (int i = 0; i < o->params->n; i++) ag_grad_densify(&o->params->list[i]->var);
    o->step++;
#pragma omp parallel for schedule(static)
    for (int64_t i = 0; i < o->n_chunks; i++) {
        if (o->settings.type == OPTIM_ADAMW)
            adamw_chunk(o, &o->chunks[i], lr, grad_scale);
        else
            sgd_chunk(o, &o->chunks[i], lr, grad_scale);
    }
}
