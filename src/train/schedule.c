#include "train/schedule.h"

#include <math.h>

double optim_learning_rate(const optim_lr_plan *p, int64_t iter) {
    if (iter < p->warmup_iters)
        return p->highest * (double)(iter + 1) / (double)(p->warmup_iters + 1);
    if (p->schedule == OPTIM_CONSTANT) return p->highest;
    if (iter >= p->decay_iters) return p->lowest;
    double done = (double)(iter - p->warmup_iters) / (double)(p->decay_iters - p->warmup_iters);
    double share =
        p->schedule == OPTIM_COSINE ? 0.5 * (1 + cos(3.14159265358979323846 * done)) : 1 - done;
    return p->lowest + share * (p->highest - p->lowest);
}
