#include "autograd/op.h"
#include "autograd/profile.h"
#include "autograd/tape_memory.h"
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
    tensor_type activations;
    ag_profile *profile; /* borrowed, or NULL */
    bool walked;         /* backward was here since the last reset */
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

void ag_tape_reset_to(ag_tape *t, ag_mode mode) {
    ag_tape_reset(t);
    t->mode = mode;
}

ag_mode ag_tape_mode(const ag_tape *t) {
    return t->mode;
}

void ag_tape_set_key(ag_tape *t, rng_key key) {
    t->key = key;
}

void ag_tape_set_activations(ag_tape *t, tensor_type type) {
    t->activations = type;
}

tensor_type ag_tape_activations(const ag_tape *t) {
    return t->activations;
}

void ag_tape_set_profile(ag_tape *t, ag_profile *p) {
    t->profile = p;
}

rng_key ag_next_key(const ag_tape *t) {
    return rng_split(t->key, (uint64_t)t->n_vars);
}

size_t ag_tape_bytes(const ag_tape *t) {
    return arena_touched(&t->memory) + arena_touched(&t->scratch);
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

static free_list *list_of(ag_tape *t, size_t bytes) {
    for (int i = 0; i < t->n_sizes; i++)
        if (t->sizes[i].bytes == bytes) return &t->sizes[i];
    return NULL;
}

real *tape_take(ag_tape *t, size_t bytes) {
    free_list *list = list_of(t, bytes);
    if (!list || !list->head) return arena_alloc(&t->memory, bytes);
    void *buffer = list->head;
    memcpy(&list->head, buffer, sizeof list->head);
    return buffer;
}

void tape_release(ag_tape *t, real *buffer, size_t bytes) {
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
        if (in[i] && in[i]->op) in[i]->n_uses++;
        y->needs_grad |= in[i] && in[i]->needs_grad && t->mode != AG_NO_GRAD;
    }
}

static ag_var *new_of_type(ag_tape *t, const ag_op *op, tensor_type type, int n_dim,
                           const int64_t *shape, int n_in, ag_var *const *in) {
    tensor value = tensor_of(NULL, n_dim, shape);
    value.type = type;
    value.data = tape_take(t, tensor_bytes(&value));
    ag_var *y = append(t, value);
    set_inputs(t, y, op, n_in, in);
    ag_profile_op(t->profile, y, false);
    return y;
}

ag_var *ag_new(ag_tape *t, const ag_op *op, int n_dim, const int64_t *shape, int n_in,
               ag_var *const *in) {
    return new_of_type(t, op, TENSOR_REAL, n_dim, shape, n_in, in);
}

ag_var *ag_new_activation(ag_tape *t, const ag_op *op, int n_dim, const int64_t *shape, int n_in,
                          ag_var *const *in) {
    return new_of_type(t, op, t->activations, n_dim, shape, n_in, in);
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

ag_var *ag_new_like(ag_tape *t, const ag_op *op, const ag_var *x, int n_in, ag_var *const *in) {
    return new_of_type(t, op, x->value.type, x->value.n_dim, x->value.shape, n_in, in);
}

/* After its backward nobody reads y again: earlier variables never saw it. */
static void release_var(ag_tape *t, ag_var *y) {
    if (!y->op || y->root != y) return;
    if (y->grad.data) tape_release(t, y->grad.data, tensor_bytes(&y->grad));
    y->grad.data = NULL;
    tape_release(t, y->value.data, tensor_bytes(&y->value));
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
        if (v->op && v->op->backward && v->grad.data && v->needs_grad) {
            ag_profile_op(t->profile, v, true);
            v->op->backward(t, v);
        }
        if (t->mode == AG_RELEASE) release_var(t, v);
    }
    ag_profile_pause(t->profile);
}

static bool has_nonfinite(const tensor *x) {
    return tensor_is_contiguous(x) && !tensor_is_finite(x);
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
