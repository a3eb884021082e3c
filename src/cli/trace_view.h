/* A trace with what is shown of it: the gradient's norms row by row, and the rows that stand out.
 */
#ifndef CLI_TRACE_VIEW_H
#define CLI_TRACE_VIEW_H

#include "base/err.h"
#include "tokenizer/tokenizer.h"
#include "train/trace.h"

typedef struct trace_view {
    const tokenizer *tok;     /* borrowed */
    const train_trace *trace; /* borrowed */
    train_trace_row *rows;    /* V */
    int32_t *order;           /* the V ids by falling norm of the output side */
    int32_t *others;          /* the first of them that were not read */
    int64_t n_others;
} trace_view;

/* With the k rows, at most, of the largest output side beside those that were read. Release with
 * trace_view_free. */
trace_view trace_view_new(const tokenizer *tok, const train_trace *trace, int64_t k);
void trace_view_free(trace_view *v);

/* Whether any position reads the token. */
bool trace_is_read(const train_trace *tr, int32_t id);
/* Writes "0, 4, 7" to out[0..size), the positions that read the token, ".." where they do not fit;
 * returns out. */
char *trace_positions(const train_trace *tr, int32_t id, char *out, size_t size);

/* A row for each row of the embedding: id, token (io/csv.h), the positions that read it,
 * norms by side, and of the sum where the weights are tied. */
bool trace_write_csv(const trace_view *v, const char *path, err *e);
/* Which position reaches which row, a panel for each side. */
bool trace_write_picture(const trace_view *v, const char *path, err *e);

#endif
