/* A tape as a picture: its variables as a graph in DOT, the language of Graphviz.
 *
 * Each variable is a box with its name, the op that made it, shape and type, and the numbers of its
 * value and its gradient; arrows lead from the inputs of an op to its result. Parameters and other
 * leaves are blue, constants green, results white, views grey and dashed, the variable where
 * backward began orange: tints of the palette of Okabe and Ito, which the colour-blind can tell
 * apart. The same tape gives the same text. */
#ifndef AUTOGRAD_GRAPH_H
#define AUTOGRAD_GRAPH_H

#include "autograd/ag.h"
#include "base/str.h"

enum { AG_GRAPH_ALL = -1 };

typedef struct ag_graph_options {
    const ag_var *y;   /* draws only what this is computed from; NULL = the whole tape */
    const char *title; /* above the picture; may be NULL */
    int64_t numbers;   /* of a tensor of at most so many each is shown; of others norm and range */
    int digits;        /* significant ones of a number */
    bool formulas;     /* shows the formula of each op */
    /* Frames around variables as the dots in the names of their parameters say: around h.0, and in
     * it around h.0.attn. Groups with a number are drawn in full below this number, the others as
     * one box each; AG_GRAPH_ALL draws every one in full. */
    bool grouped;
    int64_t n_open;
} ag_graph_options;

/* What was drawn. */
typedef struct ag_graph_size {
    int64_t boxes, arrows;
} ag_graph_size;

/* Appends the graph. Numbers of results are left out on a tape of mode AG_RELEASE, where their
 * memory may serve others by now. */
ag_graph_size ag_graph_write(str *out, const ag_tape *t, const ag_graph_options *o);

#endif
