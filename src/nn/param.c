#include "nn/param.h"

#include "base/check.h"
#include "base/hash.h"
#include "base/mem.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int64_t nn_aligned(int64_t n) {
    enum { ALIGNED = 64 / sizeof(real) };
    return (n + ALIGNED - 1) / ALIGNED * ALIGNED;
}

/* Appends a parameter that begins as zeros. */
static nn_param *append(nn_params *ps, int n_dim, const int64_t *shape, const char *name_fmt,
                        va_list args) {
    CHECK(!ps->value, "a parameter registered after the memory was laid out");
    if (ps->n == ps->capacity) {
        ps->capacity = ps->capacity ? 2 * ps->capacity : 64;
        ps->list = mem_resize(ps->list, (size_t)ps->capacity, sizeof *ps->list);
    }
    nn_param *p = ps->list[ps->n++] = mem_new(1, sizeof *p);
    int length = vsnprintf(p->name, sizeof p->name, name_fmt, args);
    CHECK(length > 0 && length < NN_NAME_SIZE, "parameter name %s is too long", p->name);
    p->var.value = tensor_of(NULL, n_dim, shape);
    p->offset = ps->numel;
    p->lr_scale = 1;
    ps->numel += nn_aligned(tensor_numel(&p->var.value));
    return p;
}

ag_var *nn_param_new(nn_params *ps, int n_dim, const int64_t *shape, double init_mean,
                     double init_std, const char *name_fmt, ...) {
    va_list args;
    va_start(args, name_fmt);
    nn_param *p = append(ps, n_dim, shape, name_fmt, args);
    va_end(args);
    p->init_mean = init_mean;
    p->init_std = init_std;
    return &p->var;
}

ag_var *nn_param_new_uniform(nn_params *ps, int n_dim, const int64_t *shape, double low,
                             double high, const char *name_fmt, ...) {
    CHECK(low < high, "U[%g, %g) is empty", low, high);
    va_list args;
    va_start(args, name_fmt);
    nn_param *p = append(ps, n_dim, shape, name_fmt, args);
    va_end(args);
    p->init_low = low;
    p->init_high = high;
    return &p->var;
}

void nn_params_allocate(nn_params *ps, bool with_grad) {
    size_t bytes = (size_t)ps->numel * sizeof(real);
    ps->value = mem_new_aligned(bytes);
    ps->grad = with_grad ? mem_new_aligned(bytes) : NULL;
    for (int i = 0; i < ps->n; i++) {
        nn_param *p = ps->list[i];
        tensor value = p->var.value, grad = value;
        value.data = ps->value + p->offset;
        grad.data = with_grad ? ps->grad + p->offset : NULL;
        ag_param_init(&p->var, value, grad, p->name);
        p->var.needs_grad = with_grad;
    }
}

/* Moves the numbers of a parameter to `memory`, as they are or as bf16; returns how many bytes they
 * take there, up to where the next may begin. */
static size_t move(ag_var *v, bool as_bf16, void *memory) {
    enum { ALIGNED = 64, PIECE = 1 << 16 };
    tensor to = v->value;
    if (as_bf16) to.type = TENSOR_BF16;
    size_t bytes = (tensor_bytes(&to) + ALIGNED - 1) / ALIGNED * ALIGNED;
    if (!memory) return bytes;
    to.data = memory;
    int64_t n = tensor_numel(&to);
    if (as_bf16) {
#pragma omp parallel for schedule(static)
        for (int64_t i = 0; i < n; i += PIECE)
            bf16_row_of(n - i < PIECE ? n - i : PIECE, to.data16 + i, v->value.data + i);
    } else {
        memcpy(to.data, v->value.data, tensor_bytes(&to));
    }
    v->value = to;
    return bytes;
}

void nn_params_store_bf16(nn_params *ps, const ag_var *except) {
    CHECK(ps->value && !ps->grad, "parameters to train stored as %s", "bf16");
    size_t bytes = 0;
    char *memory = NULL;
    for (int pass = 0; pass < 2; pass++) {
        if (pass) memory = mem_new_aligned(bytes);
        bytes = 0;
        for (int i = 0; i < ps->n; i++) {
            ag_var *v = &ps->list[i]->var;
            bytes += move(v, v->value.n_dim == 2 && v != except, memory ? memory + bytes : NULL);
        }
    }
    free(ps->value);
    ps->value = (void *)memory;
    ps->numel = 0;
}

/* Which random numbers a parameter gets depends on its name alone. */
static void draw(nn_param *p, rng_key key) {
    int64_t n = tensor_numel(&p->var.value);
    real *x = p->var.value.data;
    key = rng_split(key, hash_bytes(HASH_START, p->name, strlen(p->name)));
    if (p->init_low < p->init_high) {
        rng_fill_uniform(key, x, n, p->init_low, p->init_high);
    } else {
        rng_fill_normal(key, x, n, p->init_std);
        for (int64_t k = 0; k < n && p->init_mean != 0; k++) x[k] += (real)p->init_mean;
    }
}

void nn_params_init(nn_params *ps, rng_key key) {
    for (int i = 0; i < ps->n; i++) draw(ps->list[i], key);
}

void nn_params_clear_grads(nn_params *ps) {
    for (int i = 0; i < ps->n; i++) ag_grad_clear(&ps->list[i]->var);
}

void nn_params_free(nn_params *ps) {
    for (int i = 0; i < ps->n; i++) {
        ag_param_free(&ps->list[i]->var);
        free(ps->list[i]);
    }
    free(ps->list);
    free(ps->value);
    free(ps->grad);
    *ps = (nn_params){0};
}

int64_t nn_params_count(const nn_params *ps) {
    int64_t count = 0;
    for (int i = 0; i < ps->n; i++) {
        const nn_param *p = ps->list[i];
        int64_t numel = tensor_numel(&p->var.value);
        count += p->columns ? numel / p->var.value.shape[1] * p->columns : numel;
    }
    return count;
}

nn_param *nn_param_of(ag_var *v) {
    return (nn_param *)v;
}

nn_param *nn_params_find(const nn_params *ps, const char *name) {
    for (int i = 0; i < ps->n; i++)
        if (strcmp(ps->list[i]->name, name) == 0) return ps->list[i];
    return NULL;
}
