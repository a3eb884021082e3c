/* What the forward and the backward of an op cost at least. */
#ifndef AUTOGRAD_COST_H
#define AUTOGRAD_COST_H

#include "autograd/ag.h"

/* Floating-point operations of the products that are really computed, and bytes of the numbers
 * that are read or written, each once as if caches held everything else. */
typedef struct ag_cost {
    double flops, bytes;
} ag_cost;

/* Of y's forward, or of its backward, by the op's own function or, where it has none, without
 * products: forward reads the inputs and writes the result; backward reads the inputs and dy and
 * writes the gradients of the inputs. */
ag_cost ag_cost_of(const ag_var *y, bool backward);

/* Functions of ops that multiply matrices or touch a few rows of one. */
ag_cost ag_cost_matmul(const ag_var *y, bool backward);
ag_cost ag_cost_linear(const ag_var *y, bool backward);
/* Backward computes the logits again. */
ag_cost ag_cost_linear_cross_entropy(const ag_var *y, bool backward);
/* What the mask leaves; backward computes the scores again. */
ag_cost ag_cost_attention(const ag_var *y, bool backward);
/* Backward hands dy on to one input and copies it to the other. */
ag_cost ag_cost_add(const ag_var *y, bool backward);
ag_cost ag_cost_embedding(const ag_var *y, bool backward);

#endif
