#include "lesson/09_attention.h"

#include "base/array.h"
#include "lesson/09_attention_run.h"
#include "lesson/cosine.h"
#include "lesson/draw.h"

#include <math.h>
#include <stdlib.h>

static const char name[] = "09_attention";
static const char sentence[] = "dog eats apple and puppy eats banana";

/* The last two dimensions of x (1, n, columns). */
static tensor matrix_of(const ag_var *x) {
    return tensor_2d(x->value.data, x->value.shape[1], x->value.shape[2]);
}

static void tell_vectors(const attention_sentence *s, const page *p) {
    tensor x = matrix_of(s->x);
    page_text(p, "Attention lets each word of a text gather what it needs from the words before "
                 "it. Here it is step by step, on vectors made by hand, so that you can check each "
                 "number: a word has a few properties, with a number for each.");
    page_line(p, "%-6s    %5s %5s %5s %5s %5s %5s %5s %5s", "", attention_columns[0],
              attention_columns[1], attention_columns[2], attention_columns[3],
              attention_columns[4], attention_columns[5], attention_columns[6],
              attention_columns[7]);
    page_matrix(p, "x: the words", s->words, &x, 1);
    page_text(p,
              "From its vector each word makes three: a query q (what it looks for), a key k (what "
              "it offers to those that look) and a value v (what it hands over). A trained model "
              "has a matrix that makes each of them from x; we begin with q = k = v = x.");
}

static void tell_steps(const attention_sentence *s, const page *p) {
    tensor scores = matrix_of(s->alike.scores), weights = matrix_of(s->alike.weights);
    tensor out = matrix_of(s->alike.out);
    page_heading(p, "1. Scores: each query times each key, divided by sqrt(%d)", ATTENTION_WIDTH);
    page_matrix(p, "q k^T / sqrt(HS): a row per query, a column per key", s->words, &scores, 2);
    page_heading(p, "2. Mask and softmax");
    page_text(p, "A word may only look back: the mask sets the scores right of the diagonal to "
                 "minus infinity. Then softmax, exp(score) / sum of exp(scores), turns each row "
                 "into weights that sum to 1.");
    page_matrix(p, "weights", s->words, &weights, 2);
    page_heading(p, "3. Each word gets that mixture of the values");
    page_matrix(p, "weights v", s->words, &out, 2);
    page_text(p,
              "ag_attention, which gradus trains with, does all of this at once and never stores "
              "the whole matrix of weights. The largest difference from the steps above: %.1g.",
              s->error);
}

static const real *vector_of(const attention_sentence *s, int word) {
    return s->x->value.data + word * ATTENTION_WIDTH;
}

static void tell_alike(const attention_sentence *s, const page *p) {
    int last = s->n - 1;
    const real *scores = s->alike.scores->value.data + last * s->n;
    page_heading(p, "Similar vectors attend more");
    page_text(p,
              "With q = k = x a score is the dot product of two word vectors. What the last word, "
              "\"%s\", looks at:",
              s->words[last]);
    page_line(p, "word      cosine    score   weight");
    for (int i = 0; i <= last; i++)
        page_line(p, "%-8s %7.2f %8.2f %8.2f", s->words[i],
                  lesson_cosine(vector_of(s, last), vector_of(s, i), ATTENTION_WIDTH),
                  (double)scores[i], attention_weight(s->alike.weights, last, i));
    page_gap(p);
    page_text(p, "What to see: the more alike two words are, the higher the score, the larger the "
                 "weight. Words that have nothing in common still get a little: softmax makes no "
                 "weight 0, except behind the mask.");
}

static void tell_doers(const attention_sentence *s, const page *p) {
    tensor weights = matrix_of(s->doers.weights);
    page_heading(p, "But a query may ask for something else");
    page_text(p, "Now q = x W, with a matrix W that makes of \"doing\" a question for \"alive\": a "
                 "verb looks for the one who does it. The weights:");
    page_matrix(p, "weights", s->words, &weights, 2);
    page_text(p, "What to see: a verb now looks at animals. All other words ask for nothing, all "
                 "their scores are 0, and their weights are equal. Training finds matrices like W "
                 "by itself: each block of a model has several attentions side by side, its heads, "
                 "and each head has its own.");
}

