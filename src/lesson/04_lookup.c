#include "lesson/04_lookup.h"

#include "autograd/ops.h"
#include "lesson/draw.h"

#include <math.h>
#include <stdio.h>

enum { WIDTH = 768, TOKENS = 1024, N_SIZES = 4 };
static const int64_t sizes[N_SIZES] = {100, 1000, 10000, 50257};

static void tell_small(const page *p) {
    static const int32_t ids[] = {2, 0, 2};
    static const char *const words[] = {"cat", "dog", "sun", "sky"};
    static real W[] = {(real)0.1, (real)0.2, (real)0.3, (real)0.4,
                       (real)0.5, (real)0.6, (real)0.7, (real)0.8};
    real one_hot[12] = {0};
    for (int i = 0; i < 3; i++) one_hot[i * 4 + ids[i]] = 1;
    ag_tape *t = ag_tape_new(AG_NO_GRAD);
    const tensor table = tensor_2d(W, 4, 2), ones = tensor_2d(one_hot, 3, 4);
    ag_var *y = ag_matmul(t, ag_input(t, ones), ag_input(t, table));
    page_text(p, "Ids 2, 0, 2 as one-hot vectors: one row per token, with a 1 in the column of its "
                 "id and 0 elsewhere. Each of them times the embedding matrix W gives the row of W "
                 "with that id: the product adds up zeros and one row.");
    page_matrix(p, "one-hot", NULL, &ones, 0);
    page_matrix(p, "W", words, &table, 1);
    page_matrix(p, "one-hot times W", NULL, &y->value, 1);
    ag_tape_free(t);
}

static void tell_case(const page *p, const lookup_case *c) {
    page_line(p, "%7lld %11.2f %9.2f %7.0fx %11.1f %9.1f %13lld", (long long)c->V,
              1e3 * c->product.seconds, 1e3 * c->lookup.seconds,
              c->product.seconds / c->lookup.seconds, 1e-6 * (double)c->product.bytes,
              1e-6 * (double)c->lookup.bytes, (long long)c->n_rows);
}

static void tell_equality(const page *p, const lookup_case *c) {
    int64_t n_equal = 0, n_differ = 0;
    double apart = 0;
    for (int i = 0; i < N_SIZES; i++) {
        n_equal += c[i].outputs_equal;
        n_differ += c[i].n_differ;
        apart = fmax(apart, c[i].apart);
    }
    page_text(p, "Outputs equal bit for bit: in %lld of %d cases.", (long long)n_equal, N_SIZES);
    if (n_differ == 0)
        page_text(p, "Gradients dW (of the loss, with respect to W) equal bit for bit: in all "
                     "cases. All else that the product adds up are zeros, and both add the "
                     "positions in the same order.");
    else
        page_text(p,
                  "Gradients dW (of the loss, with respect to W): %lld numbers differ in their "
                  "last bits, by %.0e of the largest at most. Where a token occurs often, the "
                  "product sums its positions in blocks, the lookup one after another.",
                  (long long)n_differ, apart);
}

static void draw(const lesson_room *room, const lookup_case *c) {
    double V[N_SIZES], numbers[4][N_SIZES];
    for (int i = 0; i < N_SIZES; i++) {
        V[i] = (double)c[i].V;
        numbers[0][i] = 1e3 * c[i].product.seconds;
        numbers[1][i] = 1e3 * c[i].lookup.seconds;
        numbers[2][i] = 1e-6 * (double)c[i].product.bytes;
        numbers[3][i] = 1e-6 * (double)c[i].lookup.bytes;
    }
    const io_series series[] = {{"one-hot times W", V, numbers[0], N_SIZES, true},
                                {"lookup", V, numbers[1], N_SIZES, true},
                                {"one-hot times W", V, numbers[2], N_SIZES, true},
                                {"lookup", V, numbers[3], N_SIZES, true}};
    const io_panel panels[] = {{.kind = IO_CURVES,
                                .title = "Time, forward and backward",
                                .x_title = "rows of W, V",
                                .y_title = "milliseconds",
                                .log_x = true,
                                .log_y = true,
                                .series = series,
                                .n_series = 2},
                               {.kind = IO_CURVES,
                                .title = "Memory beside W",
                                .x_title = "rows of W, V",
                                .y_title = "MB",
                                .log_x = true,
                                .log_y = true,
                                .series = series + 2,
                                .n_series = 2}};
    char title[96];
    snprintf(title, sizeof title, "%lld tokens, rows of %lld numbers, taken two ways",
             (long long)c->T, (long long)c->D);
    lesson_draw(room, "04_lookup", title, panels, 2, 2);
}

