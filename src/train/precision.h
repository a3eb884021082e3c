/* In which numbers a run computes: float32 throughout, or mixed with bf16
 * (ag_tape_set_activations), decided once, before its first step. */
#ifndef TRAIN_PRECISION_H
#define TRAIN_PRECISION_H

#include "tensor/tensor.h"
#include "train/config.h"

typedef struct train_precision_choice {
    train_precision precision; /* TRAIN_FP32 or TRAIN_BF16 */
    char text[96];             /* it and why: "bf16 (amx, 2400 against 290 GFLOP/s)" */
    char warning[160];         /* why bf16 was asked for in vain, or empty */
} train_precision_choice;

/* What this machine gives who wants that: for TRAIN_BF16 float32 where the processor is not fast
 * with bf16; for TRAIN_AUTO bf16 where it measures at least 1.5 times as fast, else float32. */
train_precision_choice train_precision_choose(train_precision wanted);

/* Makes c go on in the precision of the run in `folder`: its own where c leaves the choice. Another
 * one is an error, unless both are float32 on this machine. */
bool train_precision_keep(config *c, const char *folder, err *e);

/* The precision that the config.ini of a run names; runs older than the key are in float32. */
train_precision train_precision_of_run(const config *c);

tensor_type train_precision_activations(train_precision p);
/* Measured FLOP/s of its matrix products, and the name of their kernels. */
double train_precision_speed(train_precision p);
const char *train_precision_kernels(train_precision p);

#endif
