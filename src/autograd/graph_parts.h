/* What the files that draw a tape share. */
#ifndef AUTOGRAD_GRAPH_PARTS_H
#define AUTOGRAD_GRAPH_PARTS_H

#include "autograd/graph.h"

/* A dotted prefix of parameters' names, "h.0.attn"; none = length 0. */
typedef struct graph_group {
    const char *name; /* its first `length` characters; borrowed from a parameter */
    int length;
} graph_group;

typedef struct graph_node {
    const ag_var *v;
    bool is_drawn; /* y is computed from it */
    graph_group group;
    bool is_closed; /* its group is one box */
    int box;        /* the node in whose box it is: itself, or the first of its closed group */
} graph_node;

typedef struct graph_edge {
    int from, to;
} graph_edge;

/* Nodes stand behind those that they are computed from, edges in the order of `to`. */
typedef struct graph {
    const ag_tape *tape;
    const ag_graph_options *options;
    graph_node *nodes;
    graph_edge *edges;
    int n, n_edges;
    size_t node_capacity, edge_capacity;
} graph;

/* Gives every node its group, and those of closed groups their common box. */
void graph_group_nodes(graph *g);
/* The group one level further in than the first `length` characters of it: "h.0" in "h.0.attn" for
 * 0, "h.0.attn" for 3. */
graph_group graph_group_inside(graph_group group, int length);
/* Whether b is a, or stands in it. */
bool graph_group_holds(graph_group a, graph_group b);
/* The first node that is drawn in that group, or inside it; there is one. */
int graph_group_first(const graph *g, graph_group group);

/* Appends text to be seen as it is inside a label of DOT's HTML. */
void graph_write_text(str *out, const char *text, size_t n);
/* Appends rows of its table: the value and the gradient of v, where they are there. */
void graph_write_numbers(str *out, const graph *g, const ag_var *v);
/* Append the attributes of the box of a variable, and of that of a closed group. */
void graph_write_variable(str *out, const graph *g, const ag_var *v);
void graph_write_closed_group(str *out, const graph *g, int box);
/* Appends the title and what the colours mean, as a label. */
void graph_write_title(str *out, const graph *g);

#endif
