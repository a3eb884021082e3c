/* What training and evaluation read: the tokens of a text, and where only some of them count as
 * targets, a mask beside them: NAME.bin and NAME_mask.bin, two token files of one length. */
#ifndef TRAIN_TOKEN_SET_H
#define TRAIN_TOKEN_SET_H

#include "train/tokens.h"

typedef struct train_set {
    train_tokens tokens;
    train_tokens mask; /* 1 = counts as a target; empty where all do */
} train_set;

/* Opens FOLDER/NAME.bin and, if masked, FOLDER/NAME_mask.bin. Release with train_set_close. */
bool train_set_open(train_set *set, const char *folder, const char *name, int32_t vocab_size,
                    bool masked, err *e);
void train_set_close(train_set *set);
/* The same view of n ids in memory (borrowed; nothing to close); mask NULL = all are targets. */
train_set train_set_of(const int32_t *ids, const int32_t *mask, int64_t n);

/* Whether the loss counts token i where it is to be predicted. */
bool train_set_counts(const train_set *set, int64_t i);
/* How many tokens are targets: all but the first, or those of the mask. */
int64_t train_set_targets(const train_set *set);
/* Copies ids[first .. first + n), and the n tokens one on as targets, -1 (ignored) for those that
 * do not count. */
void train_set_copy(const train_set *set, int64_t first, int64_t n, int32_t *ids, int32_t *targets);
/* The same range is copied soon: the system may fetch it from its files meanwhile. */
void train_set_read_ahead(const train_set *set, int64_t first, int64_t n);
/* A number that differs (almost surely) between different texts or masks. */
uint64_t train_set_fingerprint(const train_set *set);

/* A set being written, in stretches of any length. */
typedef struct train_set_writer {
    train_tokens_writer tokens, mask;
    bool masked;
    int64_t n_targets; /* as train_set_targets */
} train_set_writer;

bool train_set_begin(train_set_writer *w, const char *folder, const char *name, int32_t vocab_size,
                     bool masked, err *e);
/* Appends n ids, all in [0, vocab_size), and of a masked set mask[0..n). */
void train_set_append(train_set_writer *w, const int32_t *ids, const int32_t *mask, int64_t n);
/* Completes the files. A mask that an earlier set of that name had goes where this one has none. */
bool train_set_commit(train_set_writer *w, const char *folder, const char *name, err *e);
/* Zeroed = nothing to discard. */
void train_set_discard(train_set_writer *w);

#endif
