#include "autograd/op.h"
#include "autograd/tape_memory.h"
#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

void ag_param_init(ag_var *v, tensor value, tensor grad, const char *name) {
    CHECK(tensor_same_shape(&value, &grad), "%s: value and gradient differ in shape", name);
    *v = (ag_var){.value = value, .grad = grad, .name = name, .needs_grad = true};
    v->root = v;
}

void ag_param_free(ag_var *v) {
    free(v->rows.rows);
    free(v->rows.touched);
    v->rows = (ag_row_set){0};
}

static void forget_rows(ag_var *v) {
    for (int64_t i = 0; i < v->rows.n; i++) v->rows.touched[v->rows.rows[i]] = false;
    v->rows.n = 0;
}

void ag_grad_clear(ag_var *v) {
    forget_rows(v);
    v->grad_state = AG_GRAD_EMPTY;
}

void ag_grad_densify(ag_var *v) {
    if (v->grad_state == AG_GRAD_EMPTY) {
        tensor_fill(&v->grad, 0);
    } else if (v->grad_state == AG_GRAD_ROWS) {
        size_t row_bytes = (size_t)v->value.shape[1] * sizeof(real);
        for (int64_t r = 0; r < v->value.shape[0]; r++)
            if (!v->rows.touched[r]) memset(v->grad.data + r * v->value.shape[1], 0, row_bytes);
        forget_rows(v);
    }
    v->grad_state = AG_GRAD_DENSE;
}

/* Gives the root variable memory for its gradient. */
static void ensure_grad(ag_tape *t, ag_var *root) {
    if (root->grad.data) return;
    root->grad = tensor_of(NULL, root->value.n_dim, root->value.shape);
    root->grad.type = root->value.type;
    root->grad.data = tape_take(t, tensor_bytes(&root->grad));
}

/* The gradient of x: of a view, the part of its root's that it stands for. */
static tensor grad_of(const ag_var *x) {
    tensor g = x->value;
    const tensor *root = &x->root->value;
    int64_t first = g.type == TENSOR_BF16 ? g.data16 - root->data16 : g.data - root->data;
    g.data = x->root->grad.data;
    return tensor_advance(g, first);
}

tensor ag_grad_of(const ag_var *x) {
    const bool is_there = x->root->grad.data && x->root->grad_state != AG_GRAD_EMPTY;
    return is_there ? grad_of(x) : (tensor){0};
}

tensor ag_grad_add(ag_tape *t, ag_var *x) {
    if (!x || !x->needs_grad) return (tensor){0};
    ag_var *root = x->root;
    ensure_grad(t, root);
    if (root->grad_state != AG_GRAD_DENSE) ag_grad_densify(root);
    return grad_of(x);
}

tensor ag_grad_write(ag_tape *t, ag_var *x, real *beta) {
    *beta = 1;
    if (!x || !x->needs_grad) return (tensor){0};
    ensure_grad(t, x->root);
    bool covers_root = tensor_numel(&x->value) == tensor_numel(&x->root->value);
    if (x->root->grad_state == AG_GRAD_EMPTY && covers_root) {
        *beta = 0;
        x->root->grad_state = AG_GRAD_DENSE;
        return grad_of(x);
    }
    return ag_grad_add(t, x);
}

/* Whether the views lie in one variable, behind each other, and leave nothing out. */
static bool are_whole(int n, ag_var *const *x) {
    const tensor *root = &x[0]->root->value;
    int64_t numel = 0, columns = 0;
    for (int i = 0; i < n; i++) {
        const tensor *v = &x[i]->value;
        if (x[i]->root != x[0]->root || tensor_at(root, columns) != (void *)v->data) return false;
        numel += tensor_numel(v);
        columns += v->shape[v->n_dim - 1];
    }
    return numel == tensor_numel(root) && columns == root->shape[root->n_dim - 1];
}

void ag_grad_write_parts(ag_tape *t, int n, ag_var *const *x, tensor *dx, real *beta) {
    ag_var *root = x[0]->root;
    bool are_apart = true;
    for (int i = 0; i < n; i++)
        for (int k = 0; k < i; k++) are_apart &= x[i]->root != x[k]->root;
    bool begins = root->needs_grad && root->grad_state == AG_GRAD_EMPTY && are_whole(n, x);
    if (begins) {
        ensure_grad(t, root);
        root->grad_state = AG_GRAD_DENSE;
    }
    for (int i = 0; i < n; i++) {
        beta[i] = begins ? 0 : 1;
        dx[i] = are_apart ? ag_grad_write(t, x[i], &beta[i]) : ag_grad_add(t, x[i]);
    }
}

