/* Norms of a model's layers, of their gradients and of their updates. Private to src/train. */
#ifndef TRAIN_WATCH_LAYERS_H
#define TRAIN_WATCH_LAYERS_H

#include "nn/param.h"

/* What parameters have in common: "wte", "h.0", "ln_f", and of word vectors "syn1neg". */
typedef struct watch_layer {
    char name[NN_NAME_SIZE];
    double norm;   /* Euclidean, of all its numbers */
    double update; /* norm of the last watched update over that of the numbers after it */
    double grad;   /* norm of the gradient of that step, before clipping; both NAN before one */
} watch_layer;

typedef struct watch_layers {
    const nn_params *params; /* borrowed */
    watch_layer *list;       /* n, in the order of the parameters */
    int n;
    int *layer_of; /* of each parameter */
    real *before;  /* the values before the update; NULL where no steps are watched */
} watch_layers;

/* With `steps` for updates and gradients. Release with watch_layers_free. */
watch_layers watch_layers_new(const nn_params *params, bool steps);
void watch_layers_free(watch_layers *l);

/* Around the optimizer's update, where gradients are dense. Neither allocates. */
void watch_layers_before_update(watch_layers *l);
void watch_layers_after_update(watch_layers *l);

/* Sets the norms. */
void watch_layers_measure(watch_layers *l);

#endif