/* The weights as cells, those behind the mask not a number. */
static double *cells_new(const ag_var *x, int64_t n) {
    double *cells = mem_new((size_t)(n * n), sizeof *cells);
    for (int64_t i = 0; i < n * n; i++)
        cells[i] = i % n > i / n ? (double)NAN : (double)x->value.data[i];
    return cells;
}

static io_panel panel_of(const attention_sentence *s, const char *title, const double *cells) {
    return (io_panel){.kind = IO_MATRIX,
                      .title = title,
                      .x_title = "key: the word that is looked at",
                      .y_title = "query: the word that looks",
                      .cells = cells,
                      .rows = s->n,
                      .cols = s->n,
                      .row_names = s->words,
                      .col_names = s->words,
                      .digits = 2};
}

static void draw(const attention_sentence *s, const lesson_room *room) {
    double *cells[] = {cells_new(s->alike.scores, s->n), cells_new(s->alike.weights, s->n),
                       cells_new(s->doers.weights, s->n),
                       mem_new((size_t)(s->n * ATTENTION_WIDTH), sizeof(double))};
    for (int i = 0; i < s->n * ATTENTION_WIDTH; i++)
        cells[3][i] = (double)s->alike.out->value.data[i];
    io_panel panels[] = {panel_of(s, "scores q k^T / sqrt(HS)", cells[0]),
                         panel_of(s, "weights: softmax of each row", cells[1]),
                         panel_of(s, "weights where verbs ask for what is alive", cells[2]),
                         panel_of(s, "what each word gets: weights v", cells[3])};
    panels[3].x_title = "property";
    panels[3].y_title = "word";
    panels[3].cols = ATTENTION_WIDTH;
    panels[3].col_names = attention_columns;
    lesson_draw(room, name, "Attention, step by step", panels, COUNT(panels), 2);
    for (size_t i = 0; i < COUNT(cells); i++) free(cells[i]);
}

static bool tell_sentence(const lesson_room *room, const char *text, err *e) {
    const page *p = &room->page;
    attention_sentence s;
    bool ok = attention_sentence_make(&s, text, e);
    if (ok) {
        tell_vectors(&s, p);
        tell_steps(&s, p);
        tell_alike(&s, p);
        tell_doers(&s, p);
        draw(&s, room);
    }
    attention_sentence_free(&s);
    return ok;
}

static bool tell(const lesson_room *room, err *e) {
    const char *text = room->text && !room->run ? room->text : sentence;
    if (!tell_sentence(room, text, e)) return false;
    if (room->run) return attention_tell_run(room, e);
    page_text(&room->page,
              "With --run RUN --text TEXT you see what the heads of your own GPT look at.");
    return true;
}

/* Of a query whose scores with its two words are 0 and ln 3. */
static double share_of_three(void) {
    return exp(log(3)) / (exp(0) + exp(log(3)));
}

static const lesson_exercise exercises[] = {
    {.question = "The second word of a text sees two words. Its scores are 0 and ln 3 = 1.0986. "
                 "What is the weight of the one with ln 3?",
     .hint = "exp(score) of each, divided by the sum of both; exp(ln 3) is 3",
     .number = share_of_three,
     .tolerance = 0.001},
    {.question = "In which row of the weights does one word have the weight 1 whatever its vector: "
                 "that of the first, the second or the last word?",
     .hint = "look for the row in which the mask leaves one score",
     .words = "first|first word|first row|1|1st"},
};

const lesson lesson_attention = {
    .name = name,
    .title = "Attention",
    .about = "query, key and value of a short sentence: who looks at whom, and why",
    .takes_run = true,
    .takes_text = true,
    .tell = tell,
    .exercises = exercises,
    .n_exercises = COUNT(exercises),
};
