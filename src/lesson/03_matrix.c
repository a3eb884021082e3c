#include "lesson/03_matrix.h"

#include "base/array.h"
#include "lesson/draw.h"
#include "lesson/lesson.h"
#include "train/run.h"

enum { BERT_WIDTH = 768, BERT_SEGMENTS = 2 };

/* Devlin et al. 2018, Radford et al. 2019, Touvron et al. 2023, Brown et al. 2020.
 *
 * BERT ends in a pooler (D, D) with a bias and tells two segments apart by a row each; the norm of
 * its embeddings stands for the last norm of GPT. */
const matrix_model matrix_models[MATRIX_MODELS] = {
    {"BERT base",
     {.vocab_size = 30522,
      .block_size = 512,
      .n_layer = 12,
      .n_head = 12,
      .n_embd = BERT_WIDTH,
      .bias = true,
      .tie_weights = true},
     4 * BERT_WIDTH,
     BERT_SEGMENTS *BERT_WIDTH + BERT_WIDTH *BERT_WIDTH + BERT_WIDTH,
     110e6},
    {"GPT-2 small",
     {.vocab_size = 50257,
      .block_size = 1024,
      .n_layer = 12,
      .n_head = 12,
      .n_embd = 768,
      .bias = true,
      .tie_weights = true},
     4 * 768,
     0,
     124e6},
    {"LLaMA-2 13B",
     {.vocab_size = 32000,
      .block_size = 4096,
      .n_layer = 40,
      .n_head = 40,
      .n_embd = 5120,
      .position = NN_POSITION_ROPE,
      .activation = NN_ACTIVATION_SWIGLU,
      .norm = NN_NORM_RMSNORM},
     13824,
     0,
     13.0e9},
    {"GPT-3 175B",
     {.vocab_size = 50257,
      .block_size = 2048,
      .n_layer = 96,
      .n_head = 96,
      .n_embd = 12288,
      .bias = true,
      .tie_weights = true},
     4 * 12288,
     0,
     175e9},
};
enum { MODELS = MATRIX_MODELS };

int64_t matrix_count(const nn_gpt_config *c, int64_t hidden) {
    int64_t D = c->n_embd, bias = c->bias ? 1 : 0, gated = c->activation == NN_ACTIVATION_SWIGLU;
    int64_t norm = c->norm == NN_NORM_LAYERNORM ? D + bias * D : D;
    int64_t attention = 4 * D * D + bias * 4 * D;
    int64_t mlp = (gated ? 3 : 2) * D * hidden + bias * ((gated ? 2 : 1) * hidden + D);
    int64_t positions = c->position == NN_POSITION_LEARNED ? c->block_size * D : 0;
    return (c->tie_weights ? 1 : 2) * c->vocab_size * D + positions +
           c->n_layer * (attention + mlp + 2 * norm) + norm;
}

matrix_size matrix_size_of(const nn_gpt_config *c, int64_t parameters) {
    const double mib = 1 << 20;
    int64_t numbers = c->vocab_size * c->n_embd, matrices = c->tie_weights ? 1 : 2;
    return (matrix_size){numbers,
                         matrices,
                         parameters,
                         (double)numbers * sizeof(float) / mib,
                         (double)numbers * sizeof(bf16) / mib,
                         (double)(matrices * numbers) / (double)parameters};
}

static matrix_size size_of(const matrix_model *m) {
    return matrix_size_of(&m->shape, matrix_count(&m->shape, m->hidden) + m->beside);
}

/* A count of parameters as people say it: "124.4 M", "13.02 B". */
static const char *in_words(double count, char out[16]) {
    bool billions = count >= 1e9;
    snprintf(out, 16, "%.4g %c", count / (billions ? 1e9 : 1e6), billions ? 'B' : 'M');
    return out;
}

