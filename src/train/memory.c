#include "train/memory.h"

#include "autograd/cross_entropy.h"
#include "autograd/norm.h"
#include "base/thread.h"

/* Measured: the program in training with its libraries, evaluation and pictures (a bare step takes
 * 9 MiB less), what BLIS packs into and the workspaces of bf16 products (tensor/bf16_part.c), each
 * of one thread. */
enum { PROGRAM = 21 << 20, REAL_WORKSPACE = 3 << 20, BF16_WORKSPACE = 3 << 20 };

/* Bytes of a number of a (B, T) batch. */
typedef struct sizes {
    double real, activation, C, hidden;
} sizes;

static double larger(double a, double b) {
    return a > b ? a : b;
}

/* One token in one layer: the values that the block appends to the tape, in its order. */
static double layer_bytes(const nn_gpt_config *c, const sizes *s) {
    double a = s->activation, r = s->real,
           norm = s->C * a + (c->norm == NN_NORM_RMSNORM ? r : 2 * r);
    double mlp = c->activation == NN_ACTIVATION_SWIGLU ? 3 * a + r : 2 * a;
    double bytes = norm + 3 * s->C * a;                         /* ln_1, c_attn */
    if (c->position == NN_POSITION_ROPE) bytes += 2 * s->C * a; /* q and k, turned */
    bytes += s->C * a + (double)c->n_head * r;                  /* attention and log-sum-exps */
    bytes += s->C * a + s->C * r;                               /* c_proj, residual sum */
    bytes += norm + s->hidden * mlp + s->C * a + s->C * r;
    if (c->dropout > 0) bytes += 2 * s->C * a;
    return bytes;
}

/* One token outside the layers: embedding, positions, the last norm, rows of the loss. */
static double outer_bytes(const nn_gpt_config *c, const sizes *s) {
    double r = s->real, bytes = s->C * r + s->C * s->activation + 7 * r;
    if (c->position == NN_POSITION_LEARNED) bytes += s->C * r;
    if (c->position == NN_POSITION_SINUSOIDAL) bytes += 2 * s->C * r;
    if (c->dropout > 0) bytes += s->C * r;
    return bytes;
}

/* One token: the gradients that are there at once before the first values are released. Later ones
 * take the memory of what was released. */
static double gradient_bytes(const nn_gpt_config *c, const sizes *s) {
    double a = s->activation, mlp = c->activation == NN_ACTIVATION_SWIGLU ? 2 * a + s->real : a;
    return s->C * (s->real + 4 * a) + s->hidden * mlp;
}

static double scratch_bytes(const nn_gpt_config *c, tensor_type type, double rows, double T) {
    double r = sizeof(real), C = (double)c->n_embd;
    double width = (double)cross_entropy_block((int64_t)rows, c->vocab_size);
    double loss = rows * width * r + (type == TENSOR_BF16 ? rows * C * r : 0);
    double HS = C / (double)c->n_head, threads = (double)thread_count();
    double attention =
        threads * (type == TENSOR_BF16 ? (14 * HS + 900) * T : (96 + 2 * HS) * T * r);
    double norm = NORM_PARTS * 2 * C * r;
    double gated = c->activation == NN_ACTIVATION_SWIGLU
                       ? rows * (double)nn_mlp_hidden(c->n_embd, c->activation) * r
                       : 0;
    return larger(larger(loss, gated), larger(attention, norm));
}

train_memory train_memory_predict(const nn_gpt_config *model, int64_t numel,
                                  const optim_settings *settings, tensor_type activations,
                                  int64_t B, int64_t T) {
    const sizes s = {sizeof(real), activations == TENSOR_BF16 ? sizeof(bf16) : sizeof(real),
                     (double)model->n_embd,
                     (double)nn_mlp_hidden(model->n_embd, model->activation)};
    double rows = (double)(B * T), layers = (double)model->n_layer;
    double token =
        layers * layer_bytes(model, &s) + outer_bytes(model, &s) + gradient_bytes(model, &s);
    double tables = model->position == NN_POSITION_ROPE
                        ? 2 * layers * (double)(T * model->n_embd / model->n_head) * s.real
                        : 0;
    size_t parameters = (size_t)numel * sizeof(real);
    return (train_memory){
        .parameters = parameters,
        .gradients = parameters,
        .optimizer = (size_t)optim_moments(settings) * parameters,
        .activations = (size_t)(rows * token + tables),
        .scratch = (size_t)scratch_bytes(model, activations, rows, (double)T),
        .workspaces =
            (size_t)thread_count() * (activations == TENSOR_BF16 ? BF16_WORKSPACE : REAL_WORKSPACE),
        .program = PROGRAM + (size_t)(2 * B * T) * sizeof(int32_t),
    };
}

size_t train_memory_of_watch(const nn_gpt_config *model, int64_t numel) {
    return (size_t)(numel + 2 * model->vocab_size * model->n_embd) * sizeof(real);
}

size_t train_memory_total(const train_memory *m) {
    return m->parameters + m->gradients + m->optimizer + m->activations + m->scratch +
           m->workspaces + m->program + m->watch;
}
