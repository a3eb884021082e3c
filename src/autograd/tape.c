#include "autograd/op.h"
#include "base/arena.h"
#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

/* Scalars are never reused, so a loss can be read after backward. */
enum { MAX_SIZES = 256, SMALLEST_RELEASED = 64 };

/* Released buffers of one size, linked through their own first bytes. */
typedef struct free_list {
    size_t bytes;
    void *head;
} free_list;

struct ag_tape {
    ag_mode mode;
    arena memory, scratch;
    ag_var **vars;
    int n_vars, capacity;
    free_list sizes[MAX_SIZES];
    int n_sizes;
    rng_key key;
    bool walked; /* backward was here since the last reset */
};

ag_tape *ag_tape_new(ag_mode mode) {
    ag_tape *t = mem_new(1, sizeof *t);
    t->mode = mode;
    return t;
}

void ag_tape_free(ag_tape *t) {
    if (!t) return;
    arena_free(&t->memory);
    arena_free(&t->scratch);
    free(t->vars);
    free(t);
}

void ag_tape_reset(ag_tape *t) {
    arena_reset(&t->memory);
    arena_reset(&t->scratch);
    t->n_vars = 0;
    t->n_sizes = 0;
    t->walked = false;
}

ag_mode ag_tape_mode(const ag_tape *t) {
    return t->mode;
}

void ag_tape_set_key(ag_tape *t, rng_key key) {
    t->key = key;
}

rng_key ag_next_key(const ag_tape *t) {
    return rng_split(t->key, (uint64_t)t->n_vars);
}

size_t ag_tape_bytes(const ag_tape *t) {
    return arena_capacity(&t->memory) + arena_capacity(&t->scratch);
}

ag_var *const *ag_tape_vars(const ag_tape *t, int *n) {
    *n = t->n_vars;
    return t->vars;
}

void *ag_tape_alloc(ag_tape *t, size_t bytes) {
    return arena_alloc(&t->memory, bytes);
}
void *ag_scratch(ag_tape *t, size_t bytes) {
    return arena_alloc(&t->scratch, bytes);
}
void ag_scratch_end(ag_tape *t) {
    arena_reset(&t->scratch);
}

static size_t bytes_of(const tensor *x) {
    return (size_t)tensor_numel(x) * sizeof(real);
}

static free_list *list_of(ag_tape *t, size_t bytes) {
    for (int i = 0; i < t->n_sizes; i++)
        if (t->sizes[i].bytes == bytes) return &t->sizes[i];
    return NULL;
}

/* Memory for a value or gradient: a released one of that size, else new. */
static real *take_buffer(ag_tape *t, size_t bytes) {
    free_list *list = list_of(t, bytes);
    if (!list || !list->head) return arena_alloc(&t->memory, bytes);
    void *buffer = list->head;
    memcpy(&list->head, buffer, sizeof list->head);
    return buffer;
}

static void release_buffer(ag_tape *t, real *buffer, size_t bytes) {
    if (t->mode != AG_RELEASE || bytes < SMALLEST_RELEASED) return;
    free_list *list = list_of(t, bytes);
    if (!list) {
        if (t->n_sizes == MAX_SIZES) return;
        list = &t->sizes[t->n_sizes++];
        *list = (free_list){.bytes = bytes};
    }
    memcpy(buffer, &list->head, sizeof list->head);
    list->head = buffer;
}

static ag_var *append(ag_tape *t, tensor value) {
    if (t->n_vars == t->capacity) {
        t->capacity = t->capacity ? 2 * t->capacity : 256;
        t->vars = mem_resize(t->vars, (size_t)t->capacity, sizeof *t->vars);
    }
    ag_var *v = arena_alloc(&t->memory, sizeof *v);
    *v = (ag_var){.value = value, .grad = value};
    v->grad.data = NULL;
    v->root = v;
    t->vars[t->n_vars++] = v;
    return v;
}

ag_var *ag_input(ag_tape *t, tensor value) {
    return append(t, value);
}

ag_var *ag_leaf(ag_tape *t, tensor value) {
    CHECK(tensor_is_contiguous(&value), "a leaf's numbers must lie without gaps");
    ag_var *v = append(t, value);
    v->needs_grad = t->mode != AG_NO_GRAD;
    return v;
}

static void set_inputs(ag_tape *t, ag_var *y, const ag_op *op, int n_in, ag_var *const *in) {
    y->op = op;
    y->n_in = n_in;
    y->in = arena_alloc(&t->memory, (size_t)n_in * sizeof *in);
    for (int i = 0; i < n_in; i++) {
        y->in[i] = in[i];
        y->needs_grad |= in[i] && in[i]->needs_grad && t->mode != AG_NO_GRAD;
    }
}

ag_var *ag_new(ag_tape *t, const ag_op *op, int n_dim, const int64_t *shape, int n_in,
               ag_var *const *in) {
    tensor value = tensor_of(NULL, n_dim, shape);
    value.data = take_buffer(t, bytes_of(&value));
    ag_var *y = append(t, value);
    set_inputs(t, y, op, n_in, in);
    return y;
}

