/* The picture of a run that is watched. */
#ifndef TRAIN_WATCH_PLOT_H
#define TRAIN_WATCH_PLOT_H

#include "base/err.h"

#include <stdbool.h>

/* Whether the folder of a run has a watch.csv. */
bool watch_exists(const char *folder);

/* Draws it into watch.png, with its script watch.gp: the layers' norms, updates and gradients, the
 * drift and isotropy of the embedding, the cosines of words and their analogies, each over steps.
 * Of more than eight layers it draws some blocks, of more than eight pairs of words those whose
 * cosines changed most. A table without rows is left undrawn. */
bool watch_draw(const char *folder, err *e);

#endif
