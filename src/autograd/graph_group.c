/* Which variables belong together: parameters by the dots in their names, results by the parameters
 * and results that they are computed from. */
#include "autograd/graph_parts.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

/* The end of the part of a name that begins at `from`, a dot or the beginning of the name. */
static int part_end(graph_group name, int from) {
    int i = from + (from < name.length && name.name[from] == '.');
    while (i < name.length && name.name[i] != '.') i++;
    return i;
}

static bool is_numbered(graph_group name, int from) {
    return from + 1 < name.length && isdigit((unsigned char)name.name[from + 1]);
}

graph_group graph_group_inside(graph_group group, int length) {
    int end = part_end(group, length);
    if (is_numbered(group, end)) end = part_end(group, end);
    return (graph_group){group.name, end};
}

bool graph_group_holds(graph_group a, graph_group b) {
    if (a.length == 0) return true;
    return a.length <= b.length && memcmp(a.name, b.name, (size_t)a.length) == 0 &&
           (a.length == b.length || b.name[a.length] == '.');
}

static bool are_equal(graph_group a, graph_group b) {
    return a.length == b.length && graph_group_holds(a, b);
}

int graph_group_first(const graph *g, graph_group group) {
    int i = 0;
    while (!g->nodes[i].is_drawn || !graph_group_holds(group, g->nodes[i].group)) i++;
    return i;
}

/* The group around that one. */
static graph_group outer(graph_group group) {
    graph_group around = {group.name, 0};
    for (;;) {
        graph_group next = graph_group_inside(group, around.length);
        if (next.length >= group.length) return around;
        around = next;
    }
}

/* "h.0.attn.c_attn.weight" is of h.0.attn, "h.0.ln_1.weight" of h.0, "wte.weight" of none. */
static graph_group group_of_name(const char *name) {
    int dots = 0, length = name ? (int)strlen(name) : 0;
    while (length > 0 && dots < 2) dots += name[--length] == '.';
    return (graph_group){name ? name : "", length};
}

static bool is_parameter(const ag_var *v) {
    return !v->op && v->name;
}

/* A result is of the group of its parameter; without one, of that of its inputs; where these differ
 * it joins what the last of them did to the others, and is of the group around it. */
static graph_group group_of_result(const graph *g, const graph_edge *first, const graph_edge *end) {
    graph_group last = {"", 0};
    int last_node = -1;
    bool differ = false;
    for (const graph_edge *in = first; in < end; in++) {
        const graph_node *node = &g->nodes[in->from];
        if (is_parameter(node->v)) return node->group;
        if (!node->v->op) continue;
        differ |= last_node >= 0 && !are_equal(node->group, last);
        if (in->from > last_node) {
            last_node = in->from;
            last = node->group;
        }
    }
    return differ ? outer(last) : last;
}

/* The number of a group as h.3.attn, or -1. */
static int64_t number_of(graph_group group) {
    int end = part_end(group, 0);
    return is_numbered(group, end) ? strtoll(group.name + end + 1, NULL, 10) : -1;
}

static bool is_closed(const graph *g, graph_group group) {
    return g->options->n_open != AG_GRAPH_ALL && number_of(group) >= g->options->n_open;
}

void graph_group_nodes(graph *g) {
    const graph_edge *in = g->edges, *end = g->edges + g->n_edges;
    for (int i = 0; i < g->n; i++) {
        graph_node *node = &g->nodes[i];
        const graph_edge *first = in;
        while (in < end && in->to == i) in++;
        node->group = (graph_group){"", 0};
        node->box = i;
        if (!g->options->grouped || !node->is_drawn) continue;
        node->group = node->v->op ? group_of_result(g, first, in) : group_of_name(node->v->name);
        node->is_closed = is_closed(g, node->group);
        if (node->is_closed) node->box = graph_group_first(g, graph_group_inside(node->group, 0));
    }
}
