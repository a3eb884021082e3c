#include "train/batches.h"

#include "base/mem.h"

#include <stdlib.h>

bool train_batches_init(train_batches *b, const train_tokens *tokens, int64_t batch_size,
                        int64_t block_size, rng_key key, const char *name, err *e) {
    *b = (train_batches){tokens, batch_size, block_size, .key = key, .epoch = -1};
    if (tokens->n <= block_size)
        return err_set(e, ERR_INPUT, "%s: %lld tokens, but block_size %lld needs at least %lld",
                       name, (long long)tokens->n, (long long)block_size,
                       (long long)block_size + 1);
    /* One block fewer than fit leaves the shift a whole block to move in. */
    b->n_blocks = tokens->n / block_size - 1 > 1 ? tokens->n / block_size - 1 : 1;
    b->order = mem_new((size_t)b->n_blocks, sizeof *b->order);
    return true;
}

void train_batches_free(train_batches *b) {
    free(b->order);
    b->order = NULL;
}

static void begin_epoch(train_batches *b, int64_t epoch) {
    rng_key key = rng_split(b->key, (uint64_t)epoch);
    rng_stream shift = {.key = rng_split(key, 1)};
    int64_t room = b->tokens->n - 1 - b->n_blocks * b->block_size;
    b->shift = rng_next_below(&shift, (uint32_t)room + 1);
    rng_permutation(rng_split(key, 2), b->order, (uint32_t)b->n_blocks);
    b->epoch = epoch;
}

/* ids and targets of block_size tokens from `first` on. */
static void copy_block(const train_tokens *tokens, int64_t first, int64_t n, int32_t *ids,
                       int32_t *targets) {
    train_tokens_copy(tokens, first, n, ids);
    train_tokens_copy(tokens, first + 1, n, targets);
}

void train_batches_get(train_batches *b, int64_t index, int32_t *ids, int32_t *targets) {
    for (int64_t j = 0; j < b->batch_size; j++) {
        int64_t sequence = index * b->batch_size + j, epoch = sequence / b->n_blocks;
        if (epoch != b->epoch) begin_epoch(b, epoch);
        int64_t block = b->order[sequence % b->n_blocks];
        copy_block(b->tokens, b->shift + block * b->block_size, b->block_size,
                   ids + j * b->block_size, targets + j * b->block_size);
    }
}

int64_t train_blocks_count(const train_tokens *tokens, int64_t block_size) {
    return tokens->n > 1 ? (tokens->n - 1 + block_size - 1) / block_size : 0;
}

int64_t train_blocks_get(const train_tokens *tokens, int64_t block_size, int64_t block,
                         int32_t *ids, int32_t *targets) {
    int64_t first = block * block_size, left = tokens->n - 1 - first;
    int64_t n = left < block_size ? left : block_size;
    copy_block(tokens, first, n, ids, targets);
    for (int64_t i = n; i < block_size; i++) {
        ids[i] = 0;
        targets[i] = -1;
    }
    return n;
}
