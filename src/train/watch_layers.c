#include "train/watch_layers.h"

#include "base/mem.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Length of the layer's part of a parameter's name: "h.3" of "h.3.attn.c_attn.weight". */
static size_t layer_length(const char *name) {
    size_t n = strcspn(name, ".");
    if (name[n] == '.' && isdigit((unsigned char)name[n + 1])) n += 1 + strcspn(name + n + 1, ".");
    return n;
}

/* The layer of that name, added where it is new. */
static int layer_named(watch_layers *l, const char *name, size_t length) {
    int i = 0;
    while (i < l->n &&
           (strlen(l->list[i].name) != length || memcmp(l->list[i].name, name, length) != 0))
        i++;
    if (i == l->n) memcpy(l->list[l->n++].name, name, length);
    return i;
}

watch_layers watch_layers_new(const nn_params *params, bool steps) {
    watch_layers l = {.params = params};
    l.list = mem_new((size_t)params->n, sizeof *l.list);
    l.layer_of = mem_new((size_t)params->n, sizeof *l.layer_of);
    for (int i = 0; i < params->n; i++) {
        const char *name = params->list[i]->name;
        l.layer_of[i] = layer_named(&l, name, layer_length(name));
    }
    if (steps) l.before = mem_new_aligned((size_t)params->numel * sizeof *l.before);
    for (int i = 0; i < l.n; i++) l.list[i].update = l.list[i].grad = NAN;
    return l;
}

void watch_layers_free(watch_layers *l) {
    free(l->list);
    free(l->layer_of);
    free(l->before);
    *l = (watch_layers){0};
}

typedef double squares_of(const watch_layers *l, const nn_param *p);

static double squares_of_values(const watch_layers *l, const nn_param *p) {
    (void)l;
    return tensor_sum_squares(p->var.value.data, tensor_numel(&p->var.value));
}

static double squares_of_gradient(const watch_layers *l, const nn_param *p) {
    (void)l;
    return tensor_sum_squares(p->var.grad.data, tensor_numel(&p->var.grad));
}

static double squares_of_update(const watch_layers *l, const nn_param *p) {
    return tensor_sum_squared_difference(p->var.value.data, l->before + p->offset,
                                         tensor_numel(&p->var.value));
}

/* Of a layer: the root of the sum over its parameters. */
static double norm_of(const watch_layers *l, int layer, squares_of *squares) {
    double sum = 0;
    for (int i = 0; i < l->params->n; i++)
        if (l->layer_of[i] == layer) sum += squares(l, l->params->list[i]);
    return sqrt(sum);
}

void watch_layers_before_update(watch_layers *l) {
    tensor to = tensor_1d(l->before, l->params->numel),
           from = tensor_1d(l->params->value, l->params->numel);
    tensor_copy(&to, &from);
    for (int i = 0; i < l->n; i++) l->list[i].grad = norm_of(l, i, squares_of_gradient);
}

void watch_layers_after_update(watch_layers *l) {
    watch_layers_measure(l);
    for (int i = 0; i < l->n; i++)
        l->list[i].update = norm_of(l, i, squares_of_update) / l->list[i].norm;
}

void watch_layers_measure(watch_layers *l) {
    for (int i = 0; i < l->n; i++) l->list[i].norm = norm_of(l, i, squares_of_values);
}
