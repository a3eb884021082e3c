#include "base/thread.h"
#include "cli/cmd.h"
#include "cli/precision.h"
#include "cli/prompt.h"
#include "cli/samples.h"

#include <stdio.h>
#include <string.h>

#define USAGE "sample RUN [--prompt TEXT] [--max_new_tokens N] [--temperature X] ..."

/* A model goes on from <unk> as well as from anything, but its reader should know. */
static void warn_of_unknown(const tokenizer *tok, const tok_ids *prompt) {
    size_t n = 0;
    for (size_t i = 0; i < prompt->len; i++) n += prompt->data[i] == tok_unknown(tok);
    if (n > 0)
        fprintf(stderr,
                "gradus: warning: %zu of the %zu tokens of the prompt are not in the vocabulary\n",
                n, prompt->len);
}

static void print_beginning(const samples *s, bool show_prompt, int64_t number) {
    if (number) puts("---------------");
    for (size_t i = 0; show_prompt && i < s->prompt->len; i++)
        printer_add(s->printer, s->prompt->data[i]);
}

static void print_end(printer *p) {
    printer_end(p);
    putchar('\n');
}

/* The first of the samples that are drawn together is printed as it comes, the others behind it. */
static void print_samples(samples *s, train_generator *g, bool show_prompt, int64_t n_samples) {
    for (int64_t first = 0, n; first < n_samples && !s->unread; first += n) {
        n = samples_next(first, n_samples);
        print_beginning(s, show_prompt, first);
        samples_draw(s, g, first, n);
        print_end(s->printer);
        for (int64_t i = 1; i < n && !s->unread; i++) {
            print_beginning(s, show_prompt, first + i);
            for (size_t k = 0; k < s->ids[i].len; k++) printer_add(s->printer, s->ids[i].data[k]);
            print_end(s->printer);
        }
    }
}

static bool run(int argc, char **argv, err *e) {
    const char *prompt = NULL, *precision = "fp32";
    int64_t num_samples = -1, threads = 0;
    bool last = false, no_cache = false, allow_special = false;
    drawing d = DRAWING_UNSET;
    const args_flag flags[] = {
        {"prompt", ARGS_TEXT, &prompt, 0, 0,
         "text that the sample continues; FILE:NAME reads it from a file"},
        {"allow_special", ARGS_SWITCH, &allow_special, 0, 0,
         "special tokens written in the prompt are those tokens, not text"},
        DRAWING_FLAGS(d),
        {"num_samples", ARGS_INT, &num_samples, 1, 1e6, "samples"},
        {"last", ARGS_SWITCH, &last, 0, 0, "the last checkpoint instead of the best"},
        {"no_cache", ARGS_SWITCH, &no_cache, 0, 0,
         "run the whole window for each token: slower, same text"},
        PRECISION_FLAG(precision),
        ARGS_THREADS(threads)};
    args a;
    train_run run;
    if (!args_parse(&a, argc, argv, flags, sizeof flags / sizeof *flags, 1, 1, USAGE, e))
        return false;
    thread_set_count((int)threads);
    if (!train_run_open(&run, a.positional[0], last, e)) return false;
    drawing_complete(&d, &run.config);
    if (!prompt) prompt = run.config.prompt;
    if (num_samples < 0) num_samples = run.config.num_samples;
    tok_ids ids = {0};
    bool ok = prompt_encode(&run, prompt, allow_special, &ids, e) &&
              precision_apply(precision, run.model, e);
    if (ok) {
        printer p = {.tok = run.tok};
        samples s = {.run = &run, .prompt = &ids, .drawing = d, .printer = &p};
        train_generator *g =
            train_generator_new(run.model, samples_next(0, num_samples), !no_cache);
        warn_of_unknown(run.tok, &ids);
        print_samples(&s, g, prompt[0] != '\0', num_samples);
        train_generator_free(g);
        samples_free(&s);
    }
    tok_ids_free(&ids);
    train_run_close(&run);
    return ok;
}

const cmd cmd_sample = {
    "sample", "RUN", "text from a trained model",
    "What is not given is taken from [sample] in the run's config. A sample ends where the "
    "model ends it, by <|eos|>.",
    run};
