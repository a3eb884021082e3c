/* What a person sees of a tokenizer's training: each stage as a live bar on a terminal, as plain
 * lines elsewhere. */
#ifndef CLI_STAGES_H
#define CLI_STAGES_H

#include "cli/bar.h"
#include "tokenizer/training.h"

typedef struct stages {
    bool terminal;
    double megabytes;    /* of the texts */
    char name[32];       /* of the stage; empty before the first */
    bool ended;          /* the stage has been told to be done */
    double started;      /* clock at the beginning of the stage */
    double called, told; /* clock of the last call, and of the last that was shown */
    bar bar;
} stages;

/* An observer that prints on stdout, warnings on stderr, and stops on Ctrl-C (interrupt.h). s lives
 * as long as it is used. */
tok_observer stages_observer(stages *s, double megabytes);

/* Ends an open bar with a line break. */
void stages_end(stages *s);

#endif
