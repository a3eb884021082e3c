/* The expression of micrograd's README (Karpathy 2020) on a tape, each step with the slope that the
 * rule of its op gives, apart from what backward computes. */
#ifndef LESSON_06_GRAPH_H
#define LESSON_06_GRAPH_H

#include "autograd/ag.h"

enum { SCALAR_GRAPH_STEPS = 27 };

/* One op: v->name says "c1 = a + b", or just what it is where nobody asks for it again. */
typedef struct scalar_step {
    const ag_var *v;
    double slope[2]; /* dv / d(input), for each */
} scalar_step;

typedef struct scalar_graph {
    ag_tape *tape;
    ag_var *a, *b, *g;
    scalar_step steps[SCALAR_GRAPH_STEPS]; /* as recorded; g is the last */
    int n;
} scalar_graph;

/* Computes g of a and b, and walks back. Release with scalar_graph_free. */
void scalar_graph_make(scalar_graph *s, double a, double b);
void scalar_graph_free(scalar_graph *s);

/* The same g in plain C, in double. */
double scalar_graph_formula(double a, double b);

/* What reaches v: the sum, over the steps that use it, of slope times gradient of the step. */
double scalar_graph_arrives(const scalar_graph *s, const ag_var *v);

#endif
