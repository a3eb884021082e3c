/* Working memory of one thread that encodes: taken at the beginning of a call, given back at its
 * end, so that encoding many short texts allocates nothing. Private to this folder. */
#ifndef TOKENIZER_SCRATCH_H
#define TOKENIZER_SCRATCH_H

#include "base/str.h"

#include <stddef.h>
#include <stdint.h>

struct piece_cache;
struct pattern_match;

enum { SCRATCH_TEXTS = 16 };

typedef struct tok_scratch {
    struct tok_scratch *next;    /* in the pool */
    struct piece_cache *cache;   /* piece_cache.h; NULL until used */
    struct pattern_match *match; /* pattern.h; NULL until used */
    str normalized[2];           /* normalizer: from one to the other, step by step */
    str split[SCRATCH_TEXTS];    /* splitter: texts that its steps change */
    str text;                    /* the model's */
    void *work;                  /* the model's arrays, of work_size bytes */
    size_t work_size;
} tok_scratch;

typedef struct tok_scratch_pool tok_scratch_pool;

tok_scratch_pool *scratch_pool_new(void);
/* Frees the scratch memories, which must all be given back. NULL is fine. */
void scratch_pool_free(tok_scratch_pool *pool);
/* May be called by several threads at once. */
tok_scratch *scratch_take(tok_scratch_pool *pool);
void scratch_give(tok_scratch_pool *pool, tok_scratch *s);
/* At least `bytes` of memory, 64-byte aligned, not cleared, that lives until the next call. */
void *scratch_work(tok_scratch *s, size_t bytes);

#endif
