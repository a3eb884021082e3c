/* Co-occurrences of words (Pennington et al. 2014): counted from a text of any size in bounded
 * memory, kept in a file like GloVe's shuffled one, read back in blocks.
 *
 * The file: records of int32 i, int32 j, double x, 16 bytes each, no header; word ids from 1. x is
 * the sum, over all places where j stands at most `window` words before or behind i on the same
 * line, of 1 / distance. */
#ifndef TRAIN_COOCCUR_H
#define TRAIN_COOCCUR_H

#include "autograd/ops.h"
#include "base/err.h"
#include "base/file.h"
#include "base/rng.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { COOCCUR_WIDEST = 1024 };

typedef struct cooccur cooccur;

/* Begins to count with a window of 1 .. COOCCUR_WIDEST words to either side. The table of sums
 * takes at most about max_bytes (16 KiB a thread at least); whenever it is full it goes to a file
 * in `folder` (borrowed) that has no name, and so vanishes with the program however that ends. The
 * key determines the order of the records. Returns new (free with cooccur_free). */
cooccur *cooccur_new(int64_t window, rng_key key, size_t max_bytes, const char *folder);
void cooccur_free(cooccur *c);

/* Counts the next n ids of the text; id 0 ends a line and is no word. All threads. */
bool cooccur_add(cooccur *c, const int32_t *ids, int64_t n, err *e);

/* Writes the file, once, and ends the counting. Its bytes depend on text, window and key alone, not
 * on max_bytes, threads or how the text was cut into calls: sums are whole numbers of 1 / U, U =
 * lcm(1 .. 24), rounded once, at the end; beyond a distance of 24 each 1 / distance is rounded to
 * such a number. An x must stay below 3.4e9. The records are in a pseudo-random order: the first
 * half of the file holds each pair of words once, the rest holds the pairs turned round. */
bool cooccur_finish(cooccur *c, const char *path, err *e);

/* A file of co-occurrences. */
typedef struct cooccur_file {
    file_map map;
    int64_t n;       /* records */
    int64_t n_words; /* ids are in [1, n_words) */
    char path[1024];
} cooccur_file;

/* Opens a file whose size is that of one or more records. Release with cooccur_close. */
bool cooccur_open(cooccur_file *f, const char *path, int64_t n_words, err *e);
void cooccur_close(cooccur_file *f);
/* Copies records [first, first + n) to out; ids outside the vocabulary and an x that is not above 0
 * are an error. */
bool cooccur_read(const cooccur_file *f, int64_t first, int64_t n, ag_cooccurrence *out, err *e);

#endif
