/* The sums of a table and of the runs it spilled, as one sorted sequence. Private to the files of
 * train/cooccur.h. */
#ifndef TRAIN_COOCCUR_MERGE_H
#define TRAIN_COOCCUR_MERGE_H

#include "train/cooccur_table.h"

/* A sorted stretch of sums of which a part is in memory. */
typedef struct cooccur_source {
    const cooccur_sum *at, *end; /* what is left of the part in memory, never empty */
    cooccur_sum *buffer;         /* NULL for a source that is in memory as a whole */
    int64_t next, stop;          /* what is still in the file, in sums */
} cooccur_source;

typedef struct cooccur_merge {
    const cooccur_table *table; /* borrowed */
    cooccur_source *heap;       /* n, the source with the smallest key first */
    int64_t n, capacity;        /* of the heap; of each buffer */
    cooccur_sum *buffers;
} cooccur_merge;

/* Begins at the smallest key of a table that was sorted, or spilled when it has runs; the buffers
 * take about max_bytes. Release with cooccur_merge_free in any case. */
bool cooccur_merge_begin(cooccur_merge *m, const cooccur_table *t, size_t max_bytes, err *e);
void cooccur_merge_free(cooccur_merge *m);
/* The next key with all that was added to it; false at the end, and on an error, which e tells. */
bool cooccur_merge_next(cooccur_merge *m, cooccur_sum *out, err *e);

#endif
