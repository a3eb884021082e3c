#include "cli/stages.h"

#include "base/thread.h"
#include "cli/interrupt.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Counting is what reads the texts; the steps of other stages are no megabytes. */
static void format_rate(const stages *s, double done, double seconds, char out[32]) {
    out[0] = '\0';
    if (strcmp(s->name, "counting") == 0)
        bar_format_rate(done * s->megabytes, seconds, out);
    else if (done < 1 && seconds > 0)
        snprintf(out, 32, ", %.1f %%/s", 100 * done / seconds);
}

static void format_numbers(const stages *s, double done, char out[96]) {
    double seconds = s->called - s->started;
    char rate[32], time[24];
    format_rate(s, done, seconds, rate);
    if (done >= 1) {
        snprintf(out, 96, "100 %%%s, %.1f s", rate, seconds);
    } else if (done > 0) {
        bar_format_seconds(seconds / done * (1 - done), time);
        snprintf(out, 96, "%.0f %%%s, ETA %s", floor(100 * done), rate, time);
    } else {
        snprintf(out, 96, "0 %%");
    }
}

static void show(stages *s, double done) {
    char numbers[96];
    s->told = s->called;
    format_numbers(s, done, numbers);
    if (!s->terminal) {
        printf("%s: %s\n", s->name, numbers);
        fflush(stdout);
        return;
    }
    bar_draw(&s->bar, s->name, done, numbers);
    if (s->ended) bar_end(&s->bar);
}

/* A stage begins where the one before it ended, and is told anew when it begins once more. */
static void begin_stage(stages *s, const char *name) {
    if (s->name[0] && !s->ended) bar_end(&s->bar);
    snprintf(s->name, sizeof s->name, "%s", name);
    s->started = s->told = s->called;
    s->ended = false;
}

static bool progress(void *context, const char *name, double done) {
    stages *s = context;
    const double terminal_seconds = 0.1, line_seconds = 3;
    bool ends = done >= 1;
    if (strcmp(s->name, name) != 0 || (s->ended && !ends)) begin_stage(s, name);
    s->called = thread_clock();
    if (ends && s->ended) return !interrupt_asked;
    s->ended = ends;
    if (ends || s->called - s->told >= (s->terminal ? terminal_seconds : line_seconds))
        show(s, done < 1 ? done : 1);
    return !interrupt_asked;
}

static void warned(void *context, const char *message) {
    stages *s = context;
    bar_clear(&s->bar);
    fflush(stdout);
    fprintf(stderr, "gradus: warning: %s\n", message);
}

tok_observer stages_observer(stages *s, double megabytes) {
    *s = (stages){.terminal = isatty(STDOUT_FILENO), .megabytes = megabytes};
    s->called = thread_clock();
    return (tok_observer){progress, warned, s};
}

void stages_end(stages *s) {
    bar_end(&s->bar);
}
