/* Watching a run: what becomes of its layers, of chosen words and of the embedding matrix. It
 * changes nothing of the run, and writes two files into its folder, to which a resumed run adds as
 * if it had never stopped:
 *   watch.csv       step; of each layer L norm:L, and of a GPT update:L (norm of the step's update
 *                   over that of the numbers) and grad:L (before clipping), empty before the first
 *                   step; of each pair of words cosine:A~B; of each analogy rank:A-C+D=B and
 *                   score:A-C+D=B; drift, |E - E0| / |E0| of the matrix E from the one that the run
 *                   began with; isotropy (embed/isotropy.h)
 *   neighbours.csv  step, word, rank, neighbour, cosine
 * A GPT is watched at each evaluation, word vectors at the end of each epoch. Private to the loops.
 */
#ifndef TRAIN_WATCH_H
#define TRAIN_WATCH_H

#include "io/csv.h"
#include "train/loop.h"
#include "train/watch_layers.h"
#include "train/watch_words.h"

enum { WATCH_NEIGHBOURS = 5, WATCH_LINE_SIZE = 512 };

typedef struct watcher {
    bool on;
    const char *folder; /* borrowed, as are ... */
    const io_vectors *vectors;
    embed_table table;
    real *start; /* the vectors that the run began with */
    double start_norm;
    watch_layers layers;
    watch_words words;
    double *row; /* of watch.csv */
    io_csv csv, neighbours;
    char line[WATCH_LINE_SIZE]; /* the last row for the eye; good until the next */
} watcher;

/* Whether a configuration asks for it. */
bool watcher_wanted(const config *c);

/* Checks the words before anything of an older run goes, and warns of what they may have meant
 * otherwise: names->n rows and their names are enough. tok is NULL where the rows are words,
 * observer where nobody is to be warned. */
bool watcher_check(const config *c, const char *folder, const io_vectors *names,
                   const tokenizer *tok, const train_observer *observer, err *e);

/* Begins with what the run begins with, also where it goes on: `vectors`, which hold these numbers
 * now and those of the moment at each watcher_log. Words that are not found are an error. Release
 * with watcher_free in any case. */
bool watcher_begin(watcher *w, const config *c, const char *folder, const nn_params *params,
                   const io_vectors *vectors, const tokenizer *tok, err *e);
/* Opens the files, to go on after `step` where the run does. */
bool watcher_open(watcher *w, bool resume, int64_t step, err *e);
void watcher_free(watcher *w);

/* Around the update of the step before watcher_log. Neither allocates. */
void watcher_before_update(watcher *w);
void watcher_after_update(watcher *w);

/* Writes the rows of the step. */
bool watcher_log(watcher *w, int64_t step, err *e);

#endif
