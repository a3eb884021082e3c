#include "lesson/07_tying.h"

#include "lesson/draw.h"

#include <math.h>
#include <stdio.h>

/* A short text of the held-out part, forward and backward through the tied model. */
static void tell_gradients(const page *p, const tying_text *text, nn_gpt *model) {
    enum { T = 9 };
    int32_t ids[T + 1];
    str token = {0};
    train_tokens_copy(&text->held_out.tokens, 0, T + 1, ids);
    train_trace *tr = train_trace_new(model, ids, T);
    const tying_gradient g = tying_compare(model, tr);
    tok_decode(text->words.tok, ids, T + 1, &token);
    for (size_t i = 0; i < token.len; i++)
        if (token.data[i] == '\n') token.data[i] = ' ';
    page_text(p,
              "The gradient of \"%s\" in the trained tied model, by the side it comes from. The "
              "numbers are norms (lengths) of rows of the gradient; the cosine says whether the "
              "two sides pull the same way (1) or against each other (-1):",
              token.data);
    page_line(p, "%-14s %12s %12s %12s %9s", "row", "input side", "output side", "sum", "cosine");
    for (int64_t i = 0; i < tr->n_rows; i++) {
        const train_trace_row row = train_trace_row_of(tr, tr->rows[i]);
        token.len = 0;
        tok_printable_solid(text->words.tok, tr->rows[i], &token);
        page_line(p, "%-14s %12.5f %12.5f %12.5f %9.3f", token.data, row.input, row.output, row.sum,
                  row.cosine);
    }
    page_line(p, "%-14s %12.5f %12.5f %12.5f %9.3f", "whole matrix", g.input, g.output, g.sum,
              g.cosine);
    page_gap(p);
    page_text(p,
              "On the input side %lld rows of %lld get a gradient, on the output side all. Their "
              "sum is what training computes for the one matrix (within %.0e of its largest "
              "number): backward adds the part of each use into the same memory.",
              (long long)tr->n_rows, (long long)tr->V, g.apart);
    str_free(&token);
    train_trace_free(tr);
}

static void tell_parameters(const page *p, const tying_run *tied, const tying_run *untied) {
    const int64_t numbers[2][2] = {{tied->n_parameters, untied->n_parameters},
                                   {tying_gpt2_parameters(true), tying_gpt2_parameters(false)}};
    static const char *const names[] = {"these models", "GPT-2, V = 50,257, D = 768"};
    page_line(p, "%-26s %12s %12s %12s %8s", "parameters", "tied", "not tied", "saved", "of all");
    for (int i = 0; i < 2; i++)
        page_line(p, "%-26s %12lld %12lld %12lld %6.1f %%", names[i], (long long)numbers[i][0],
                  (long long)numbers[i][1], (long long)(numbers[i][1] - numbers[i][0]),
                  100 * (double)(numbers[i][1] - numbers[i][0]) / (double)numbers[i][1]);
    page_gap(p);
}

/* What either model made of some of the text. */
typedef struct pair {
    const char *name;
    tying_run tied, untied;
} pair;

static pair train(const char *name, const tying_text *text, double share, int64_t n_steps,
                  const lesson_room *room) {
    return (pair){name, tying_train(text, share, true, n_steps, room->progress),
                  tying_train(text, share, false, n_steps, room->progress)};
}

static void free_pair(pair *p) {
    tying_run_free(&p->tied);
    tying_run_free(&p->untied);
}

/* By how much less the tied model loses on text that neither has seen. */
static double gain_of(const pair *p) {
    return p->untied.held_out_loss - p->tied.held_out_loss;
}

static void tell_losses(const page *p, const pair *few, const pair *many, const tying_plan *plan) {
    page_text(p,
              "What it costs, or gains: both kinds trained for the same %lld steps, once on %.0f "
              "%% of a text of %lld sentences and once on all of it, then evaluated on sentences "
              "that none of them was trained on. Losses at the end:",
              (long long)plan->n_steps, 100 * plan->share, (long long)plan->n_sentences);
    page_line(p, "%-26s %21s  %21s", "", few->name, many->name);
    page_line(p, "%-26s %10s %10s  %10s %10s", "", "tied", "not tied", "tied", "not tied");
    page_line(p, "%-26s %10.4f %10.4f  %10.4f %10.4f", "training text", few->tied.train_loss,
              few->untied.train_loss, many->tied.train_loss, many->untied.train_loss);
    page_line(p, "%-26s %10.4f %10.4f  %10.4f %10.4f", "unseen text", few->tied.held_out_loss,
              few->untied.held_out_loss, many->tied.held_out_loss, many->untied.held_out_loss);
    page_gap(p);
}

