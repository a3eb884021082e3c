#include "cli/progress.h"

#include "base/thread.h"

#include <math.h>
#include <stdio.h>
#include <unistd.h>

static void began_gpt(const train_begin_info *info) {
    printf("model: %.2f M parameters, vocabulary %lld\n", 1e-6 * (double)info->n_params,
           (long long)info->vocab_size);
    printf("text: %lld tokens for training, %lld for validation\n", (long long)info->train_tokens,
           (long long)info->val_tokens);
    if (info->train_targets < info->train_tokens - 1)
        printf("targets: %lld, what the assistant says\n", (long long)info->train_targets);
    printf("steps: %lld of %lld tokens, %.2g times through the text\n", (long long)info->max_iters,
           (long long)info->tokens_per_step,
           (double)info->tokens_per_step * (double)info->max_iters / (double)info->train_tokens);
    printf("machine: %d threads, matrix products at %.0f GFLOP/s (%s kernels)\n", thread_count(),
           1e-9 * info->gemm_speed, info->gemm_kernels);
    printf("precision: %s\n", info->precision);
    if (info->embedding) printf("embedding: %s\n", info->embedding);
}

static void began_vectors(const train_begin_info *info) {
    printf("vectors: %lld words of %lld numbers, %.2f M parameters in all\n",
           (long long)info->vocab_size, (long long)info->vector_size,
           1e-6 * (double)info->n_params);
    printf("text: %lld words of the vocabulary, %lld epochs\n", (long long)info->train_tokens,
           (long long)info->epochs);
    if (info->records)
        printf("co-occurrences: %lld pairs of words, in both directions\n",
               (long long)info->records);
    printf("machine: %d threads, %s\n", thread_count(),
           info->deterministic ? "deterministic" : "Hogwild");
}

static void preparing(void *context, const char *what, double done) {
    progress *p = context;
    if (!isnan(done)) {
        p->preparation.progress(p->preparation.context, what, done);
        return;
    }
    printf("%s\n", what);
    fflush(stdout);
}

static void began(void *context, const train_begin_info *info) {
    progress *p = context;
    stages_end(&p->stages);
    p->begin = *info;
    p->started = p->last_drawn = thread_clock();
    printf("run %s\n", info->folder);
    if (info->objective == TRAIN_GPT)
        began_gpt(info);
    else
        began_vectors(info);
    if (info->first_step > 0) printf("going on from step %lld\n", (long long)info->first_step);
    fflush(stdout);
}

static double seconds_left(const progress *p, const train_step_info *info) {
    double done = (double)(info->step - p->begin.first_step), elapsed = thread_clock() - p->started;
    return elapsed / done * (double)(p->begin.max_iters - info->step);
}

/* What a step is counted in. */
static const char *unit_of(const progress *p) {
    return p->begin.objective == TRAIN_GPT        ? "tok"
           : p->begin.objective == TRAIN_WORD2VEC ? "words"
                                                  : "records";
}

/* The numbers behind the bar. */
static void bar_numbers(const progress *p, const train_step_info *info, char *out, size_t size) {
    char eta[24], share[32] = "";
    bar_format_seconds(seconds_left(p, info), eta);
    if (p->begin.objective == TRAIN_GPT)
        snprintf(share, sizeof share, " %.0f%% of gemm", 100 * info->gemm_share);
    snprintf(out, size, "%lld/%lld loss %.4f (%.4f) %.1fk %s/s%s ETA %s", (long long)info->step,
             (long long)p->begin.max_iters, info->loss, info->smoothed_loss,
             1e-3 * info->tokens_per_s, unit_of(p), share, eta);
}

static void draw_bar(progress *p, const train_step_info *info) {
    char numbers[160];
    bar_numbers(p, info, numbers, sizeof numbers);
    bar_draw(&p->bar, "", (double)info->step / (double)p->begin.max_iters, numbers);
}

static void print_line(const progress *p, const train_step_info *info) {
    char eta[24];
    bar_format_seconds(seconds_left(p, info), eta);
    printf("iter %lld: loss %.4f, time %.2fms, ", (long long)info->step, info->loss,
           1e3 * info->seconds);
    if (p->begin.objective == TRAIN_GPT)
        printf("mfu %.2f%%, lr %.3g, norm %.3f, ", 100 * info->gemm_share, info->lr,
               info->grad_norm);
    else
        printf("alpha %.3g, ", info->lr);
    printf("%.0f %s/s, eta %s\n", info->tokens_per_s, unit_of(p), eta);
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
        print_line(p, info);
    }
}

static void evaluated(void *context, const train_eval_info *info) {
    progress *p = context;
    bar_clear(&p->bar);
    printf("step %lld: train loss %.4f, val loss %.4f%s\n", (long long)info->step, info->train_loss,
           info->val_loss, info->is_best ? " (best)" : "");
    if (info->watched) printf("watch: %s\n", info->watched);
    fflush(stdout);
}

static void epoch_done(void *context, const train_epoch_info *info) {
    progress *p = context;
    bar_clear(&p->bar);
    printf("epoch %lld of %lld: loss %.4f\n", (long long)info->epoch, (long long)info->epochs,
           info->loss);
    if (info->watched) printf("watch: %s\n", info->watched);
    fflush(stdout);
}

static void warned(void *context, const char *message) {
    progress *p = context;
    stages_end(&p->stages);
    bar_clear(&p->bar);
    fflush(stdout);
    fprintf(stderr, "gradus: warning: %s\n", message);
}

train_observer progress_observer(progress *p) {
    *p = (progress){.terminal = isatty(STDOUT_FILENO)};
    p->preparation = stages_observer(&p->stages, 0);
    return (train_observer){p, preparing, began, stepped, evaluated, epoch_done, warned, NULL};
}

void progress_end(progress *p) {
    stages_end(&p->stages);
    bar_end(&p->bar);
}