static void tell_sizes(const page *p) {
    page_line(p, "%-12s%6s%6s%8s%9s%9s%5s%8s%7s%8s", "", "V", "D", "V x D", "float32", "bfloat16",
              "tied", "counted", "stated", "share");
    for (int i = 0; i < MODELS; i++) {
        const nn_gpt_config *c = &matrix_models[i].shape;
        matrix_size s = size_of(&matrix_models[i]);
        char numbers[16], counted[16], stated[16];
        page_line(p, "%-12s%6lld%6lld%8s%5.0f MiB%5.0f MiB%5s%8s%7s%6.2f %%", matrix_models[i].name,
                  (long long)c->vocab_size, (long long)c->n_embd,
                  in_words((double)s.numbers, numbers), s.mib32, s.mib16,
                  c->tie_weights ? "yes" : "no", in_words((double)s.parameters, counted),
                  in_words(matrix_models[i].published, stated), 100 * s.share);
    }
    page_gap(p);
    page_text(p, "A number takes 4 bytes in float32 and 2 in bfloat16; a MiB is 1,048,576 bytes. "
                 "Training holds each number four times: itself, its gradient and two running "
                 "averages of the optimizer (AdamW). 'Counted' are all parameters, the numbers "
                 "that training sets, from the shape of the model (M = million, B = a thousand "
                 "million), 'stated' is what its authors say.");
    page_text(
        p,
        "To predict the next token, a model compares its last vector with one row for every token. "
        "Where those are the rows of the embedding matrix itself, input and output are tied: one "
        "matrix serves twice (lesson 7). LLaMA-2 has two, and its share is that of both.");
}

/* A count with its thousands apart: "38,597,376". */
static const char *with_commas(int64_t count, char out[32]) {
    char digits[24];
    int n = snprintf(digits, sizeof digits, "%lld", (long long)count), length = 0;
    for (int i = 0; i < n; i++) {
        if (i > 0 && (n - i) % 3 == 0) out[length++] = ',';
        out[length++] = digits[i];
    }
    out[length] = '\0';
    return out;
}

static void tell_part(const page *p, const char *what, const char *formula, int64_t count) {
    char text[32];
    page_line(p, "%-18s%-18s%14s", what, formula, with_commas(count, text));
}

/* All that is counted, for one model of GPT's kind. */
static void tell_count(const page *p, const matrix_model *m) {
    const nn_gpt_config *c = &m->shape;
    int64_t V = c->vocab_size, D = c->n_embd, T = c->block_size, L = c->n_layer;
    int64_t all = size_of(m).parameters, layers = L * 12 * D * D;
    page_text(p, "Where the parameters of %s are (T = %lld positions, L = %lld layers):", m->name,
              (long long)T, (long long)L);
    tell_part(p, "embedding matrix", "V D", V * D);
    tell_part(p, "positions", "T D", T * D);
    tell_part(p, "attention", "4 L D^2", layers / 3);
    tell_part(p, "MLP", "8 L D^2", layers / 3 * 2);
    tell_part(p, "biases and norms", "", all - V * D - T * D - layers);
    tell_part(p, "all", "", all);
    page_gap(p);
    page_text(p,
              "What to see: the matrix grows with D, a layer with D times D. A third of a small "
              "model is its table of tokens; of a large one, less than a hundredth, though that "
              "table is larger. The share is about V/(V + 12 L D): here %.1f %%.",
              100.0 * (double)V / (double)(V + 12 * L * D));
}

/* A matrix as small as can be, as training begins with it, and rows of it. */
static void tell_rows(const page *p) {
    enum { V = 6, D = 4, T = 3 };
    static const char *const tokens[V] = {"0 the", "1 cat", "2 sat", "3 on", "4 a", "5 mat"};
    static const char *const taken_names[T] = {"1 cat", "2 sat", "1 cat"};
    static const int32_t ids[T] = {1, 2, 1};
    nn_params params = {0};
    nn_embedding wte = nn_embedding_new(&params, "wte", V, D, 0.02);
    nn_params_allocate(&params, false);
    nn_params_init(&params, rng_from_seed(3));
    page_text(p, "Now one that can be read: V = 6, D = 4. Before training every number is drawn "
                 "at random, about 0, most of them within 0.04 (a normal distribution with the "
                 "standard deviation 0.02, as in GPT-2).");
    page_matrix(p, "wte.weight", tokens, &wte.weight->value, 4);
    ag_tape *tape = ag_tape_new(AG_NO_GRAD);
    tensor rows = nn_embedding_forward(&wte, tape, ids, 1, T)->value;
    rows = tensor_as_matrix(&rows);
    page_text(p, "\"cat sat cat\" is the ids 1, 2, 1. Looking them up takes rows 1, 2 and 1:");
    page_matrix(p, "rows", taken_names, &rows, 4);
    page_text(p, "An id is the number of a row and nothing else; the same id is the same row each "
                 "time. These rows do not mean anything yet: lessons 5 and 10 show how training "
                 "moves them.");
    ag_tape_free(tape);
    nn_params_free(&params);
}

