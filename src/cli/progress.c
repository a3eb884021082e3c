#define _GNU_SOURCE
#include "cli/progress.h"

#include "base/thread.h"

#include <stdio.h>
#include <unistd.h>

enum { BAR_WIDTH = 20 };

static void clear_line(progress *p) {
    if (p->line_is_open) fputs("\r\x1b[K", stdout);
    p->line_is_open = false;
}

static void began(void *context, const train_begin_info *info) {
    progress *p = context;
    p->begin = *info;
    p->started = p->last_drawn = thread_clock();
    printf("run %s: %.2f M parameters, vocabulary %lld, %lld training and %lld validation tokens\n",
           info->folder, 1e-6 * (double)info->n_params, (long long)info->vocab_size,
           (long long)info->train_tokens, (long long)info->val_tokens);
    printf(
        "%d threads, matrix speed %.0f GFLOP/s, %lld tokens per step, %.1f passes over the text\n",
        thread_count(), 1e-9 * info->gemm_speed, (long long)info->tokens_per_step,
        (double)info->tokens_per_step * (double)info->max_iters / (double)info->train_tokens);
    if (info->first_step > 0) printf("going on from step %lld\n", (long long)info->first_step);
    fflush(stdout);
}

static void format_seconds(double seconds, char out[24]) {
    long s = (long)(seconds + 0.5);
    if (s >= 3600)
        snprintf(out, 24, "%ld:%02ld:%02ld", s / 3600, s / 60 % 60, s % 60);
    else
        snprintf(out, 24, "%ld:%02ld", s / 60, s % 60);
}

static double seconds_left(const progress *p, const train_step_info *info) {
    double done = (double)(info->step - p->begin.first_step), elapsed = thread_clock() - p->started;
    return elapsed / done * (double)(p->begin.max_iters - info->step);
}

static void draw_bar(progress *p, const train_step_info *info) {
    char bar[3 * BAR_WIDTH + 1] = "", eta[24];
    int filled = (int)(BAR_WIDTH * info->step / (p->begin.max_iters ? p->begin.max_iters : 1)),
        at = 0;
    for (int i = 0; i < BAR_WIDTH; i++)
        at += snprintf(bar + at, sizeof bar - (size_t)at, "%s", i < filled ? "\u2588" : "\u2591");
    format_seconds(seconds_left(p, info), eta);
    clear_line(p);
    printf("%s %lld/%lld  loss %.4f (smoothed %.4f)  %.0f tok/s  %.0f %% of matrix speed  ETA %s",
           bar, (long long)info->step, (long long)p->begin.max_iters, info->loss,
           info->smoothed_loss, info->tokens_per_s, 100 * info->gemm_share, eta);
    p->line_is_open = true;
    fflush(stdout);
}

static void stepped(void *context, const train_step_info *info) {
    progress *p = context;
    const double redraw_seconds = 0.1;
    if (p->terminal) {
        if (thread_clock() - p->last_drawn < redraw_seconds && info->step < p->begin.max_iters)
            return;
        p->last_drawn = thread_clock();
        draw_bar(p, info);
    } else if (info->logged) {
        char eta[24];
        format_seconds(seconds_left(p, info), eta);
        printf(
            "iter %lld: loss %.4f, time %.2fms, mfu %.2f%%, lr %.3g, norm %.3f, %.0f tok/s, eta %s\n",
            (long long)info->step, info->loss, 1e3 * info->seconds, 100 * info->gemm_share,
            info->lr, info->grad_norm, info->tokens_per_s, eta);
        fflush(stdout);
    }
}

static void evaluated(void *context, const train_eval_info *info) {
    progress *p = context;
    clear_line(p);
    printf("step %lld: train loss %.4f, val loss %.4f%s\n", (long long)info->step, info->train_loss,
           info->val_loss, info->is_best ? " (best)" : "");
    fflush(stdout);
}

static void warned(void *context, const char *message) {
    clear_line(context);
    fflush(stdout);
    fprintf(stderr, "gradus: warning: %s\n", message);
}

train_observer progress_observer(progress *p) {
    *p = (progress){.terminal = isatty(STDOUT_FILENO)};
    return (train_observer){p, began, stepped, evaluated, warned};
}

void progress_end(progress *p) {
    if (p->line_is_open) putchar('\n');
    p->line_is_open = false;
    fflush(stdout);
}
