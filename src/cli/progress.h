/* What a person sees of training: a live bar on a terminal, plain lines elsewhere. */
#ifndef CLI_PROGRESS_H
#define CLI_PROGRESS_H

#include "cli/stages.h"
#include "train/loop.h"

typedef struct progress {
    bool terminal;
    train_begin_info begin;
    double started;    /* clock at the first step */
    double last_drawn; /* clock of the last redraw */
    bar bar;
    stages stages; /* of the work before training */
    tok_observer preparation;
} progress;

/* An observer that prints on stdout. p lives as long as it is used. */
train_observer progress_observer(progress *p);

/* Ends an open bar with a line break. */
void progress_end(progress *p);

#endif