static void tell_large(const lesson_room *room, int64_t D, int64_t T, lookup_case *cases) {
    const page *p = &room->page;
    page_text(p,
              "Nobody needs to compute that product: just take the row, which is called a lookup. "
              "Both ways by this library, for %lld random tokens and rows of %lld numbers, forward "
              "and backward; making the one-hot matrix is not even counted:",
              (long long)T, (long long)D);
    page_line(p, "%7s %11s %9s %8s %11s %9s %13s", "V", "product ms", "lookup ms", "ratio",
              "product MB", "lookup MB", "rows touched");
    for (int i = 0; i < N_SIZES; i++) {
        if (room->progress) room->progress("one-hot against lookup", (double)i / N_SIZES);
        cases[i] = lookup_compare(sizes[i], D, T, sizes[i] < 10000 ? 5 : 2);
        if (room->progress) room->progress("one-hot against lookup", 1);
        tell_case(p, &cases[i]);
    }
    page_gap(p);
}

void lookup_tell(const lesson_room *room, int64_t D, int64_t T) {
    const page *p = &room->page;
    lookup_case cases[N_SIZES];
    tell_small(p);
    tell_large(room, D, T, cases);
    const lookup_case *last = &cases[N_SIZES - 1];
    page_text(p, "At V = %lld the lookup is %.0f times as fast.", (long long)last->V,
              last->product.seconds / last->lookup.seconds);
    tell_equality(p, cases);
    page_text(p, "What to see: the product costs more with every row of W, for it multiplies each "
                 "by zero or one; the lookup only copies the rows that are wanted. Backward is the "
                 "same: dW = one-hot^T dy, with dy the gradient at the output, is zero except in "
                 "the rows that were read, so the lookup adds dy into those rows and never touches "
                 "the others. Memory counts the one-hot matrix and all of dW on one side, the ids "
                 "and the touched rows of dW on the other.");
    draw(room, cases);
}

static bool tell(const lesson_room *room, err *e) {
    (void)e;
    lookup_tell(room, WIDTH, TOKENS);
    return true;
}

static double one_hot_megabytes(void) {
    return (double)TOKENS * (double)sizes[N_SIZES - 1] * 4 / 1e6;
}

static double rows_times_zero(void) {
    return (double)sizes[N_SIZES - 1] - 1;
}

static const lesson_exercise exercises[] = {
    {.question =
         "How many megabytes (of a million bytes) does the one-hot matrix of 1,024 tokens take at "
         "V = 50,257, 4 bytes a number? Within a percent.",
     .hint = "one row per token, one column per row of W: rows times columns times 4 bytes",
     .number = one_hot_megabytes,
     .tolerance = 0.01},
    {.question =
         "Of the V = 50,257 rows of W, how many does the product multiply by zero to get the "
         "vector of one token?",
     .hint = "all but the one that is wanted",
     .number = rows_times_zero}};

const lesson lesson_lookup = {
    .name = "04_lookup",
    .title = "Lookup is a matrix product that was not done",
    .about = "one-hot times W against just taking a row: same result, other cost",
    .tell = tell,
    .exercises = exercises,
    .n_exercises = sizeof exercises / sizeof *exercises,
};
