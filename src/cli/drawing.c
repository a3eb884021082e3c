#include "cli/drawing.h"

void drawing_complete(drawing *d, const config *c) {
    if (d->n_new < 0) d->n_new = c->max_new_tokens;
    if (d->temperature < 0) d->temperature = c->temperature;
    if (d->top_k < 0) d->top_k = c->top_k;
    if (d->top_p < 0) d->top_p = c->top_p;
    if (d->seed < 0) d->seed = c->seed;
}

train_sampling drawing_sampling(const drawing *d) {
    return (train_sampling){d->temperature, d->top_k, d->top_p};
}
