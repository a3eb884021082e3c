#include "cli/profile_table.h"

#include "base/mem.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Shares are in percent; NAN where there is nothing to tell. */
enum {
    CALLS,
    FORWARD_MS,
    BACKWARD_MS,
    TIME_SHARE,
    GFLOP,
    GFLOP_PER_S,
    MATRIX_SHARE,
    GB,
    GB_PER_S,
    MEMORY_SHARE,
    N_COLUMNS
};

static const struct column {
    const char *heading, *csv;
    int width;
} columns[N_COLUMNS] = {
    [CALLS] = {"calls", "calls", 6},
    [FORWARD_MS] = {"fwd ms", "forward_ms", 7},
    [BACKWARD_MS] = {"bwd ms", "backward_ms", 7},
    [TIME_SHARE] = {"time%", "time_percent", 6},
    [GFLOP] = {"GFLOP", "gflop", 7},
    [GFLOP_PER_S] = {"GFLOP/s", "gflop_per_s", 8},
    [MATRIX_SHARE] = {"peak%", "matrix_percent", 6},
    [GB] = {"GB", "gb", 6},
    [GB_PER_S] = {"GB/s", "gb_per_s", 6},
    [MEMORY_SHARE] = {"peak%", "memory_percent", 6},
};

enum { NAME_WIDTH = 31, NAME_SIZE = 96 };

typedef struct line {
    char name[NAME_SIZE];
    double cells[N_COLUMNS];
} line;

static double seconds_of(const ag_profile_row *r) {
    return r->seconds[0] + r->seconds[1];
}

static double total_seconds(const ag_profile *p) {
    double sum = 0;
    for (int i = 0; i < p->n_rows; i++) sum += seconds_of(&p->rows[i]);
    return sum;
}

/* An amount a step, its rate and the share of the ceiling that this is. */
static void put_rate(double cells[3], double amount, double seconds, double ceiling) {
    bool is_known = amount > 0 && seconds > 0;
    cells[0] = is_known ? 1e-9 * amount : NAN;
    cells[1] = is_known ? 1e-9 * amount / seconds : NAN;
    cells[2] = is_known ? 100 * amount / seconds / ceiling : NAN;
}

static line line_of(const profile_table *t, const ag_profile_row *r, double total) {
    line l;
    double steps = (double)t->profile->steps, seconds = seconds_of(r) / steps;
    if (r->shape[0])
        snprintf(l.name, sizeof l.name, "%s %lldx%lld", r->name, (long long)r->shape[0],
                 (long long)r->shape[1]);
    else
        snprintf(l.name, sizeof l.name, "%s", r->name);
    l.cells[CALLS] = (double)r->calls / steps;
    l.cells[FORWARD_MS] = 1e3 * r->seconds[0] / steps;
    l.cells[BACKWARD_MS] = 1e3 * r->seconds[1] / steps;
    l.cells[TIME_SHARE] = 100 * seconds_of(r) / total;
    put_rate(&l.cells[GFLOP], (r->cost[0].flops + r->cost[1].flops) / steps, seconds,
             t->ceilings.flops);
    put_rate(&l.cells[GB], (r->cost[0].bytes + r->cost[1].bytes) / steps, seconds,
             t->ceilings.bytes);
    return l;
}

/* Evaluations and the like stand between steps. */
static bool is_of_each_step(const profile_table *t, const ag_profile_row *r) {
    return r->calls >= t->profile->steps;
}

/* The rows of each step together, or all of them, measured by what the model asks for, not by what
 * was computed. */
static line sum_line(const profile_table *t, const char *name, bool all, double total) {
    double steps = (double)t->profile->steps, seconds[2] = {0, 0};
    for (int i = 0; i < t->profile->n_rows; i++) {
        const ag_profile_row *r = &t->profile->rows[i];
        if (!all && !is_of_each_step(t, r)) continue;
        seconds[0] += r->seconds[0];
        seconds[1] += r->seconds[1];
    }
    double sum = seconds[0] + seconds[1];
    line l;
    snprintf(l.name, sizeof l.name, "%s", name);
    l.cells[CALLS] = NAN;
    l.cells[FORWARD_MS] = 1e3 * seconds[0] / steps;
    l.cells[BACKWARD_MS] = 1e3 * seconds[1] / steps;
    l.cells[TIME_SHARE] = 100 * sum / total;
    put_rate(&l.cells[GFLOP], t->model_flops, sum / steps, t->ceilings.flops);
    put_rate(&l.cells[GB], 0, sum, t->ceilings.bytes);
    return l;
}

static int longer_first(const void *a, const void *b) {
    double x = ((const line *)a)->cells[TIME_SHARE], y = ((const line *)b)->cells[TIME_SHARE];
    return (x < y) - (x > y);
}

/* Returns new (free with free), n of them: the rows and the sums. */
static line *lines_of(const profile_table *t, int *n) {
    const ag_profile *p = t->profile;
    double total = total_seconds(p);
    bool has_more = false;
    line *lines = mem_new((size_t)p->n_rows + 2, sizeof *lines);
    for (int i = 0; i < p->n_rows; i++) {
        lines[i] = line_of(t, &p->rows[i], total);
        has_more |= !is_of_each_step(t, &p->rows[i]);
    }
    qsort(lines, (size_t)p->n_rows, sizeof *lines, longer_first);
    *n = p->n_rows;
    lines[(*n)++] = sum_line(t, "step", false, total);
    if (has_more) lines[(*n)++] = sum_line(t, "and what stands between steps", true, total);
    return lines;
}

/* Three digits that count, or more where it is a thousand and above. */
static void print_cell(double value, int width) {
    if (isnan(value))
        printf("%*s", width, "-");
    else
        printf("%*.*f", width, value < 9.995 ? 2 : value < 99.95 ? 1 : 0, value);
}

void profile_table_print(const profile_table *t) {
    int n;
    line *lines = lines_of(t, &n);
    printf("%-*s", NAME_WIDTH, "a step");
    for (int c = 0; c < N_COLUMNS; c++) printf("%*s", columns[c].width, columns[c].heading);
    for (int i = 0; i < n; i++) {
        printf("\n%-*s", NAME_WIDTH, lines[i].name);
        for (int c = 0; c < N_COLUMNS; c++) print_cell(lines[i].cells[c], columns[c].width);
    }
    printf("\nsteps: %lld; peaks: %.0f GFLOP/s (%s), %.1f GB/s read from memory\n",
           (long long)t->profile->steps, 1e-9 * t->ceilings.flops, t->ceilings.products,
           1e-9 * t->ceilings.bytes);
    free(lines);
}

void profile_table_write(const profile_table *t, FILE *out) {
    int n;
    line *lines = lines_of(t, &n);
    fputs("op", out);
    for (int c = 0; c < N_COLUMNS; c++) fprintf(out, ",%s", columns[c].csv);
    for (int i = 0; i < n; i++) {
        fprintf(out, "\n%s", lines[i].name);
        for (int c = 0; c < N_COLUMNS; c++)
            if (isnan(lines[i].cells[c]))
                fputc(',', out);
            else
                fprintf(out, ",%.6g", lines[i].cells[c]);
    }
    fputc('\n', out);
    free(lines);
}
