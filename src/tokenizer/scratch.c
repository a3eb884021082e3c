#include "tokenizer/scratch.h"

#include "base/mem.h"
#include "tokenizer/model/piece_cache.h"
#include "tokenizer/text/pattern.h"

#include <pthread.h>
#include <stdlib.h>

struct tok_scratch_pool {
    pthread_mutex_t lock;
    tok_scratch *idle; /* those given back */
};

tok_scratch_pool *scratch_pool_new(void) {
    tok_scratch_pool *pool = mem_new(1, sizeof *pool);
    pthread_mutex_init(&pool->lock, NULL);
    return pool;
}

static void scratch_free(tok_scratch *s) {
    piece_cache_free(s->cache);
    pattern_match_free(s->match);
    for (int i = 0; i < 2; i++) str_free(&s->normalized[i]);
    for (int i = 0; i < SCRATCH_TEXTS; i++) str_free(&s->split[i]);
    str_free(&s->text);
    free(s->work);
    free(s);
}

void scratch_pool_free(tok_scratch_pool *pool) {
    if (!pool) return;
    for (tok_scratch *s = pool->idle, *next; s; s = next) {
        next = s->next;
        scratch_free(s);
    }
    pthread_mutex_destroy(&pool->lock);
    free(pool);
}

tok_scratch *scratch_take(tok_scratch_pool *pool) {
    pthread_mutex_lock(&pool->lock);
    tok_scratch *s = pool->idle;
    if (s) pool->idle = s->next;
    pthread_mutex_unlock(&pool->lock);
    return s ? s : mem_new(1, sizeof *s);
}

void scratch_give(tok_scratch_pool *pool, tok_scratch *s) {
    pthread_mutex_lock(&pool->lock);
    s->next = pool->idle;
    pool->idle = s;
    pthread_mutex_unlock(&pool->lock);
}

void *scratch_work(tok_scratch *s, size_t bytes) {
    if (bytes > s->work_size) {
        size_t twice = 2 * s->work_size;
        s->work_size = bytes > twice ? bytes : twice;
        free(s->work);
        s->work = mem_new_aligned(s->work_size);
    }
    return s->work;
}
