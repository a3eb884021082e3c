#include "autograd/graph_parts.h"
#include "base/array.h"

#include <stdlib.h>

/* The node of v, or -1; from the end, since inputs are mostly recent. */
static int find(const graph *g, const ag_var *v) {
    for (int i = g->n - 1; i >= 0; i--)
        if (g->nodes[i].v == v) return i;
    return -1;
}

static int add_node(graph *g, const ag_var *v) {
    g->nodes = array_room(g->nodes, &g->node_capacity, (size_t)g->n + 1, sizeof *g->nodes);
    g->nodes[g->n] = (graph_node){.v = v};
    return g->n++;
}

static void add_edge(graph *g, int from, int to) {
    g->edges = array_room(g->edges, &g->edge_capacity, (size_t)g->n_edges + 1, sizeof *g->edges);
    g->edges[g->n_edges++] = (graph_edge){from, to};
}

/* Adds a variable of the tape, and before it those of its inputs that are on no tape. */
static void add_variable(graph *g, const ag_var *v) {
    for (int k = 0; k < v->n_in; k++)
        if (v->in[k] && find(g, v->in[k]) < 0) add_node(g, v->in[k]);
    int to = add_node(g, v);
    for (int k = 0; k < v->n_in; k++)
        if (v->in[k]) add_edge(g, find(g, v->in[k]), to);
}

/* Marks what y is computed from, or all. */
static void choose(graph *g) {
    const ag_var *y = g->options->y;
    for (int i = 0; i < g->n; i++) g->nodes[i].is_drawn = !y || g->nodes[i].v == y;
    for (int e = g->n_edges - 1; e >= 0; e--)
        if (g->nodes[g->edges[e].to].is_drawn) g->nodes[g->edges[e].from].is_drawn = true;
}

static void collect(graph *g) {
    int n;
    ag_var *const *vars = ag_tape_vars(g->tape, &n);
    for (int i = 0; i < n; i++) add_variable(g, vars[i]);
    choose(g);
    graph_group_nodes(g);
}

/* The text that grows, and what is in it so far. */
typedef struct drawing {
    str *out;
    const graph *g;
    int n_frames;
    ag_graph_size size;
} drawing;

static void write_indent(drawing *d, int depth) {
    str_printf(d->out, "%*s", 4 * depth, "");
}

static void write_box(drawing *d, int i, int depth) {
    write_indent(d, depth);
    str_printf(d->out, "n%d [", i);
    if (d->g->nodes[i].is_closed)
        graph_write_closed_group(d->out, d->g, i);
    else
        graph_write_variable(d->out, d->g, d->g->nodes[i].v);
    str_printf(d->out, "];\n");
    d->size.boxes++;
}

static void write_group(drawing *d, graph_group group, int depth);

/* A frame named by what the group's name has more than the one around it. */
static void write_frame(drawing *d, graph_group group, int length_around, int depth) {
    const int skipped = length_around + (length_around > 0);
    write_indent(d, depth);
    str_printf(d->out, "subgraph cluster%d {\n", d->n_frames++);
    write_indent(d, depth + 1);
    str_printf(d->out, "style=\"rounded,filled\"; color=\"#c4c4c4\"; fillcolor=\"#f6f6f6\"; "
                       "labeljust=l; label=<<B>");
    graph_write_text(d->out, group.name + skipped, (size_t)(group.length - skipped));
    str_printf(d->out, "</B>>;\n");
    write_group(d, group, depth + 1);
    write_indent(d, depth);
    str_printf(d->out, "}\n");
}

/* The boxes of a group, and the frames in it, each where its first box is. */
static void write_group(drawing *d, graph_group group, int depth) {
    const graph *g = d->g;
    for (int i = 0; i < g->n; i++) {
        const graph_node *node = &g->nodes[i];
        if (!node->is_drawn || node->box != i || !graph_group_holds(group, node->group)) continue;
        graph_group inside = graph_group_inside(node->group, group.length);
        if (node->is_closed || node->group.length == group.length)
            write_box(d, i, depth);
        else if (graph_group_first(g, inside) == i)
            write_frame(d, inside, group.length, depth);
    }
}

/* Whether an edge before number e draws the same arrow. */
static bool is_drawn_before(const graph *g, int e) {
    const graph_node *nodes = g->nodes;
    const int from = nodes[g->edges[e].from].box, to = nodes[g->edges[e].to].box;
    for (int k = 0; k < e; k++)
        if (nodes[g->edges[k].from].box == from && nodes[g->edges[k].to].box == to) return true;
    return false;
}

/* A variable that an op uses twice has two arrows, a closed group one to each that it leads to. */
static void write_arrows(drawing *d) {
    const graph *g = d->g;
    for (int e = 0; e < g->n_edges; e++) {
        const graph_node *from = &g->nodes[g->edges[e].from], *to = &g->nodes[g->edges[e].to];
        const bool touches_closed = from->is_closed || to->is_closed;
        if (!to->is_drawn || (touches_closed && (from->box == to->box || is_drawn_before(g, e))))
            continue;
        str_printf(d->out, "    n%d -> n%d;\n", from->box, to->box);
        d->size.arrows++;
    }
}

static void write_head(drawing *d) {
    str_printf(d->out,
               "digraph tape {\n"
               "    graph [rankdir=TB, nodesep=0.25, ranksep=0.4, fontname=\"Helvetica\", "
               "fontsize=14, labelloc=t];\n"
               "    node [shape=box, fontname=\"Helvetica\", fontsize=12, margin=\"0.1,0.05\"];\n"
               "    edge [color=\"#555555\", arrowsize=0.7];\n");
    str_printf(d->out, "    label=<");
    graph_write_title(d->out, d->g);
    str_printf(d->out, ">;\n");
}

ag_graph_size ag_graph_write(str *out, const ag_tape *t, const ag_graph_options *o) {
    graph g = {.tape = t, .options = o};
    drawing d = {.out = out, .g = &g};
    collect(&g);
    write_head(&d);
    write_group(&d, (graph_group){"", 0}, 1);
    write_arrows(&d);
    str_printf(out, "}\n");
    free(g.nodes);
    free(g.edges);
    return d.size;
}
