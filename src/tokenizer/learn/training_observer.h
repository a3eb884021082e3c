/* What a person sees of training; nothing where there is no observer. Private to this folder. */
#ifndef TOKENIZER_TRAINING_OBSERVER_H
#define TOKENIZER_TRAINING_OBSERVER_H

#include "tokenizer/training.h"

/* Tells the observer; false, with e set to ERR_INTERRUPTED, when it asks to stop. */
bool training_progress(const tok_training *how, const char *stage, double done, err *e);
void training_warn(const tok_training *how, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

#endif
