#include "lesson/09_attention_run.h"

#include "base/mem.h"
#include "lesson/09_attention.h"
#include "lesson/draw.h"
#include "lesson/run_text.h"

#include <math.h>
#include <stdlib.h>

/* What fits in a picture: tokens, and blocks and heads, drawn evenly from all of them. */
enum { MOST_TOKENS = 16, MOST_SHOWN = 4 };

/* The first tokens of a text. */
typedef struct tokens {
    int64_t n;
    char *names[MOST_TOKENS];
} tokens;

static tokens tokens_of(const run_text *t) {
    const int64_t block_size = t->run.model->config.block_size;
    tokens x = {.n = (int64_t)t->ids.len};
    if (x.n > MOST_TOKENS) x.n = MOST_TOKENS;
    if (x.n > block_size) x.n = block_size;
    for (int64_t i = 0; i < x.n; i++) {
        str name = {0};
        tok_printable_solid(t->run.tok, t->ids.data[i], &name);
        x.names[i] = name.data;
    }
    return x;
}

static void tokens_free(tokens *x) {
    for (int64_t i = 0; i < x->n; i++) free(x->names[i]);
}

/* Number i of `shown` things drawn evenly from n. */
static int64_t pick(int64_t i, int64_t shown, int64_t n) {
    return shown == 1 ? 0 : i * (n - 1) / (shown - 1);
}

static int64_t at_most(int64_t n) {
    return n < MOST_SHOWN ? n : MOST_SHOWN;
}

/* The mean weight on the token `back` places back, of those that have one. */
static double mean_back(const ag_var *weights, int64_t T, int64_t back) {
    double sum = 0;
    for (int64_t t = 1; t < T; t++) sum += attention_weight(weights, t, t - back);
    return sum / (double)(T - 1);
}

static double mean_first(const ag_var *weights, int64_t T) {
    double sum = 0;
    for (int64_t t = 1; t < T; t++) sum += attention_weight(weights, t, 0);
    return sum / (double)(T - 1);
}

static void print_head(const page *p, const attention_heads *a, const tokens *x, int64_t layer,
                       int64_t head) {
    const ag_var *w = a->weights[layer * a->n_head + head];
    int64_t most = 0, last = a->T - 1;
    for (int64_t i = 1; i < a->T; i++)
        if (attention_weight(w, last, i) > attention_weight(w, last, most)) most = i;
    page_line(p, "%5lld %5lld %9.2f %11.2f %10.2f   %s (%.2f)", (long long)layer + 1,
              (long long)head + 1, mean_back(w, a->T, 0), mean_back(w, a->T, 1),
              mean_first(w, a->T), x->names[most], attention_weight(w, last, most));
}

static void print_heads(const page *p, const attention_heads *a, const tokens *x) {
    int64_t layers = at_most(a->n_layer), heads = at_most(a->n_head);
    page_line(p, "                mean weight on             the last token looks");
    page_line(p, "block  head    itself  one before  the first   most at (weight)");
    for (int64_t l = 0; l < layers; l++)
        for (int64_t h = 0; h < heads; h++)
            print_head(p, a, x, pick(l, layers, a->n_layer), pick(h, heads, a->n_head));
    page_gap(p);
}

static void tell_heads(const page *p, const run_text *t, const attention_heads *a,
                       const tokens *x) {
    page_heading(p, "Your own run: %.60s", t->run.folder);
    if (x->n < (int64_t)t->ids.len)
        page_text(p, "The first %lld tokens of the text; it has %zu.", (long long)x->n, t->ids.len);
    page_text(p,
              "%lld blocks with %lld heads each%s. Their weights, computed by the steps above "
              "from the model's own q and k; times v they give what the model's attention gave, "
              "but for %.1g at most.",
              (long long)a->n_layer, (long long)a->n_head,
              a->n_layer > MOST_SHOWN || a->n_head > MOST_SHOWN ? ", some of which are shown" : "",
              a->error);
    print_heads(p, a, x);
    page_text(p, "What to see: heads divide the work. Compare their columns: one may attend to the "
                 "token just before, one look back to the first, one seek a certain token. Nothing "
                 "in the model says so; training did it.");
}

static void mask_cells(double *cells, const ag_var *weights, int64_t n) {
    for (int64_t i = 0; i < n * n; i++)
        cells[i] = i % n > i / n ? (double)NAN : (double)weights->value.data[i];
}

static void draw(const lesson_room *room, const attention_heads *a, const tokens *x) {
    int64_t layers = at_most(a->n_layer), heads = at_most(a->n_head), cells = a->T * a->T;
    io_panel panels[MOST_SHOWN * MOST_SHOWN];
    char titles[MOST_SHOWN * MOST_SHOWN][64];
    double *numbers = mem_new((size_t)(layers * heads * cells), sizeof *numbers);
    for (int64_t i = 0; i < layers * heads; i++) {
        int64_t l = pick(i / heads, layers, a->n_layer), h = pick(i % heads, heads, a->n_head);
        snprintf(titles[i], sizeof titles[i], "block %lld, head %lld", (long long)l + 1,
                 (long long)h + 1);
        mask_cells(numbers + i * cells, a->weights[l * a->n_head + h], a->T);
        panels[i] = (io_panel){.kind = IO_MATRIX,
                               .title = titles[i],
                               .cells = numbers + i * cells,
                               .rows = a->T,
                               .cols = a->T,
                               .row_names = (const char *const *)x->names,
                               .col_names = (const char *const *)x->names,
                               .digits = -1};
    }
    lesson_draw(room, "09_attention_run",
                "Weights: each row a token that looks, each column one "
                "that is looked at",
                panels, layers * heads, heads);
    free(numbers);
}

static bool reads_two(const train_run *run, err *e) {
    return run->model->config.block_size >= 2 ||
           err_set(e, ERR_INPUT, "%s: block_size is 1: a token has nothing to attend to",
                   run->folder);
}

bool attention_tell_run(const lesson_room *room, err *e) {
    run_text t;
    bool ok = run_text_open(&t, room, e) && reads_two(&t.run, e);
    if (ok) {
        tokens x = tokens_of(&t);
        attention_heads a = attention_heads_of(t.run.model, t.ids.data, x.n);
        tell_heads(&room->page, &t, &a, &x);
        draw(room, &a, &x);
        attention_heads_free(&a);
        tokens_free(&x);
    }
    run_text_close(&t);
    return ok;
}
