/* The data set of a run, as its format says: a running text, or conversations. */
#ifndef TRAIN_CORPUS_H
#define TRAIN_CORPUS_H

#include "base/file.h"
#include "tokenizer/training.h"
#include "train/chat.h"
#include "train/config.h"
#include "train/loop.h"
#include "train/token_set.h"

typedef struct train_corpus {
    const char *path; /* borrowed */
    train_format format;
    file_map text;    /* TRAIN_TEXT */
    chat_file chat;   /* TRAIN_CHAT */
    tok_text *pieces; /* what a tokenizer learns from: the text, or the contents of messages */
    size_t n_pieces;
} train_corpus;

/* Who is told of long work, and who may end it. */
typedef struct train_watch {
    const train_observer *observer;    /* may be NULL */
    const volatile sig_atomic_t *stop; /* may be NULL */
} train_watch;

/* Tells that the share `done` of the work is done; false, with e set to ERR_INTERRUPTED, when it
 * shall end. */
bool train_watch_tell(const train_watch *watch, const char *what, double done, err *e);

/* Opens c->dataset. Release with train_corpus_close in any case. */
bool train_corpus_open(train_corpus *corpus, const config *c, err *e);
void train_corpus_close(train_corpus *corpus);

/* Writes the tokens of the last val_fraction of the text, or of the conversations, to val, those of
 * the rest to train. Texts longer than memory are encoded stretch by stretch. */
bool train_corpus_encode(const train_corpus *corpus, const tokenizer *tok, double val_fraction,
                         train_set_writer *train, train_set_writer *val, const train_watch *watch,
                         err *e);

#endif