static void tell_meaning(const page *p, const pair *few, const pair *many) {
    const double with_few = gain_of(few), with_many = gain_of(many);
    page_text(p,
              "On unseen text the %s model is better by %.3f with little text, the %s one by %.3f "
              "with all of it.",
              with_few > 0 ? "tied" : "untied", fabs(with_few), with_many > 0 ? "tied" : "untied",
              fabs(with_many));
    const bool fits_better = few->untied.train_loss < few->tied.train_loss &&
                             many->untied.train_loss < many->tied.train_loss;
    if (fits_better && with_few > 0 && with_many <= 0)
        page_text(
            p,
            "What to see: the second matrix helps to fit what is trained on. With little text that "
            "means learning it by heart (overfitting), and tying, with fewer numbers and two "
            "sources of gradient for each row, holds it back. With more text the freedom pays: "
            "what a word means as input need not be what makes it likely as the next word.");
    else
        page_text(
            p, "What to see: which is better depends on text, size and time. What tying saves is "
               "certain, one V x D matrix; what it does to the loss has to be measured.");
}

/* Means over stretches of steps: a step's loss alone is noisy. */
static int64_t smooth(const double *losses, int64_t n, int64_t stretch, double *x, double *y) {
    int64_t n_out = n / stretch;
    for (int64_t i = 0; i < n_out; i++) {
        y[i] = 0;
        for (int64_t k = 0; k < stretch; k++) y[i] += losses[i * stretch + k] / (double)stretch;
        x[i] = (double)(i * stretch) + 0.5 * (double)(stretch + 1);
    }
    return n_out;
}

enum { POINTS = 40 };

/* The curves of a pair. */
typedef struct curves {
    char title[48];
    double x[POINTS], tied[POINTS], untied[POINTS];
    io_series series[2];
} curves;

static io_panel panel_of(curves *c, const pair *p, int64_t n_steps) {
    const int64_t stretch = (n_steps + POINTS - 1) / POINTS;
    int64_t n = smooth(p->tied.losses, n_steps, stretch, c->x, c->tied);
    smooth(p->untied.losses, n_steps, stretch, c->x, c->untied);
    snprintf(c->title, sizeof c->title, "Training, %s", p->name);
    c->series[0] = (io_series){"tied", c->x, c->tied, n, false};
    c->series[1] = (io_series){"not tied", c->x, c->untied, n, false};
    return (io_panel){.kind = IO_CURVES,
                      .title = c->title,
                      .x_title = "step",
                      .y_title = "loss (nats per word)",
                      .series = c->series,
                      .n_series = 2};
}

static void draw(const lesson_room *room, const pair *few, const pair *many, int64_t n_steps) {
    static const char *const names[] = {"little: tied", "little: not tied", "all: tied",
                                        "all: not tied"};
    const double unseen[] = {few->tied.held_out_loss, few->untied.held_out_loss,
                             many->tied.held_out_loss, many->untied.held_out_loss};
    curves with_few, with_many;
    const io_panel panels[] = {panel_of(&with_few, few, n_steps),
                               panel_of(&with_many, many, n_steps),
                               {.kind = IO_BARS,
                                .title = "Loss on unseen text",
                                .y_title = "loss (nats per word)",
                                .names = names,
                                .values = unseen,
                                .n_values = 4}};
    lesson_draw(room, "07_tying", "One matrix for embedding and head, or two", panels, 3, 3);
}

void tying_tell(const lesson_room *room, const tying_plan *plan) {
    const page *p = &room->page;
    tying_text text = tying_text_new(plan->n_sentences);
    page_text(p, "A language model uses vectors of words twice. The embedding (V rows of D "
                 "numbers) turns an id into a vector; the head, also V rows of D numbers, "
                 "multiplies the last vector by each row to give every word its score, the logit. "
                 "Tied, both are one matrix, and it gets gradient from both ends.");
    pair few = train("little text", &text, plan->share, plan->n_steps, room);
    pair many = train("all of the text", &text, 1, plan->n_steps, room);
    tell_gradients(p, &text, many.tied.model);
    page_text(p, "What it saves is one V x D matrix:");
    tell_parameters(p, &many.tied, &many.untied);
    tell_losses(p, &few, &many, plan);
    tell_meaning(p, &few, &many);
    draw(room, &few, &many, plan->n_steps);
    free_pair(&few);
    free_pair(&many);
    tying_text_free(&text);
}

static bool tell(const lesson_room *room, err *e) {
    (void)e;
    tying_tell(room, &(tying_plan){.n_sentences = 4000, .n_steps = 300, .share = 0.05});
    return true;
}

/* Llama 2 of 7 billion has V = 32,000 and D = 4,096. */
static double saved_by_llama(void) {
    return 32000.0 * 4096 / 1e6;
}

static const lesson_exercise exercises[] = {
    {.question = "LLaMA-2 7B has V = 32,000 and D = 4,096, and does not tie. How many millions of "
                 "parameters would tying save? Within a percent.",
     .hint = "one matrix of V x D numbers; the answer is in millions",
     .number = saved_by_llama,
     .tolerance = 0.01},
    {.question = "A word occurs nowhere in the text of a step, neither as input nor as target. "
                 "With tied weights, does its row move in that step: yes or no?",
     .hint = "the head gives every word a probability, and p - 0 is not zero",
     .words = "yes|y"}};

const lesson lesson_tying = {
    .name = "07_tying",
    .title = "Weight tying",
    .about = "one matrix as embedding and head: two gradients, and their sum",
    .tell = tell,
    .exercises = exercises,
    .n_exercises = sizeof exercises / sizeof *exercises,
};
