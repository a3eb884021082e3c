/* GPT: a decoder-only transformer (Radford et al. 2019), with the choices that people ask for. */
#ifndef NN_GPT_H
#define NN_GPT_H

#include "nn/block.h"
#include "nn/embedding.h"

/* How a token knows its place: a learned row (GPT-2), sines added to sqrt(C) times the embedding
 * (Vaswani et al. 2017), rotation of q and k (Su et al. 2021), or not at all. */
typedef enum nn_position {
    NN_POSITION_LEARNED,
    NN_POSITION_SINUSOIDAL,
    NN_POSITION_ROPE,
    NN_POSITION_NONE
} nn_position;
#define NN_POSITION_NAMES "learned|sinusoidal|rope|none" /* in the order of the enum */

typedef struct nn_gpt_config {
    int64_t vocab_size, block_size, n_layer, n_head, n_embd;
    double dropout;
    bool bias, tie_weights;
    nn_position position;
    nn_activation activation;
    nn_norm_type norm;
    double init_std; /* 0 = GPT-2's 0.02 */
} nn_gpt_config;

typedef struct nn_gpt {
    nn_gpt_config config;
    nn_params params;
    nn_embedding wte; /* (V, C) */
    nn_embedding wpe; /* (block_size, C), learned positions only */
    real *sines;      /* (block_size, C), sinusoidal positions only */
    nn_block *h;
    nn_norm ln_f;
    ag_var *head; /* (V, C): wte.weight when tied, else lm_head.weight */
} nn_gpt;

/* Returns new (free with nn_gpt_free), all zeros until nn_params_init(&m->params, key) gives it
 * GPT-2's initialisation, N(0, init_std^2), projections back to the residual stream
 * N(0, init_std^2 / (2 n_layer)), or a checkpoint is loaded. Without gradients it can only run
 * forward. */
nn_gpt *nn_gpt_new(const nn_gpt_config *config, bool with_grad);
void nn_gpt_free(nn_gpt *m);
/* Stores the matrices of a model without gradients as bf16: it takes and reads half the memory, and
 * can only run from here on (nn_params_store_bf16). */
void nn_gpt_store_bf16(nn_gpt *m);

/* The last hidden state ln_f(...) of ids (B, T), T <= block_size: (B, T, C). With a cache the ids
 * continue what it holds, and it holds them afterwards. ids are borrowed until reset. */
ag_var *nn_gpt_forward(const nn_gpt *m, ag_tape *t, const int32_t *ids, int64_t B, int64_t T,
                       nn_kv_cache *cache);
/* The same without a cache, and the vectors of each token on its way, layers[0 .. n_layer + 1]: its
 * row of wte, what each block leaves, and the last hidden state, each (B, T, C). */
ag_var *nn_gpt_forward_layers(const nn_gpt *m, ag_tape *t, const int32_t *ids, int64_t B, int64_t T,
                              ag_var **layers);
/* Mean next-token loss of targets (B, T): (1). */
ag_var *nn_gpt_loss(const nn_gpt *m, ag_tape *t, const int32_t *ids, const int32_t *targets,
                    int64_t B, int64_t T);
/* The logits of the last position of each sequence: (B, 1, V). */
ag_var *nn_gpt_last_logits(const nn_gpt *m, ag_tape *t, ag_var *hidden);

/* Floating-point operations of forward and backward for one token at context T: 6 for each weight
 * that is multiplied, 6 L C T for attention under the causal mask. */
double nn_gpt_flops_per_token(const nn_gpt *m, int64_t T);
/* Bytes of weights that one forward pass reads however few tokens it runs: all but single rows of
 * embeddings. */
size_t nn_gpt_bytes_per_token(const nn_gpt *m);

#endif
