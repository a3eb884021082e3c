#include "train/precision.h"

#include "tensor/gemm.h"
#include "tensor/gemm_bf16.h"
#include "train/run.h"

#include <stdio.h>

/* bf16 must be worth what it rounds away. */
static const double least_gain = 1.5;

static const char *name_of(train_precision p) {
    return p == TRAIN_BF16 ? "bf16" : sizeof(real) == sizeof(float) ? "fp32" : "fp64";
}

static train_precision_choice choose_faster(void) {
    double real_speed = tensor_gemm_speed(), bf16_speed = tensor_gemm_bf16_speed();
    train_precision_choice c = {bf16_speed >= least_gain * real_speed ? TRAIN_BF16 : TRAIN_FP32, "",
                                ""};
    if (c.precision == TRAIN_BF16)
        snprintf(c.text, sizeof c.text, "bf16 (%s, %.0f against %.0f GFLOP/s)",
                 tensor_gemm_bf16_kernel(), 1e-9 * bf16_speed, 1e-9 * real_speed);
    else
        snprintf(c.text, sizeof c.text, "%s (%.0f GFLOP/s, bf16 by %s %.0f)", name_of(TRAIN_FP32),
                 1e-9 * real_speed, tensor_gemm_bf16_kernel(), 1e-9 * bf16_speed);
    return c;
}

train_precision_choice train_precision_choose(train_precision wanted) {
    const char *why_not;
    bool is_fast = tensor_gemm_bf16_is_fast(&why_not);
    if (wanted == TRAIN_AUTO && is_fast) return choose_faster();
    train_precision_choice c = {TRAIN_FP32, "", ""};
    if (wanted == TRAIN_BF16 && is_fast) {
        c.precision = TRAIN_BF16;
        snprintf(c.text, sizeof c.text, "bf16 (%s)", tensor_gemm_bf16_kernel());
    } else if (wanted == TRAIN_FP32) {
        snprintf(c.text, sizeof c.text, "%s", name_of(TRAIN_FP32));
    } else {
        snprintf(c.text, sizeof c.text, "%s (no bf16: %s)", name_of(TRAIN_FP32), why_not);
    }
    if (wanted == TRAIN_BF16 && !is_fast)
        snprintf(c.warning, sizeof c.warning, "precision = bf16 becomes %s: %s",
                 name_of(TRAIN_FP32), why_not);
    return c;
}

static train_precision here(train_precision p) {
    const char *why_not;
    return p == TRAIN_BF16 && tensor_gemm_bf16_is_fast(&why_not) ? TRAIN_BF16 : TRAIN_FP32;
}

bool train_precision_keep(config *c, const char *folder, err *e) {
    config old;
    if (!train_run_config(&old, folder, e)) return false;
    train_precision before = train_precision_of_run(&old);
    if (c->precision == TRAIN_AUTO) c->precision = before;
    return here(c->precision) == here(before) ||
           err_set(e, ERR_INPUT,
                   "%s/config.ini: the run began with precision = %s and cannot go on with %s",
                   folder, name_of(before), name_of(c->precision));
}

train_precision train_precision_of_run(const config *c) {
    return c->precision == TRAIN_BF16 ? TRAIN_BF16 : TRAIN_FP32;
}

tensor_type train_precision_activations(train_precision p) {
    return p == TRAIN_BF16 ? TENSOR_BF16 : TENSOR_REAL;
}

double train_precision_speed(train_precision p) {
    return p == TRAIN_BF16 ? tensor_gemm_bf16_speed() : tensor_gemm_speed();
}

const char *train_precision_kernels(train_precision p) {
    return p == TRAIN_BF16 ? tensor_gemm_bf16_kernel() : tensor_gemm_kernels();
}
