/* The learning rate as a function of the step. */
#ifndef TRAIN_SCHEDULE_H
#define TRAIN_SCHEDULE_H

#include <stdint.h>

typedef enum optim_schedule { OPTIM_COSINE, OPTIM_LINEAR, OPTIM_CONSTANT } optim_schedule;
#define OPTIM_SCHEDULE_NAMES "cosine|linear|constant" /* in the order of the enum */

typedef struct optim_lr_plan {
    optim_schedule schedule;
    double highest, lowest;
    int64_t warmup_iters, decay_iters;
} optim_lr_plan;

/* The rate of update number `iter`, counted from 0: highest * (iter + 1) / (warmup + 1) during the
 * warmup, then from highest to lowest along a half cosine or a line until decay_iters, lowest from
 * there on; `constant` stays at highest after the warmup. As nanoGPT counts. */
double optim_learning_rate(const optim_lr_plan *plan, int64_t iter);

#endif
