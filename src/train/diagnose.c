#include "train/diagnose.h"

#include "base/file.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* The parameter that v was last computed from, going back through first inputs; NULL if none. */
static const char *nearest_parameter(const ag_var *v) {
    while (v) {
        for (int k = v->n_in - 1; k >= 0; k--)
            if (v->in[k] && v->in[k]->name) return v->in[k]->name;
        v = v->n_in ? v->in[0] : NULL;
    }
    return NULL;
}

static const char *not_finite(double x) {
    return isnan(x) ? "nan" : "infinite";
}

static bool diverged(const char *what, const char *where, int64_t step, const char *folder,
                     err *e) {
    char path[1200];
    snprintf(path, sizeof path, "%s/ckpt.safetensors", folder);
    return err_set(e, ERR_DIVERGED, "step %lld: %s; %s; the last good checkpoint is %s",
                   (long long)step, what, where,
                   file_exists(path) ? path : "none: training had not reached one");
}

bool train_diagnose_loss(const ag_tape *t, const ag_var *loss, int64_t step, const char *folder,
                         err *e) {
    char what[64], where[256];
    snprintf(what, sizeof what, "the loss is %s", not_finite((double)loss->value.data[0]));
    const ag_var *first = ag_first_nonfinite(t);
    if (first && first->name) {
        snprintf(where, sizeof where, "the first value that is not finite is in parameter %s",
                 first->name);
    } else {
        const char *parameter = first ? nearest_parameter(first) : NULL;
        const char *last_dot = parameter ? strrchr(parameter, '.') : NULL;
        snprintf(where, sizeof where, "the first value that is not finite comes out of %s%s%.*s",
                 first ? ag_op_name(first) : "the loss", parameter ? " at layer " : "",
                 last_dot ? (int)(last_dot - parameter) : 0, parameter ? parameter : "");
    }
    return diverged(what, where, step, folder, e);
}

static double largest_magnitude(const tensor *x) {
    double largest = 0;
    for (int64_t i = 0; i < tensor_numel(x); i++)
        if (fabs((double)x->data[i]) > largest) largest = fabs((double)x->data[i]);
    return largest;
}

/* Where gradients are finite but too large to be squared: the largest of them. */
static void tell_largest_gradient(const nn_params *params, char *where, size_t size) {
    double largest = -1;
    for (int i = 0; i < params->n; i++) {
        double magnitude = largest_magnitude(&params->list[i]->var.grad);
        if (magnitude <= largest) continue;
        largest = magnitude;
        snprintf(where, size, "the largest element, %.3g, is in the gradient of %s", magnitude,
                 params->list[i]->name);
    }
}

bool train_diagnose_gradient(const nn_params *params, int64_t step, const char *folder, err *e) {
    char where[256] = "";
    tell_largest_gradient(params, where, sizeof where);
    for (int i = params->n - 1; i >= 0; i--) {
        const nn_param *p = params->list[i];
        if (tensor_first_nonfinite(p->var.grad.data, tensor_numel(&p->var.grad)) < 0) continue;
        snprintf(where, sizeof where, "the gradient of %s is not finite", p->name);
        break;
    }
    return diverged("the gradient norm is not finite", where, step, folder, e);
}

bool train_diagnose_evaluation(double val_loss, int64_t step, const char *folder, err *e) {
    char what[64];
    snprintf(what, sizeof what, "the validation loss is %s", not_finite(val_loss));
    return diverged(what, "the update before it was too large: lower learning_rate", step, folder,
                    e);
}
