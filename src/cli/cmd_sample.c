#include "base/thread.h"
#include "cli/cmd.h"
#include "cli/drawing.h"
#include "cli/printer.h"
#include "cli/prompt.h"
#include "train/run.h"

#include <stdio.h>
#include <string.h>

#define USAGE "sample RUN [--prompt TEXT] [--max_new_tokens N] [--temperature X] ..."

typedef struct listener {
    const train_run *run;
    printer printer;
} listener;

static bool print_token(void *context, int32_t id) {
    listener *l = context;
    return !prompt_is_end(l->run, id) && printer_add(&l->printer, id);
}

/* A model goes on from <unk> as well as from anything, but its reader should know. */
static void warn_of_unknown(const tokenizer *tok, const tok_ids *prompt) {
    size_t n = 0;
    for (size_t i = 0; i < prompt->len; i++) n += prompt->data[i] == tok_unknown(tok);
    if (n > 0)
        fprintf(stderr,
                "gradus: warning: %zu of the %zu tokens of the prompt are not in the vocabulary\n",
                n, prompt->len);
}

static void print_sample(const train_run *run, train_generator *g, const tok_ids *prompt,
                         bool show_prompt, const drawing *d, int64_t number) {
    listener l = {run, {.tok = run->tok}};
    const train_sampling sampling = drawing_sampling(d);
    rng_key key = rng_split(rng_from_seed((uint64_t)d->seed), (uint64_t)number);
    if (number) puts("---------------");
    for (size_t i = 0; show_prompt && i < prompt->len; i++)
        printer_add(&l.printer, prompt->data[i]);
    train_generate(g, prompt->data, (int64_t)prompt->len, d->n_new, &sampling, key, print_token,
                   &l);
    printer_end(&l.printer);
    putchar('\n');
}

static bool run(int argc, char **argv, err *e) {
    const char *prompt = NULL;
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
    bool ok = prompt_encode(&run, prompt, allow_special, &ids, e);
    if (ok) warn_of_unknown(run.tok, &ids);
    train_generator *g = train_generator_new(run.model, !no_cache);
    for (int64_t i = 0; ok && i < num_samples; i++)
        print_sample(&run, g, &ids, prompt[0] != '\0', &d, i);
    train_generator_free(g);
    tok_ids_free(&ids);
    train_run_close(&run);
    return ok;
}

const cmd cmd_sample = {
    "sample", "RUN", "text from a trained model",
    "What is not given is taken from [sample] in the run's config. A sample ends where the "
    "model ends it, by <|eos|>.",
    run};
