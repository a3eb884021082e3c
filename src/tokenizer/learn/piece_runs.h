/* Counted pieces that memory has no room for: sorted runs in a temporary file that has no name, so
 * that nothing stays behind, and their merging. Private to this folder. */
#ifndef TOKENIZER_PIECE_RUNS_H
#define TOKENIZER_PIECE_RUNS_H

#include "base/err.h"
#include "tokenizer/learn/piece_table.h"

#include <sys/types.h>

/* Runs one after another in one file, the entries of each by rising bytes. Zeroed = none. */
typedef struct piece_runs {
    int file; /* once n > 0 */
    off_t *ends;
    size_t n;
} piece_runs;

/* Appends the pieces of the table as a run; none, no run. */
bool piece_runs_write(piece_runs *r, const piece_table *t, err *e);
void piece_runs_free(piece_runs *r);

/* Calls take with each different piece of the runs of files[0..n_files), by rising bytes, with the
 * sum of its counts. Takes about `memory` bytes. */
typedef void piece_take(void *context, const char *piece, size_t length, int64_t count);
bool piece_runs_merge(const piece_runs *files, size_t n_files, size_t memory, piece_take *take,
                      void *context, err *e);

#endif
