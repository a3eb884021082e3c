#include "lesson/09_attention.h"

#include "autograd/ops.h"
#include "base/array.h"
#include "base/check.h"
#include "base/str.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { WIDTH = ATTENTION_WIDTH };

const char *const attention_columns[WIDTH] = {"alive", "food", "doing", "joins",
                                              "young", "dog",  "fruit", "mouth"};
enum { ALIVE = 0, DOING = 2 };

static const struct {
    const char *name;
    real vector[WIDTH];
} words[] = {
    {"dog", {2, 0, 0, 0, 0, 1, 0, 0}},    {"puppy", {2, 0, 0, 0, 1, 1, 0, 0}},
    {"cat", {2, 0, 0, 0, 0, 0, 0, 0}},    {"kitten", {2, 0, 0, 0, 1, 0, 0, 0}},
    {"apple", {0, 2, 0, 0, 0, 0, 1, 0}},  {"banana", {0, 2, 0, 0, 0, 0, 2, 0}},
    {"bread", {0, 2, 0, 0, 0, 0, 0, 0}},  {"milk", {0, 2, 0, 0, 1, 0, 0, 0}},
    {"eats", {0, 0, 2, 0, 0, 0, 0, 1}},   {"drinks", {0, 0, 2, 0, 0, 0, 0, 2}},
    {"chases", {0, 0, 2, 0, 0, 0, 0, 0}}, {"sees", {0, 0, 2, 0, 0, 0, 0, 0}},
    {"and", {0, 0, 0, 2, 0, 0, 0, 0}},    {"the", {0, 0, 0, 1, 0, 0, 0, 0}},
};

/* What is added to scores (T, T): 0 for keys up to the query's place, minus infinity behind it. */
static ag_var *mask(ag_tape *t, int64_t T) {
    real *numbers = ag_tape_alloc(t, (size_t)(T * T) * sizeof *numbers);
    for (int64_t i = 0; i < T * T; i++) numbers[i] = i % T > i / T ? -INFINITY : 0;
    return ag_input(t, tensor_2d(numbers, T, T));
}

attention_steps attention_by_steps(ag_tape *t, ag_var *q, ag_var *k, ag_var *v) {
    int64_t T = q->value.shape[1], HS = q->value.shape[2];
    attention_steps s;
    s.scores = ag_matmul(t, q, ag_permute(t, k, (int[]){0, 2, 1}));
    s.scores = ag_scale(t, s.scores, 1 / (real)sqrt((double)HS));
    s.weights = ag_softmax(t, ag_add(t, s.scores, mask(t, T)));
    s.out = ag_matmul(t, s.weights, v);
    return s;
}

/* The largest difference of x (1, T, HS) to the columns of y (1, T, C) from `first` on. */
static double difference(const ag_var *x, const ag_var *y, int64_t first) {
    int64_t T = x->value.shape[1], HS = x->value.shape[2], C = y->value.shape[2];
    double most = 0;
    for (int64_t i = 0; i < T * HS; i++)
        most = fmax(most,
                    fabs((double)(x->value.data[i] - y->value.data[i / HS * C + first + i % HS])));
    return most;
}

double attention_weight(const ag_var *weights, int64_t from, int64_t to) {
    return (double)weights->value.data[from * weights->value.shape[2] + to];
}

static int find(const char *name, size_t n) {
    for (size_t i = 0; i < COUNT(words); i++)
        if (strlen(words[i].name) == n && strncasecmp(words[i].name, name, n) == 0) return (int)i;
    return -1;
}

static bool no_vector(const char *name, size_t n, err *e) {
    str known = {0};
    for (size_t i = 0; i < COUNT(words); i++) str_printf(&known, " %s", words[i].name);
    err_set(e, ERR_INPUT, "the lesson has no vector for '%.*s', only for:%s", (int)n, name,
            known.data);
    str_free(&known);
    return false;
}

