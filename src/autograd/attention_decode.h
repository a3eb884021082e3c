/* Attention of one query per sequence, as generation from a cache asks for it. */
#ifndef AUTOGRAD_ATTENTION_DECODE_H
#define AUTOGRAD_ATTENTION_DECODE_H

#include "tensor/tensor.h"

/* y = softmax(q k^T / sqrt(HS)) v per head: q (B, 1, C), k and v (B, S, C), their columns side by
 * side, y (B, 1, C) without gaps; scores is memory for B n_head S numbers. All threads. */
void attention_decode(const tensor *q, const tensor *k, const tensor *v, int n_head, real *scores,
                      tensor *y);

#endif
