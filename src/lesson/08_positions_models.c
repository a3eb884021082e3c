#include "lesson/08_positions.h"

#include "autograd/ops.h"
#include "base/array.h"
#include "base/check.h"
#include "lesson/cosine.h"
#include "lesson/small_gpt.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { PLACES = POSITIONS_PLACES, WIDTH = POSITIONS_WIDTH };

static const char *const vocabulary[] = {"dog",  "bites", "man",  "and",   "cat",
                                         "sees", "bird",  "king", "likes", "cake",
                                         "girl", "hears", "bell", "fox",   "hen"};
enum { WORDS = COUNT(vocabulary), DOG = 0, BITES, MAN, AND, THEN };

/* Stretches of three words that come round two to five times: who knows its place knows which of
 * the words before it stood three places back. */
static int32_t *text_new(int64_t n, uint64_t seed) {
    int32_t *ids = mem_new((size_t)n, sizeof *ids);
    rng_stream random = {.key = rng_from_seed(seed)};
    uint32_t order[WORDS];
    for (int64_t i = 0, stretch = 0; i < n; stretch++) {
        rng_permutation(rng_split(random.key, (uint64_t)stretch), order, WORDS);
        int64_t length = 3 * (2 + (int64_t)rng_next_below(&random, 4));
        for (int64_t k = 0; k < length && i < n; k++) ids[i++] = (int32_t)order[k % 3];
    }
    return ids;
}

static void train(positions_model *m, const train_set *text, int64_t steps, lesson_work *work) {
    const small_gpt_plan plan = {.model = {.vocab_size = WORDS,
                                           .block_size = PLACES,
                                           .n_layer = m->n_layer,
                                           .n_head = 2,
                                           .n_embd = WIDTH,
                                           .init_std = 0.03,
                                           .bias = true,
                                           .tie_weights = true,
                                           .position = m->position},
                                 .steps = steps,
                                 .batch_size = 16,
                                 .learning_rate = 0.01,
                                 .seed = 1,
                                 .work = work};
    m->model = small_gpt_train(&plan, text);
    m->loss = small_gpt_loss(m->model, text);
}

/* The first input of the first op of that name on the tape. */
static const ag_var *first_input(const ag_tape *t, const char *op) {
    int n;
    ag_var *const *vars = ag_tape_vars(t, &n);
    for (int i = 0; i < n; i++)
        if (strcmp(ag_op_name(vars[i]), op) == 0) return vars[i]->in[0];
    CHECK(false, "no %s on the tape", op);
    return NULL;
}

/* The cosine of the vectors at places a and b of x (1, T, C). */
static double cosine_of(const ag_var *x, int64_t a, int64_t b) {
    int64_t step = x->value.stride[1];
    return lesson_cosine(tensor_at(&x->value, a * step), tensor_at(&x->value, b * step),
                         x->value.shape[2]);
}

static void compare_places(positions_model *m) {
    const int32_t ids[] = {DOG, BITES, MAN, DOG, BITES, MAN, DOG};
    ag_tape *t = ag_tape_new(AG_NO_GRAD);
    const ag_var *out = nn_gpt_forward(m->model, t, ids, 1, COUNT(ids), NULL);
    m->into = cosine_of(first_input(t, "layer_norm"), 3, 6);
    m->query = cosine_of(first_input(t, "attention"), 3, 6);
    m->out = cosine_of(out, 3, 6);
    ag_tape_free(t);
}

/* The likeliest word of logits (V). */
static const char *likeliest(const real *logits) {
    int best = 0;
    for (int i = 1; i < WORDS; i++)
        if (logits[i] > logits[best]) best = i;
    return vocabulary[best];
}

static void compare_orders(positions_model *m) {
    enum { T = 5, LAST = (T - 1) * WIDTH };
    const int32_t ids[2][T] = {{DOG, BITES, MAN, AND, THEN}, {MAN, BITES, DOG, AND, THEN}};
    ag_tape *t = ag_tape_new(AG_NO_GRAD);
    ag_var *out = nn_gpt_forward(m->model, t, ids[0], 2, T, NULL);
    const real *x = out->value.data + LAST, *y = x + T * WIDTH;
    for (int i = 0; i < WIDTH; i++) m->order = fmax(m->order, fabs((double)(x[i] - y[i])));
    const real *logits = nn_gpt_last_logits(m->model, t, out)->value.data;
    m->next[0] = likeliest(logits);
    m->next[1] = likeliest(logits + WORDS);
    ag_tape_free(t);
}

/* One random vector at every place, turned by its place. */
static ag_var *turned(ag_tape *t, real *vector) {
    tensor at_each = {{vector}, 3, {1, PLACES, WIDTH}, {0, 0, 1}, TENSOR_REAL};
    return ag_rope(t, ag_input(t, at_each), 1, 0);
}

static void compute_rope(positions *p) {
    real ones[WIDTH], q[WIDTH], k[WIDTH];
    ag_tape *t = ag_tape_new(AG_NO_GRAD);
    for (int i = 0; i < WIDTH; i++) ones[i] = 1;
    rng_fill_uniform(rng_from_seed(1), q, WIDTH, -1, 1);
    rng_fill_uniform(rng_from_seed(2), k, WIDTH, -1, 1);
    memcpy(p->rope, turned(t, ones)->value.data, sizeof p->rope);
    ag_var *scores = ag_matmul(t, turned(t, q), ag_permute(t, turned(t, k), (int[]){0, 2, 1}));
    memcpy(p->scores, scores->value.data, sizeof p->scores);
    ag_tape_free(t);
    for (int i = 1; i < PLACES; i++)
        for (int j = 1; j < PLACES; j++)
            p->uneven = fmax(p->uneven, fabs((double)(p->scores[i][j] - p->scores[i - 1][j - 1])));
}

static void compare_rows(positions *p) {
    const real *rows = p->models[0].model->wpe.weight->value.data;
    for (int d = 1; d < POSITIONS_APART; d++)
        for (int i = 0; i + d < PLACES; i++)
            p->alike[d] +=
                lesson_cosine(rows + i * WIDTH, rows + (i + d) * WIDTH, WIDTH) / (PLACES - d);
}

positions *positions_new(int64_t steps, lesson_progress progress) {
    enum { TOKENS = 12000 };
    static const positions_model models[POSITIONS_MODELS] = {
        {.name = "learned", .position = NN_POSITION_LEARNED, .n_layer = 1},
        {.name = "sinusoidal", .position = NN_POSITION_SINUSOIDAL, .n_layer = 1},
        {.name = "RoPE", .position = NN_POSITION_ROPE, .n_layer = 1},
        {.name = "none", .position = NN_POSITION_NONE, .n_layer = 1},
        {.name = "none, 2 blocks", .position = NN_POSITION_NONE, .n_layer = 2}};
    positions *p = mem_new(1, sizeof *p);
    int32_t *ids = text_new(TOKENS, 1);
    const train_set text = train_set_of(ids, NULL, TOKENS);
    lesson_work work = {progress, "training five small models", POSITIONS_MODELS * steps, 0};
    memcpy(p->models, models, sizeof models);
    for (int i = 0; i < POSITIONS_MODELS; i++) {
        train(&p->models[i], &text, steps, &work);
        compare_places(&p->models[i]);
        compare_orders(&p->models[i]);
    }
    compute_rope(p);
    compare_rows(p);
    free(ids);
    return p;
}

void positions_free(positions *p) {
    if (!p) return;
    for (int i = 0; i < POSITIONS_MODELS; i++) nn_gpt_free(p->models[i].model);
    free(p);
}
