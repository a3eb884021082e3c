/* What stands in a box: labels in DOT's HTML. */
#include "autograd/graph_parts.h"
#include "autograd/op.h"

#include <string.h>

typedef enum box_kind { LEAF, CONSTANT, RESULT, VIEW, BEGINNING, CLOSED } box_kind;

static const struct {
    const char *fill, *line, *style, *meaning;
} kinds[] = {[LEAF] = {"#cfe5f5", "#0072b2", "filled,rounded", "parameter or other leaf"},
             [CONSTANT] = {"#d3eee4", "#009e73", "filled,rounded", "constant"},
             [RESULT] = {"#ffffff", "#444444", "filled", "result"},
             [VIEW] = {"#fcfcfc", "#999999", "filled,dashed", "view of another"},
             [BEGINNING] = {"#fbd9bf", "#d55e00", "filled,bold", "where backward begins"},
             [CLOSED] = {"#fdf3c4", "#b8860b", "filled,bold", "block of variables"}};
enum { N_KINDS = sizeof kinds / sizeof *kinds };

static box_kind kind_of(const graph *g, const ag_var *v) {
    if (v == g->options->y) return BEGINNING;
    if (!v->op) return v->needs_grad ? LEAF : CONSTANT;
    return v->root == v ? RESULT : VIEW;
}

void graph_write_text(str *out, const char *text, size_t n) {
    while (n > 0) {
        const size_t length = str_utf8_length(text, n);
        const unsigned char c = (unsigned char)*text;
        if (c == '&' || c == '<' || c == '>')
            str_printf(out, "%s", c == '&' ? "&amp;" : c == '<' ? "&lt;" : "&gt;");
        else if (str_utf8_valid(text, length) < length)
            str_printf(out, "\xEF\xBF\xBD");
        else
            str_append(out, c < ' ' || c == 127 ? " " : text, length);
        text += length;
        n -= length;
    }
}

static void write_string(str *out, const char *text) {
    graph_write_text(out, text, strlen(text));
}

/* The range of the one dimension that a slice shortens, as Python writes it: "x[:, :, 128:256]". */
static void write_range(str *out, const ag_var *v) {
    const tensor *y = &v->value, *x = &v->in[0]->value;
    const int64_t first =
        y->type == TENSOR_BF16 ? y->data16 - x->data16 : (int64_t)(y->data - x->data);
    str_printf(out, "x[");
    for (int d = 0; d < y->n_dim; d++) {
        str_printf(out, d ? ", " : "");
        if (y->shape[d] == x->shape[d]) {
            str_printf(out, ":");
        } else {
            const int64_t start = first / x->stride[d];
            str_printf(out, "%lld:%lld", (long long)start, (long long)(start + y->shape[d]));
        }
    }
    str_printf(out, "]");
}

static void write_row(str *out, const char *opening, const char *text, const char *closing) {
    str_printf(out, "<TR><TD COLSPAN=\"2\">%s", opening);
    write_string(out, text);
    str_printf(out, "%s</TD></TR>", closing);
}

/* The name, the op and its formula. */
static void write_heading(str *out, const graph *g, const ag_var *v) {
    if (v->name) write_row(out, "<B>", v->name, "</B>");
    if (!v->op) return;
    write_row(out, v->name ? "" : "<B>", v->op->name, v->name ? "" : "</B>");
    if (!g->options->formulas) return;
    str formula = {0};
    if (v->op == &ag_op_slice)
        write_range(&formula, v);
    else
        str_printf(&formula, "%s", v->op->formula);
    write_row(out, "<FONT COLOR=\"#555555\"><I>", formula.data, "</I></FONT>");
    str_free(&formula);
}

static void write_style(str *out, box_kind kind) {
    str_printf(out, "style=\"%s\", fillcolor=\"%s\", color=\"%s\", label=<", kinds[kind].style,
               kinds[kind].fill, kinds[kind].line);
}

static const char table[] =
    "<TABLE BORDER=\"0\" CELLBORDER=\"0\" CELLSPACING=\"0\" CELLPADDING=\"1\">";

void graph_write_variable(str *out, const graph *g, const ag_var *v) {
    char shape[96];
    const char *type = v->value.type == TENSOR_BF16 ? "bf16" : REAL_NAME;
    write_style(out, kind_of(g, v));
    str_printf(out, "%s", table);
    write_heading(out, g, v);
    str_printf(out, "<TR><TD COLSPAN=\"2\">%s %s</TD></TR>",
               tensor_shape_text(&v->value, shape, sizeof shape), type);
    graph_write_numbers(out, g, v);
    str_printf(out, "</TABLE>>");
}

void graph_write_closed_group(str *out, const graph *g, int box) {
    const graph_group group = graph_group_inside(g->nodes[box].group, 0);
    int64_t n_results = 0, n_parameters = 0, n_numbers = 0;
    for (int i = 0; i < g->n; i++) {
        const ag_var *v = g->nodes[i].v;
        if (!g->nodes[i].is_drawn || g->nodes[i].box != box) continue;
        n_results += v->op != NULL;
        n_parameters += !v->op;
        n_numbers += v->op ? 0 : tensor_numel(&v->value);
    }
    write_style(out, CLOSED);
    str_printf(out, "%s<TR><TD><B>", table);
    graph_write_text(out, group.name, (size_t)group.length);
    str_printf(out,
               "</B></TD></TR><TR><TD>%lld result%s</TD></TR>"
               "<TR><TD>%lld parameter%s with %lld numbers</TD></TR></TABLE>>",
               (long long)n_results, n_results == 1 ? "" : "s", (long long)n_parameters,
               n_parameters == 1 ? "" : "s", (long long)n_numbers);
}

/* Whether a box of that kind is in the picture. */
static bool has_kind(const graph *g, box_kind kind) {
    for (int i = 0; i < g->n; i++) {
        const graph_node *node = &g->nodes[i];
        if (node->is_drawn && kind == (node->is_closed ? CLOSED : kind_of(g, node->v))) return true;
    }
    return false;
}

void graph_write_title(str *out, const graph *g) {
    str_printf(out, "<TABLE BORDER=\"0\" CELLSPACING=\"6\" CELLPADDING=\"4\">");
    if (g->options->title) {
        str_printf(out, "<TR><TD BORDER=\"0\" COLSPAN=\"%d\"><FONT POINT-SIZE=\"18\">", N_KINDS);
        write_string(out, g->options->title);
        str_printf(out, "</FONT></TD></TR>");
    }
    str_printf(out, "<TR>");
    for (int kind = 0; kind < N_KINDS; kind++)
        if (has_kind(g, (box_kind)kind))
            str_printf(out, "<TD BORDER=\"1\" COLOR=\"%s\" BGCOLOR=\"%s\">%s</TD>",
                       kinds[kind].line, kinds[kind].fill, kinds[kind].meaning);
    const char *const empty_cell = "<TD BORDER=\"0\"></TD>"; /* a row must have one */
    str_printf(out, "%s</TR></TABLE>", g->n == 0 ? empty_cell : "");
}
