/* The numbers of a variable in its box: each, or what they are together. */
#include "autograd/graph_parts.h"

#include <math.h>

/* One number of a tensor of either type, in the order of its shape. */
static double number(const tensor *x, int64_t i) {
    int64_t at = 0;
    for (int d = x->n_dim - 1; d >= 0; d--) {
        at += i % x->shape[d] * x->stride[d];
        i /= x->shape[d];
    }
    return (double)tensor_get(x->data, x->type, at);
}

/* What a tensor counts as: with `rows`, zeros in the rows that are not in the set. */
typedef struct numbers {
    tensor x;
    const ag_row_set *rows; /* or NULL */
} numbers;

static double count_as(const numbers *x, int64_t i) {
    if (x->rows && !x->rows->touched[i / x->x.shape[1]]) return 0;
    return number(&x->x, i);
}

/* Every number, a line a row. */
static void write_all(str *out, const numbers *x, int digits) {
    const int64_t n = tensor_numel(&x->x), columns = x->x.shape[x->x.n_dim - 1];
    for (int64_t i = 0; i < n; i++) {
        const char *before = i == 0 ? "" : i % columns == 0 ? "<BR ALIGN=\"LEFT\"/>" : "&#160; ";
        str_printf(out, "%s%.*g", before, digits, count_as(x, i));
    }
}

static void write_summary(str *out, const numbers *x, int digits) {
    const int64_t n = tensor_numel(&x->x);
    double squares = 0, low = INFINITY, high = -INFINITY;
    for (int64_t i = 0; i < n; i++) {
        const double value = count_as(x, i);
        squares += value * value;
        low = value < low ? value : low;
        high = value > high ? value : high;
    }
    str_printf(out, "norm %.*g, from %.*g to %.*g", digits, sqrt(squares), digits, low, digits,
               high);
    if (x->rows)
        str_printf(out, ", in %lld of %lld rows", (long long)x->rows->n, (long long)x->x.shape[0]);
}

static void write_numbers(str *out, const graph *g, const char *what, const numbers *x) {
    const ag_graph_options *o = g->options;
    if (!x->x.data) return;
    str_printf(out,
               "<TR><TD ALIGN=\"RIGHT\"><FONT COLOR=\"#666666\">%s&#160;</FONT></TD>"
               "<TD ALIGN=\"LEFT\" BALIGN=\"LEFT\">",
               what);
    if (tensor_numel(&x->x) <= o->numbers)
        write_all(out, x, o->digits);
    else
        write_summary(out, x, o->digits);
    str_printf(out, "</TD></TR>");
}

static numbers value_of(const graph *g, const ag_var *v) {
    const bool is_kept = ag_tape_mode(g->tape) != AG_RELEASE || !v->root->op;
    return is_kept ? (numbers){v->value, NULL} : (numbers){0};
}

/* Of a parameter that is touched in some rows, a view of it cannot say which are its. */
static numbers gradient_of(const graph *g, const ag_var *v) {
    const bool is_kept = ag_tape_mode(g->tape) != AG_RELEASE || !v->root->op;
    const bool in_rows = v->root->grad_state == AG_GRAD_ROWS;
    if (!v->needs_grad || !is_kept || (in_rows && v->root != v)) return (numbers){0};
    return (numbers){ag_grad_of(v), in_rows ? &v->rows : NULL};
}

void graph_write_numbers(str *out, const graph *g, const ag_var *v) {
    const numbers value = value_of(g, v), gradient = gradient_of(g, v);
    write_numbers(out, g, "value", &value);
    write_numbers(out, g, "grad", &gradient);
}