ag_var *ag_new_broadcast(ag_tape *t, const ag_op *op, ag_var *a, ag_var *b) {
    int n_dim;
    int64_t shape[TENSOR_MAX_DIM];
    char ta[96], tb[96];
    OP_CHECK(*op, tensor_broadcast_shape(&a->value, &b->value, &n_dim, shape), "%s and %s",
             tensor_shape_text(&a->value, ta, sizeof ta),
             tensor_shape_text(&b->value, tb, sizeof tb));
    return ag_new(t, op, n_dim, shape, 2, (ag_var *[]){a, b});
}

ag_var *ag_new_view(ag_tape *t, const ag_op *op, tensor view, ag_var *x) {
    ag_var *y = append(t, view);
    set_inputs(t, y, op, 1, &x);
    y->root = x->root;
    return y;
}

static bool is_view(const ag_var *v) {
    return v->root != v;
}

/* Gives the root variable memory for its gradient. */
static void ensure_grad(ag_tape *t, ag_var *root) {
    if (root->grad.data) return;
    root->grad = tensor_of(NULL, root->value.n_dim, root->value.shape);
    root->grad.data = take_buffer(t, bytes_of(&root->grad));
}

/* The part of its root's gradient that a view stands for. */
static tensor grad_of(const ag_var *x) {
    tensor g = x->value;
    g.data = x->root->grad.data + (x->value.data - x->root->value.data);
    return g;
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
    bool is_parameter = x->needs_grad && !x->op && x->name && x->value.n_dim == 2;
    if (!is_parameter || x->grad_state == AG_GRAD_DENSE) return ag_grad_add(t, x);
    touch_rows(x, rows, n);
    return x->grad;
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
    } else {
        tensor dx = ag_grad_add(t, x);
        if (tensor_same_shape(&x->value, g)) {
            tensor_accumulate(&dx, alpha, g);
        } else {
            CHECK(alpha == 1, "a broadcast gradient is summed unscaled, not by %g", (double)alpha);
            tensor_accumulate_sum(&dx, g);
        }
    }
}

tensor ag_grad_take(ag_tape *t, ag_var *y) {
    tensor g = y->grad;
    if (t->mode == AG_KEEP) {
        g.data = take_buffer(t, bytes_of(&g));
        memcpy(g.data, y->grad.data, bytes_of(&g));
    } else {
        y->grad.data = NULL;
    }
    return g;
}

void ag_grad_give(ag_tape *t, ag_var *x, tensor g) {
    ag_var *root = x->root;
    bool whole = tensor_numel(&x->value) == tensor_numel(&root->value) &&
                 tensor_is_contiguous(&x->value) && tensor_numel(&g) == tensor_numel(&x->value);
    if (x->needs_grad && whole && !root->grad.data) {
        root->grad = tensor_reshape(&g, root->value.n_dim, root->value.shape);
        root->grad_state = AG_GRAD_DENSE;
    } else {
        ag_grad_contribute(t, x, 1, &g);
        release_buffer(t, g.data, bytes_of(&g));
    }
}

/* After its backward nobody reads y again: earlier variables never saw it. */
static void release_var(ag_tape *t, ag_var *y) {
    if (!y->op || is_view(y)) return;
    if (y->grad.data) release_buffer(t, y->grad.data, bytes_of(&y->grad));
    y->grad.data = NULL;
    release_buffer(t, y->value.data, bytes_of(&y->value));
}

void ag_backward(ag_tape *t, ag_var *y, real seed) {
    CHECK(t->mode != AG_NO_GRAD, "backward on a tape that keeps no gradients");
    CHECK(tensor_numel(&y->value) == 1, "backward from %s with %lld elements, not one",
          ag_op_name(y), (long long)tensor_numel(&y->value));
    CHECK(!t->walked, "a second backward on a tape: it would count the first one again");
    if (!y->needs_grad) return;
    t->walked = true;
    tensor one = tensor_1d(&seed, 1);
    tensor dy = ag_grad_add(t, y);
    tensor_accumulate(&dy, 1, &one);
    for (int i = t->n_vars - 1; i >= 0; i--) {
        ag_var *v = t->vars[i];
        if (v->op && v->op->backward && v->grad.data && v->needs_grad) v->op->backward(t, v);
        if (t->mode == AG_RELEASE) release_var(t, v);
    }
}

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

static bool has_nonfinite(const tensor *x) {
    return tensor_is_contiguous(x) && tensor_first_nonfinite(x->data, tensor_numel(x)) >= 0;
}

const ag_var *ag_first_nonfinite(const ag_tape *t) {
    for (int i = 0; i < t->n_vars; i++) {
        const ag_var *v = t->vars[i];
        for (int k = 0; k < v->n_in; k++)
            if (v->in[k] && v->in[k]->name && has_nonfinite(&v->in[k]->value)) return v->in[k];
        if (has_nonfinite(&v->value)) return v;
    }
    return NULL;
}

const char *ag_op_name(const ag_var *v) {
    return v->op ? v->op->name : "leaf";
}