static void draw(const lesson_room *room) {
    const char *names[MODELS];
    double memory[MODELS], share[MODELS];
    for (int i = 0; i < MODELS; i++) {
        matrix_size s = size_of(&matrix_models[i]);
        names[i] = matrix_models[i].name;
        memory[i] = s.mib32;
        share[i] = 100 * s.share;
    }
    const io_panel panels[] = {
        {.kind = IO_BARS,
         .title = "The matrix grows ...",
         .y_title = "memory in float32 (MiB)",
         .log_y = true,
         .names = names,
         .values = memory,
         .n_values = MODELS},
        {.kind = IO_BARS,
         .title = "... and the rest of the model grows faster",
         .y_title = "share of all parameters (%)",
         .names = names,
         .values = share,
         .n_values = MODELS},
    };
    lesson_draw(room, "03_matrix", "The embedding matrix of four models", panels, COUNT(panels), 2);
}

static bool tell_run(const page *p, const char *folder, err *e) {
    train_run run;
    if (!train_run_open(&run, folder, false, e)) return false;
    const nn_gpt_config *c = &run.model->config;
    matrix_size s = matrix_size_of(c, nn_params_count(&run.model->params));
    page_text(p,
              "Your run %s: V = %lld, D = %lld, so %lld numbers, %.3g MiB in float32 and %.3g "
              "MiB in bfloat16. Input and output are %s. That is %.2f %% of the %lld numbers "
              "of the model.",
              folder, (long long)c->vocab_size, (long long)c->n_embd, (long long)s.numbers, s.mib32,
              s.mib16, s.matrices == 1 ? "tied: one matrix" : "not tied: two matrices",
              100 * s.share, (long long)s.parameters);
    train_run_close(&run);
    return true;
}

static bool tell(const lesson_room *room, err *e) {
    const page *p = &room->page;
    page_text(p, "A model knows V tokens. For each it keeps D numbers, a vector: its embedding. "
                 "Written one below the other they are a table of V rows and D columns, the "
                 "embedding matrix. These are the matrices of four models that you may know:");
    tell_sizes(p);
    tell_count(p, &matrix_models[MATRIX_GPT2]);
    tell_rows(p);
    if (room->run && !tell_run(p, room->run, e)) return false;
    draw(room);
    return true;
}

/* LLaMA-2 7B. */
static double seven_billion(void) {
    const nn_gpt_config c = {.vocab_size = 32000, .n_embd = 4096};
    return matrix_size_of(&c, 1).mib32;
}

static const lesson_exercise exercises[] = {
    {.question = "The embedding matrix of LLaMA-2 7B has V = 32,000 rows of D = 4,096 numbers. "
                 "How many MiB does it take in float32?",
     .hint = "V x D numbers of 4 bytes each, divided by 1,048,576",
     .number = seven_billion,
     .tolerance = 0.002},
    {.question = "You make a model twice as wide (D doubles), with the same vocabulary and as many "
                 "layers. The matrix doubles. Does its share of all parameters grow or shrink?",
     .hint = "the matrix has V D numbers; how does a layer, 12 D^2, grow?",
     .words = "shrink|shrinks|share shrinks|smaller|decrease|decreases"},
};

const lesson lesson_matrix = {
    .name = "03_matrix",
    .title = "The embedding matrix",
    .about = "V rows of D numbers: what they take in models that you know",
    .takes_run = true,
    .tell = tell,
    .exercises = exercises,
    .n_exercises = COUNT(exercises),
};
