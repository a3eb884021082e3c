#include "autograd/attention_decode.h"

#include "tensor/softmax.h"
#include "tensor/thin_gemm.h"

/* Head h of sequence b: (T, HS) as a view. */
static tensor head_of(const tensor *x, int64_t b, int64_t h, int64_t HS) {
    tensor y = {{x->data}, 2, {x->shape[1], HS}, {x->stride[1], 1}, x->type};
    return tensor_advance(y, b * x->stride[0] + h * HS);
}

/* Keys and values stay where they are: nothing is transposed for a single query. */
static void decode_head(const tensor *q, const tensor *k, const tensor *v, real *scores,
                        tensor *y) {
    int64_t S = k->shape[0];
    tensor p = tensor_2d(scores, 1, S), kt = tensor_transpose(k);
    tensor_thin_gemm(q, &kt, 0, &p, 1);
    softmax_row(S, scores, 1 / (real)sqrt((double)q->shape[1]));
    tensor_thin_gemm(&p, v, 0, y, 1);
}

void attention_decode(const tensor *q, const tensor *k, const tensor *v, int n_head, real *scores,
                      tensor *y) {
    const int64_t serial_numbers = 1 << 15;
    int64_t B = q->shape[0], HS = q->shape[2] / n_head, S = k->shape[1];
#pragma omp parallel for schedule(static) if (B * S * q->shape[2] > serial_numbers)
    for (int64_t i = 0; i < B * n_head; i++) {
        int64_t b = i / n_head, h = i % n_head;
        tensor qh = head_of(q, b, h, HS), kh = head_of(k, b, h, HS), vh = head_of(v, b, h, HS);
        tensor yh = head_of(y, b, h, HS);
        decode_head(&qh, &kh, &vh, scores + i * S, &yh);
    }
}
