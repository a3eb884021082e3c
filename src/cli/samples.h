/* Samples from a run: one prompt continued several times, a few samples together. */
#ifndef CLI_SAMPLES_H
#define CLI_SAMPLES_H

#include "cli/drawing.h"
#include "cli/printer.h"
#include "train/run.h"

enum { SAMPLES_TOGETHER = 8 };

typedef struct samples {
    const train_run *run;
    const tok_ids *prompt;
    drawing drawing;
    printer *printer;              /* prints the first of those drawn as it comes, or NULL */
    bool unread;                   /* nobody reads what it prints */
    tok_ids ids[SAMPLES_TOGETHER]; /* what was drawn last, without prompt and end */
} samples;

/* Draws samples number [first, first + n), n <= SAMPLES_TOGETHER, into s->ids; all end early where
 * nobody reads them or when interrupt_asked. */
void samples_draw(samples *s, train_generator *g, int64_t first, int64_t n);
/* How many to draw next of those from `first` on. */
int64_t samples_next(int64_t first, int64_t n_samples);
void samples_free(samples *s);

#endif
