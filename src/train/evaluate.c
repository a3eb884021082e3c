#include "train/evaluate.h"

#include "autograd/ops.h"
#include "train/batches.h"

#include <math.h>

/* Sums over blocks: of losses and tokens, and what the spread of block means needs. */
typedef struct totals {
    double loss, weighted_squares;
    int64_t n_tokens, n_blocks;
} totals;

/* Adds a block of T positions, of which n count; the losses of the others are 0. */
static void add_block(totals *sum, const real *losses, int64_t T, int64_t n) {
    double block = 0;
    if (n == 0) return;
    for (int64_t i = 0; i < T; i++) block += losses[i];
    sum->loss += block;
    sum->weighted_squares += block * block / (double)n;
    sum->n_tokens += n;
    sum->n_blocks++;
}

static train_evaluation summarise(const totals *sum) {
    train_evaluation result = {NAN, NAN, sum->n_tokens};
    if (sum->n_tokens == 0) return result;
    double n = (double)sum->n_blocks;
    result.loss = sum->loss / (double)sum->n_tokens;
    double variance = sum->weighted_squares / (double)sum->n_tokens - result.loss * result.loss;
    if (n > 1) result.standard_error = sqrt((variance > 0 ? variance : 0) / (n - 1));
    return result;
}

static void add_blocks(totals *sum, const nn_gpt *model, ag_tape *t, const train_set *set,
                       int64_t batch_size, int64_t n_blocks) {
    int64_t T = model->config.block_size, all = train_blocks_count(set, T);
    for (int64_t begin = 0; begin < n_blocks; begin += batch_size) {
        int64_t B = n_blocks - begin < batch_size ? n_blocks - begin : batch_size;
        ag_tape_reset(t);
        int32_t *ids = ag_tape_alloc(t, (size_t)(B * T) * sizeof *ids);
        int32_t *targets = ag_tape_alloc(t, (size_t)(B * T) * sizeof *targets);
        int64_t *counted = ag_tape_alloc(t, (size_t)B * sizeof *counted);
        for (int64_t b = 0; b < B; b++)
            counted[b] = train_blocks_get(set, T, (begin + b) * all / n_blocks, ids + b * T,
                                          targets + b * T);
        const real *losses = ag_row_losses(nn_gpt_loss(model, t, ids, targets, B, T));
        for (int64_t b = 0; b < B; b++) add_block(sum, losses + b * T, T, counted[b]);
    }
}

train_evaluation train_evaluate(const nn_gpt *model, ag_tape *t, const train_set *set,
                                int64_t batch_size, int64_t max_blocks) {
    int64_t all = train_blocks_count(set, model->config.block_size);
    int64_t n_blocks = max_blocks > 0 && max_blocks < all ? max_blocks : all;
    totals sum = {0};
    add_blocks(&sum, model, t, set, batch_size, n_blocks);
    if (sum.n_tokens == 0 && n_blocks < all) add_blocks(&sum, model, t, set, batch_size, all);
    return summarise(&sum);
}
