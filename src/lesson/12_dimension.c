#include "lesson/12_dimension.h"

#include "base/array.h"
#include "lesson/draw.h"
#include "lesson/lesson.h"

#include <math.h>

static void tell_table(const page *p, const dimension_result *r, int64_t n) {
    page_line(p, "%8s %12s %20s %12s %14s", "D", "accuracy", "95 % interval", "training", "matrix");
    for (int64_t i = 0; i < n; i++)
        page_line(p, "%8lld %10.1f %% %10.1f to %4.1f %% %10.2f s %11.1f kB", (long long)r[i].width,
                  100 * r[i].accuracy, 100 * r[i].low, 100 * r[i].high, r[i].seconds,
                  r[i].bytes / 1000);
    page_gap(p);
}

static void tell_quality(const page *p, const dimension_result *r, int64_t n) {
    const double margin = 0.02;
    const dimension_result *best = r, *enough = &r[dimension_first_within(r, n, margin)];
    for (int64_t i = 1; i < n; i++)
        if (r[i].accuracy > best->accuracy) best = &r[i];
    page_text(
        p,
        "From D = %lld to D = %lld the accuracy goes from %.1f %% to %.1f %%: with few numbers "
        "a word there is no room to keep 'royal', 'female' and 'plural' apart. D = %lld is the "
        "first within %.0f points of the best, which is %.1f %% at D = %lld.",
        (long long)r[0].width, (long long)enough->width, 100 * r[0].accuracy,
        100 * enough->accuracy, (long long)enough->width, 100 * margin, 100 * best->accuracy,
        (long long)best->width);
    if (enough == &r[n - 1])
        page_text(p, "Here that is the widest: more numbers might help still.");
    else if (best == &r[n - 1])
        page_text(p, "Beyond that, more numbers still help, but by less than %.0f points.",
                  100 * margin);
    else
        page_text(
            p,
            "Beyond that little is gained; the widest, D = %lld, is even %.1f points below the "
            "best. %s",
            (long long)r[n - 1].width, 100 * (best->accuracy - r[n - 1].accuracy),
            r[n - 1].high >= best->low
                ? "Their intervals overlap, so that may be chance."
                : "Their intervals do not overlap: so short a text does not fill them.");
}

static void tell_cost(const page *p, const dimension_result *r, int64_t n) {
    page_text(
        p,
        "The cost goes on: from the narrowest to the widest the matrix grows %.0f-fold, exactly "
        "as D does (words x D x %d bytes), and the time %.1f-fold: %s.",
        r[n - 1].bytes / r[0].bytes, (int)sizeof(real), r[n - 1].seconds / r[0].seconds,
        r[n - 1].seconds / r[0].seconds < r[n - 1].bytes / r[0].bytes
            ? "less, since reading the text and drawing negative samples cost the same at any D"
            : "since each number of a vector is work");
    page_text(p, "Real texts hold more than this small world: word vectors trained on billions of "
                 "words usually have 100 to 300 numbers, GPT-2 small has 768, larger models have "
                 "thousands. The curve has the same shape, but flattens further to the right.");
}

enum { N_WIDTHS = 6 };

static double highest(const double *y) {
    double top = y[0];
    for (int i = 1; i < N_WIDTHS; i++) top = fmax(top, y[i]);
    return top;
}

static void draw(const lesson_room *room, const dimension_result *r) {
    double x[N_WIDTHS], y[3][N_WIDTHS];
    static const char *const titles[3] = {"accuracy", "training", "embedding matrix"};
    static const char *const y_titles[3] = {"right answers (%)", "time (s)", "memory (kB)"};
    io_series series[3];
    io_panel panels[3];
    for (int i = 0; i < N_WIDTHS; i++) {
        x[i] = (double)r[i].width;
        y[0][i] = 100 * r[i].accuracy;
        y[1][i] = r[i].seconds;
        y[2][i] = r[i].bytes / 1000;
    }
    const double tops[3] = {100, 1.1 * highest(y[1]), 1.1 * highest(y[2])};
    for (int i = 0; i < 3; i++) {
        series[i] = (io_series){.x = x, .y = y[i], .n = N_WIDTHS, .dots = true};
        panels[i] = (io_panel){.kind = IO_CURVES,
                               .title = titles[i],
                               .x_title = "D (numbers per word)",
                               .y_title = y_titles[i],
                               .log_x = true,
                               .series = &series[i],
                               .n_series = 1,
                               .low = {x[0] / 1.1, 0},
                               .high = {x[N_WIDTHS - 1] * 1.1, tops[i]}};
    }
    lesson_draw(room, "12_dimension", "What wider vectors give and cost", panels, 3, 3);
}

bool dimension_tell(const lesson_room *room, int64_t n_sentences, int64_t epochs, err *e) {
    static const int64_t widths[N_WIDTHS] = {8, 16, 32, 64, 128, 256};
    dimension_result r[N_WIDTHS];
    const dimension_plan plan = {room->folder, widths, N_WIDTHS,      n_sentences,
                                 epochs,       1,      room->progress};
    const page *p = &room->page;
    page_text(p, "Each word gets a vector of D numbers, its dimension: how large should D be? Here "
                 "is one text, learned with the same settings; only D differs.");
    if (!dimension_compute(r, &plan, e)) return false;
    page_text(
        p,
        "The text: %lld sentences of a small world of kings, families, capitals and plurals, made "
        "on the spot (%s/kingdom.txt), read %lld times; %lld words occur often enough to get a "
        "vector. The test: %lld questions such as 'man is to woman as king is to ...', answered by "
        "the word nearest to king - man + woman; guessing would be right in %.1f %%. The interval "
        "says how much of that may be luck in the choice of questions.",
        (long long)plan.n_sentences, room->folder, (long long)plan.epochs, (long long)r->n_words,
        (long long)r->n_questions, 100.0 / (double)r->n_words);
    tell_table(p, r, N_WIDTHS);
    page_heading(p, "What to see");
    tell_quality(p, r, N_WIDTHS);
    tell_cost(p, r, N_WIDTHS);
    draw(room, r);
    return true;
}

static bool tell(const lesson_room *room, err *e) {
    return dimension_tell(room, 8000, 6, e);
}

/* In megabytes of a million bytes. */
static double matrix_of_300(void) {
    return 50257.0 * 300 * sizeof(float) / 1e6;
}

static const lesson_exercise exercises[] = {
    {.question = "How many megabytes (millions of bytes) are the vectors of 50,257 words with "
                 "D = 300 numbers of 4 bytes each?",
     .hint = "words x D x 4 bytes; then divide by a million",
     .number = matrix_of_300,
     .tolerance = 0.01},
    {.question =
         "D is doubled. One of accuracy, time and memory doubles exactly, whatever the text "
         "and the machine. Which?",
     .hint = "divide the rows of the table by the rows above them, column by column",
     .words = "memory|matrix"},
};

const lesson lesson_dimension = {
    .name = "12_dimension",
    .title = "Dimension and quality",
    .about = "how wide should a vector be? accuracy, time and memory from D = 8 to 256",
    .tell = tell,
    .exercises = exercises,
    .n_exercises = COUNT(exercises),
};
