#include "train/batches.h"

#include "base/mem.h"

#include <stdlib.h>

bool train_batches_init(train_batches *b, const train_set *set, int64_t batch_size,
                        int64_t block_size, rng_key key, const train_resample *resample,
                        const char *name, err *e) {
    const int64_t n = set->tokens.n;
    *b = (train_batches){set, batch_size, block_size, .key = key, .resample = resample};
    b->epoch = -1;
    if (n <= block_size)
        return err_set(e, ERR_INPUT, "%s: %lld tokens, but block_size %lld needs at least %lld",
                       name, (long long)n, (long long)block_size, (long long)block_size + 1);
    /* One block fewer than fit leaves the shift a whole block to move in. */
    b->n_blocks = n / block_size - 1 > 1 ? n / block_size - 1 : 1;
    b->order = mem_new((size_t)b->n_blocks, sizeof *b->order);
    return true;
}

void train_batches_free(train_batches *b) {
    free(b->order);
    b->order = NULL;
    tok_ids_free(&b->ids);
    tok_ids_free(&b->mask);
}

/* Repeats the beginning of the ring behind its end, so that a block may begin anywhere in it. */
static void close_ring(tok_ids *ring, int64_t block_size) {
    for (int64_t i = 0; i < block_size; i++) tok_ids_append(ring, ring->data[i]);
}

/* The epoch's own tokens may be more or fewer than its blocks need: they are a ring. */
static void resample(train_batches *b, int64_t epoch, rng_stream *random) {
    b->ids.len = b->mask.len = 0;
    train_resample_epoch(b->resample, epoch, &b->ids, &b->mask);
    size_t n = b->ids.len < UINT32_MAX ? b->ids.len : UINT32_MAX;
    b->shift = rng_next_below(random, (uint32_t)n);
    close_ring(&b->ids, b->block_size);
    if (b->mask.len) close_ring(&b->mask, b->block_size);
}

static void begin_epoch(train_batches *b, int64_t epoch) {
    rng_key key = rng_split(b->key, (uint64_t)epoch);
    rng_stream random = {.key = rng_split(key, 1)};
    int64_t room = b->set->tokens.n - 1 - b->n_blocks * b->block_size;
    if (b->resample)
        resample(b, epoch, &random);
    else
        b->shift = rng_next_below(&random, (uint32_t)room + 1);
    rng_permutation(rng_split(key, 2), b->order, (uint32_t)b->n_blocks);
    b->epoch = epoch;
}

/* Where that sequence, one of this epoch, begins. */
static int64_t first_token(const train_batches *b, int64_t sequence) {
    return b->shift + b->order[sequence % b->n_blocks] * b->block_size;
}

static void copy_sequence(const train_batches *b, int64_t sequence, int32_t *ids,
                          int32_t *targets) {
    const int64_t first = first_token(b, sequence);
    if (b->resample) {
        const int64_t n = (int64_t)b->ids.len;
        train_set ring = train_set_of(b->ids.data, b->mask.len ? b->mask.data : NULL, n);
        train_set_copy(&ring, first % (n - b->block_size), b->block_size, ids, targets);
    } else {
        train_set_copy(b->set, first, b->block_size, ids, targets);
    }
}

void train_batches_get(train_batches *b, int64_t index, int32_t *ids, int32_t *targets) {
    for (int64_t j = 0; j < b->batch_size; j++) {
        int64_t sequence = index * b->batch_size + j, epoch = sequence / b->n_blocks;
        if (epoch != b->epoch) begin_epoch(b, epoch);
        copy_sequence(b, sequence, ids + j * b->block_size, targets + j * b->block_size);
    }
}

void train_batches_read_ahead(const train_batches *b, int64_t index) {
    for (int64_t j = 0; !b->resample && j < b->batch_size; j++) {
        int64_t sequence = index * b->batch_size + j;
        if (sequence / b->n_blocks == b->epoch)
            train_set_read_ahead(b->set, first_token(b, sequence), b->block_size);
    }
}

int64_t train_blocks_count(const train_set *set, int64_t block_size) {
    const int64_t n = set->tokens.n;
    return n > 1 ? (n - 1 + block_size - 1) / block_size : 0;
}

int64_t train_blocks_get(const train_set *set, int64_t block_size, int64_t block, int32_t *ids,
                         int32_t *targets) {
    int64_t first = block * block_size, left = set->tokens.n - 1 - first, counted = 0;
    int64_t n = left < block_size ? left : block_size;
    train_set_copy(set, first, n, ids, targets);
    for (int64_t i = n; i < block_size; i++) {
        ids[i] = 0;
        targets[i] = -1;
    }
    for (int64_t i = 0; i < n; i++) counted += targets[i] >= 0;
    return counted;
}
