#include "base/check.h"
#include "base/mem.h"
#include "embed/project.h"
#include "lesson/10_meaning.h"
#include "lesson/draw.h"

#include <stdlib.h>
#include <string.h>

enum { LONGEST = 64, N_COSINES = 4 };

static void draw_curves(const lesson_room *room, const meaning *m) {
    static const char *const names[N_COSINES] = {"king, queen", "paris, france", "king, elephant",
                                                 "any two words"};
    double epochs[LONGEST], cosines[N_COSINES][LONGEST], shares[LONGEST];
    int64_t n = m->n_snapshots;
    CHECK(n <= LONGEST, "%lld snapshots", (long long)n);
    for (int64_t i = 0; i < n; i++) {
        const small_table *t = m->snapshots[i];
        epochs[i] = (double)i;
        cosines[0][i] = small_table_cosine(t, "king", "queen");
        cosines[1][i] = small_table_cosine(t, "paris", "france");
        cosines[2][i] = small_table_cosine(t, "king", "elephant");
        cosines[3][i] = meaning_any_cosine(t);
        shares[i] = 100 * meaning_accuracy(t);
    }
    io_series similarity[N_COSINES];
    for (int k = 0; k < N_COSINES; k++)
        similarity[k] = (io_series){names[k], epochs, cosines[k], n, .dots = true};
    const io_series answered = {NULL, epochs, shares, n, .dots = true};
    const io_panel panels[] = {
        {IO_CURVES, "Similarity", "epoch", "cosine", .series = similarity, .n_series = N_COSINES},
        {IO_CURVES, "Analogies such as king - man + woman", "epoch", "answered right, %",
         .series = &answered, .n_series = 1}};
    lesson_draw(room, "10_meaning", "Meaning emerges", panels, 2, 2);
}

/* The words of the map; arrows join each with the one behind it. */
static const char *const mapped[] = {"man",      "woman",  "king",  "queen", "prince",
                                     "princess", "france", "paris", "italy", "rome"};
enum { N_MAPPED = sizeof mapped / sizeof *mapped, N_FRAMES = 6 };

/* Takes the mean of the rows off each: where all go together is not seen on a map. */
static void centre(real *rows, int64_t width) {
    for (int64_t c = 0; c < width; c++) {
        double sum = 0;
        for (int i = 0; i < N_MAPPED; i++) sum += (double)rows[i * width + c];
        for (int i = 0; i < N_MAPPED; i++) rows[i * width + c] -= (real)(sum / N_MAPPED);
    }
}

/* x and y of every mapped word in every frame: one projection for all, so that a step from frame
 * to frame is a step of the word, not of the axes. */
static void project(const meaning *m, const int64_t *frames, double *points) {
    int64_t width = m->snapshots[0]->vectors.width;
    real *rows = mem_new((size_t)(N_FRAMES * N_MAPPED * width), sizeof *rows), *to = rows;
    for (int f = 0; f < N_FRAMES; f++) {
        const small_table *t = m->snapshots[frames[f]];
        for (int i = 0; i < N_MAPPED; i++, to += width)
            memcpy(to, t->vectors.rows + small_table_row(t, mapped[i]) * width,
                   (size_t)width * sizeof *to);
        centre(to - N_MAPPED * width, width);
    }
    embed_project_pca(rows, N_FRAMES * N_MAPPED, width, points, NULL);
    free(rows);
}

/* Limits that hold all points, and a tenth more. */
static void find_limits(const double *points, double low[2], double high[2]) {
    for (int c = 0; c < 2; c++) {
        low[c] = high[c] = points[c];
        for (int i = 1; i < N_FRAMES * N_MAPPED; i++) {
            if (points[2 * i + c] < low[c]) low[c] = points[2 * i + c];
            if (points[2 * i + c] > high[c]) high[c] = points[2 * i + c];
        }
        double margin = (high[c] - low[c]) / 10;
        low[c] -= margin;
        high[c] += margin;
    }
}

static void draw_frames(const lesson_room *room, const meaning *m) {
    const int64_t last = m->n_snapshots - 1, frames[N_FRAMES] = {0, 1, 2, 3, last / 2, last};
    double at[N_FRAMES * N_MAPPED * 2], low[2], high[2];
    io_point points[N_FRAMES][N_MAPPED];
    io_arrow arrows[N_MAPPED / 2];
    io_panel panels[N_FRAMES];
    char titles[N_FRAMES][32];
    project(m, frames, at);
    find_limits(at, low, high);
    for (int64_t i = 0; i < N_MAPPED / 2; i++) arrows[i] = (io_arrow){2 * i, 2 * i + 1};
    for (int f = 0; f < N_FRAMES; f++) {
        snprintf(titles[f], sizeof titles[f], f ? "epoch %lld" : "before: all in one place",
                 (long long)frames[f]);
        for (int i = 0; i < N_MAPPED; i++) {
            const double *xy = at + 2 * (f * N_MAPPED + i);
            points[f][i] = (io_point){xy[0], xy[1], f ? mapped[i] : ""};
        }
        panels[f] = (io_panel){.kind = IO_MAP,
                               .title = titles[f],
                               .points = points[f],
                               .n_points = N_MAPPED,
                               .arrows = arrows,
                               .n_arrows = N_MAPPED / 2,
                               .x_title = "component 1",
                               .y_title = "component 2",
                               .low = {low[0], low[1]},
                               .high = {high[0], high[1]}};
    }
    lesson_draw(room, "10_frames", "Words move: one map of the vectors, at six moments", panels,
                N_FRAMES, 3);
}

void meaning_draw(const lesson_room *room, const meaning *m) {
    draw_curves(room, m);
    draw_frames(room, m);
}