/* Reads the words; their vectors go to x (ATTENTION_WORDS, WIDTH). */
static bool read_words(attention_sentence *s, const char *text, real *x, err *e) {
    for (const char *at = text; *(at += strspn(at, " "));) {
        size_t n = strcspn(at, " ");
        int word = find(at, n < 40 ? n : 40);
        if (word < 0) return no_vector(at, n < 40 ? n : 40, e);
        if (s->n == ATTENTION_WORDS)
            return err_set(e, ERR_INPUT, "the lesson takes a sentence of at most %d words",
                           ATTENTION_WORDS);
        memcpy(x + s->n * WIDTH, words[word].vector, sizeof words[word].vector);
        s->words[s->n++] = words[word].name;
        at += n;
    }
    return s->n >= 2 || err_set(e, ERR_INPUT,
                                "a sentence of at least two words, please: one alone has nothing "
                                "to attend to");
}

/* (WIDTH, WIDTH): makes of `doing` a question for what is alive. */
static ag_var *doing_to_alive(ag_tape *t) {
    real *w = ag_tape_alloc(t, WIDTH * WIDTH * sizeof *w);
    memset(w, 0, WIDTH * WIDTH * sizeof *w);
    w[DOING * WIDTH + ALIVE] = 2;
    return ag_input(t, tensor_2d(w, WIDTH, WIDTH));
}

bool attention_sentence_make(attention_sentence *s, const char *text, err *e) {
    *s = (attention_sentence){.tape = ag_tape_new(AG_NO_GRAD)};
    real *vectors = ag_tape_alloc(s->tape, ATTENTION_WORDS * WIDTH * sizeof *vectors);
    if (!read_words(s, text, vectors, e)) return false;
    s->x = ag_input(s->tape, tensor_of(vectors, 3, (int64_t[]){1, s->n, WIDTH}));
    s->alike = attention_by_steps(s->tape, s->x, s->x, s->x);
    s->error = difference(s->alike.out, ag_attention(s->tape, s->x, s->x, s->x, 1, 0), 0);
    ag_var *q = ag_matmul(s->tape, s->x, doing_to_alive(s->tape));
    s->doers = attention_by_steps(s->tape, q, s->x, s->x);
    return true;
}

void attention_sentence_free(attention_sentence *s) {
    ag_tape_free(s->tape);
}

/* The attention op of each block, in order. */
static void find_attentions(const ag_tape *t, ag_var **found, int64_t n_layer) {
    int n;
    ag_var *const *vars = ag_tape_vars(t, &n);
    int64_t layer = 0;
    for (int i = 0; i < n && layer < n_layer; i++)
        if (strcmp(ag_op_name(vars[i]), "attention") == 0) found[layer++] = vars[i];
    CHECK(layer == n_layer, "%lld attentions in %lld blocks", (long long)layer, (long long)n_layer);
}

attention_heads attention_heads_of(const nn_gpt *m, const int32_t *ids, int64_t T) {
    int64_t L = m->config.n_layer, NH = m->config.n_head, HS = m->config.n_embd / NH;
    attention_heads a = {
        ag_tape_new(AG_NO_GRAD), L, NH, T, mem_new((size_t)(L * NH), sizeof *a.weights), 0};
    ag_var **blocks = mem_new((size_t)L, sizeof *blocks);
    nn_gpt_forward(m, a.tape, ids, 1, T, NULL);
    find_attentions(a.tape, blocks, L);
    for (int64_t i = 0; i < L * NH; i++) {
        const ag_var *op = blocks[i / NH];
        ag_var *part[3];
        for (int p = 0; p < 3; p++) part[p] = ag_slice(a.tape, op->in[p], 2, i % NH * HS, HS);
        attention_steps s = attention_by_steps(a.tape, part[0], part[1], part[2]);
        a.weights[i] = s.weights;
        a.error = fmax(a.error, difference(s.out, op, i % NH * HS));
    }
    free(blocks);
    return a;
}

void attention_heads_free(attention_heads *a) {
    ag_tape_free(a->tape);
    free(a->weights);
}
