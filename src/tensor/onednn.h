/* oneDNN's products of bfloat16 matrices, the ceiling that ours are compared with; nothing is
 * computed by them. The only file behind this header knows oneDNN; a build without it works. */
#ifndef TENSOR_ONEDNN_H
#define TENSOR_ONEDNN_H

#include <stdint.h>

/* FLOP/s of A (M, K) by B (K, N) into float, all threads, B packed beforehand; the best of 0.1 s. 0
 * where oneDNN is not in this build or knows no such product on this processor. */
double tensor_onednn_bf16_speed(int64_t M, int64_t K, int64_t N);

/* "2.6.3", or NULL where it is not in this build. */
const char *tensor_onednn_version(void);

#endif