static void touch_rows(ag_var *v, const int32_t *rows, int64_t n) {
    int64_t n_rows = v->value.shape[0], width = v->value.shape[1], before = v->rows.n;
    if (!v->rows.touched) {
        v->rows.touched = mem_new((size_t)n_rows, sizeof *v->rows.touched);
        v->rows.rows = mem_new((size_t)n_rows, sizeof *v->rows.rows);
    }
    for (int64_t i = 0; i < n; i++) {
        if (v->rows.touched[rows[i]]) continue;
        v->rows.touched[rows[i]] = true;
        v->rows.rows[v->rows.n++] = rows[i];
    }
#pragma omp parallel for schedule(static) if ((v->rows.n - before) * width > 8192)
    for (int64_t i = before; i < v->rows.n; i++)
        memset(v->grad.data + v->rows.rows[i] * width, 0, (size_t)width * sizeof(real));
    v->grad_state = AG_GRAD_ROWS;
}

tensor ag_grad_add_rows(ag_tape *t, ag_var *x, const int32_t *rows, int64_t n) {
    bool is_parameter = x->needs_grad && !x->op && x->grad.data && x->value.n_dim == 2;
    if (!is_parameter || x->grad_state == AG_GRAD_DENSE) return ag_grad_add(t, x);
    touch_rows(x, rows, n);
    return x->grad;
}

/* dx += g summed over where x was broadcast, in real: bf16 would lose what is small beside the sum
 * so far. */
static void contribute_sum(ag_tape *t, ag_var *x, const tensor *g) {
    tensor dx = ag_grad_add(t, x);
    if (dx.type == TENSOR_REAL) {
        tensor_accumulate_sum(&dx, g);
        return;
    }
    tensor sum = tensor_of(NULL, dx.n_dim, dx.shape);
    sum.data = tape_take(t, tensor_bytes(&sum));
    tensor_fill(&sum, 0);
    tensor_accumulate_sum(&sum, g);
    tensor_accumulate(&dx, 1, &sum);
    tape_release(t, sum.data, tensor_bytes(&sum));
}

void ag_grad_contribute(ag_tape *t, ag_var *x, real alpha, const tensor *g) {
    if (!x->needs_grad) return;
    if (tensor_same_shape(&x->value, g) && alpha == 1) {
        real beta;
        tensor dx = ag_grad_write(t, x, &beta);
        if (beta == 0)
            tensor_copy(&dx, g);
        else
            tensor_accumulate(&dx, 1, g);
    } else if (tensor_same_shape(&x->value, g)) {
        tensor dx = ag_grad_add(t, x);
        tensor_accumulate(&dx, alpha, g);
    } else {
        CHECK(alpha == 1, "a broadcast gradient is summed unscaled, not by %g", (double)alpha);
        contribute_sum(t, x, g);
    }
}

tensor ag_grad_take(ag_tape *t, ag_var *y) {
    tensor g = y->grad;
    if (ag_tape_mode(t) == AG_KEEP) {
        g.data = tape_take(t, tensor_bytes(&g));
        memcpy(g.data, y->grad.data, tensor_bytes(&g));
    } else {
        y->grad.data = NULL;
    }
    return g;
}

void ag_grad_give(ag_tape *t, ag_var *x, tensor g) {
    ag_var *root = x->root;
    bool whole = tensor_numel(&x->value) == tensor_numel(&root->value) &&
                 tensor_is_contiguous(&x->value) && tensor_numel(&g) == tensor_numel(&x->value);
    if (x->needs_grad && whole && g.type == root->value.type && !root->grad.data) {
        root->grad = tensor_reshape(&g, root->value.n_dim, root->value.shape);
        root->grad_state = AG_GRAD_DENSE;
    } else {
        ag_grad_contribute(t, x, 1, &g);
        tape_release(t, g.data, tensor_bytes(&g));
    }
}
