#include "base/file.h"
#include "base/mem.h"
#include "base/thread.h"
#include "cli/args.h"
#include "cli/cmd.h"
#include "cli/vectors.h"
#include "embed/project.h"
#include "io/figure.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define USAGE "map RUN|FILE --words FILE --out FILE.png [--method pca] [--limit N]"

/* More would not be legible. */
enum { MOST_LINES = 1000, MOST_WORDS = 2 * MOST_LINES };

/* The words of the file, those of them that the vectors have, and the pairs among those. */
typedef struct picture {
    char *text; /* of the file; the words are in it */
    const char *words[MOST_WORDS];
    int64_t points[MOST_WORDS]; /* of each word, or -1 */
    int64_t n_words;
    const char *labels[MOST_WORDS]; /* n_points */
    real *units;                    /* (n_points, width) */
    int64_t n_points;
    io_arrow arrows[MOST_LINES];
    int64_t n_arrows;
} picture;

/* The point of a word, a new one where the word is new, or -1. */
static int64_t add_word(picture *p, const cli_vectors *v, const char *word) {
    for (int64_t i = 0; i < p->n_words; i++)
        if (strcmp(p->words[i], word) == 0) return p->points[i];
    err missing = {0};
    cli_word found;
    bool is_there =
        vectors_find(v, word, &found, p->units + p->n_points * v->table.width, &missing);
    p->words[p->n_words] = word;
    p->points[p->n_words++] = is_there ? p->n_points : -1;
    if (!is_there) return -1;
    p->labels[p->n_points] = word;
    return p->n_points++;
}

/* Takes a line: a word, a pair, a comment or nothing. */
static bool add_line(picture *p, const cli_vectors *v, char *line, err *e) {
    static const char blanks[] = " \t\r";
    char *rest, *first = strtok_r(line, blanks, &rest);
    if (!first || first[0] == '#') return true;
    char *second = strtok_r(NULL, blanks, &rest);
    if (second && strtok_r(NULL, blanks, &rest))
        return err_set(e, ERR_INPUT, "more than two words, expected a word or a pair");
    if (p->n_words > MOST_WORDS - 2 || p->n_arrows == MOST_LINES)
        return err_set(e, ERR_INPUT, "more words than a map can show, at most %d lines",
                       MOST_LINES);
    int64_t from = add_word(p, v, first), to = second ? add_word(p, v, second) : -1;
    if (from >= 0 && to >= 0 && from != to) p->arrows[p->n_arrows++] = (io_arrow){from, to};
    return true;
}

static bool read_words(picture *p, const cli_vectors *v, const char *path, err *e) {
    file_map file;
    if (!file_open_map(&file, path, e)) return false;
    p->text = mem_copy_string(file.data, file.size);
    file_close_map(&file);
    p->units = mem_new(MOST_WORDS, (size_t)v->table.width * sizeof *p->units);
    err line_error = {0};
    int number = 1;
    for (char *line = p->text, *next; line; line = next, number++) {
        next = strchr(line, '\n');
        if (next) *next++ = '\0';
        if (!add_line(p, v, line, &line_error))
            return err_set(e, line_error.code, "%s:%d: %s", path, number, line_error.message);
    }
    if (p->n_points >= 3) return true;
    return err_set(e, ERR_INPUT,
                   "%s: %lld of its %lld words are in the vocabulary of %s, at "
                   "least 3 are needed",
                   path, (long long)p->n_points, (long long)p->n_words, v->name);
}

/* One line that names the words without a point. */
static void warn_of_missing(const picture *p, const cli_vectors *v) {
    if (p->n_points == p->n_words) return;
    fprintf(stderr, "gradus: warning: left out, not in the vocabulary of %s:", v->name);
    for (int64_t i = 0; i < p->n_words; i++)
        if (p->points[i] < 0) fprintf(stderr, " %s", p->words[i]);
    fputc('\n', stderr);
}

static void component_title(char *out, size_t size, int number, double share) {
    snprintf(out, size, "component %d: %.1f %% of the variance", number, 100 * share);
}

static bool draw(const picture *p, const cli_vectors *v, const char *out, err *e) {
    const size_t n = (size_t)p->n_points;
    double *y = mem_new(2 * n, sizeof *y), variance[2];
    io_point *points = mem_new(n, sizeof *points);
    embed_project_pca(p->units, p->n_points, v->table.width, y, variance);
    for (size_t i = 0; i < n; i++) points[i] = (io_point){y[2 * i], y[2 * i + 1], p->labels[i]};
    char title[512], x_title[64], y_title[64];
    snprintf(title, sizeof title, "%zu words of %s", n, v->name);
    component_title(x_title, sizeof x_title, 1, variance[0]);
    component_title(y_title, sizeof y_title, 2, variance[1]);
    bool ok = io_labelled_map_write(out, title, x_title, y_title, points, p->n_points, p->arrows,
                                    p->n_arrows, e);
    if (ok)
        printf("%s: %zu words, %lld arrows, %.1f %% of the variance\n", out, n,
               (long long)p->n_arrows, 100 * (variance[0] + variance[1]));
    free(points);
    free(y);
    return ok;
}

static bool map(const cli_vectors *v, const char *words, const char *out, err *e) {
    picture *p = mem_new(1, sizeof *p);
    bool ok = read_words(p, v, words, e);
    if (ok) warn_of_missing(p, v);
    ok = ok && draw(p, v, out, e);
    free(p->text);
    free(p->units);
    free(p);
    return ok;
}

static bool run(int argc, char **argv, err *e) {
    int64_t limit = 0, threads = 0;
    const char *words = NULL, *out = NULL, *method = "pca";
    const args_flag flags[] = {
        {"words", ARGS_TEXT, &words, 0, 0, "a word or a pair of words a line; # begins a comment"},
        {"out", ARGS_TEXT, &out, 0, 0, "the picture to write, a .png"},
        {"method", ARGS_TEXT, &method, 0, 0, "pca: principal components (pca)"},
        VECTORS_LIMIT(limit),
        ARGS_THREADS(threads)};
    args a;
    cli_vectors v;
    if (!args_parse(&a, argc, argv, flags, sizeof flags / sizeof *flags, 1, 1, USAGE, e))
        return false;
    if (!words || !out) return err_set(e, ERR_USAGE, "usage: gradus %s", USAGE);
    if (args_choice("method", method, "pca", e) < 0 || !io_figure_check_name(out, e)) return false;
    thread_set_count((int)threads);
    bool ok = vectors_open(&v, a.positional[0], limit, e) && map(&v, words, out, e);
    vectors_close(&v);
    return ok;
}

const cmd cmd_map = {
    "map", "RUN|FILE --words FILE --out FILE.png", "words in the plane, with arrows between pairs",
    "Projects the unit vectors of the words on their two principal components and draws them with "
    "gnuplot.\nAn arrow leads from the first word of a pair to the second:\n\n"
    "    # capitals\n    france paris\n    italy rome\n    europe\n\n"
    "Beside the picture stands its gnuplot script, FILE.gp, to be changed and drawn again by hand.",
    run};
