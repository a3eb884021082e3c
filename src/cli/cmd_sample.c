#include "base/mem.h"
#include "base/thread.h"
#include "cli/args.h"
#include "cli/cmd.h"
#include "cli/prompt.h"
#include "train/generate.h"
#include "train/run.h"

#include <stdio.h>
#include <string.h>

enum { UTF8_LONGEST = 4 };

#define USAGE "sample RUN [--prompt TEXT] [--max_new_tokens N] [--temperature X] ..."

/* Prints tokens as they come: what the text so far does not show yet. */
typedef struct printer {
    const tokenizer *tok;
    tok_ids ids;
    str text;
    size_t printed;
} printer;

static bool print_token(void *context, int32_t id) {
    printer *p = context;
    tok_ids_append(&p->ids, id);
    p->text.len = 0;
    tok_decode(p->tok, p->ids.data, p->ids.len, &p->text);
    /* The bytes of one character may come as several tokens: wait for the last of them. */
    size_t valid = p->printed + str_utf8_valid(p->text.data + p->printed, p->text.len - p->printed);
    size_t end = p->text.len - valid < UTF8_LONGEST ? valid : p->text.len;
    fwrite(p->text.data + p->printed, 1, end - p->printed, stdout);
    p->printed = end;
    return fflush(stdout) == 0;
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
                         bool show_prompt, int64_t n_new, const train_sampling *s, rng_key key) {
    printer p = {.tok = run->tok};
    for (size_t i = 0; show_prompt && i < prompt->len; i++) print_token(&p, prompt->data[i]);
    train_generate(g, prompt->data, (int64_t)prompt->len, n_new, s, key, print_token, &p);
    if (p.text.len > p.printed) fwrite(p.text.data + p.printed, 1, p.text.len - p.printed, stdout);
    putchar('\n');
    tok_ids_free(&p.ids);
    str_free(&p.text);
}

static bool run(int argc, char **argv, err *e) {
    const char *prompt = NULL;
    int64_t n_new = -1, top_k = -1, seed = -1, num_samples = -1, threads = 0;
    double temperature = -1, top_p = -1;
    bool last = false, no_cache = false;
    const args_flag flags[] = {
        {"prompt", ARGS_TEXT, &prompt, 0, 0,
         "text that the sample continues; FILE:NAME reads it from a file"},
        {"max_new_tokens", ARGS_INT, &n_new, 1, 1e9, "tokens to add"},
        {"temperature", ARGS_REAL, &temperature, 0, 100, "0 = always the likeliest token"},
        {"top_k", ARGS_INT, &top_k, 0, 1e9, "draw among the k likeliest tokens; 0 = all"},
        {"top_p", ARGS_REAL, &top_p, 1e-6, 1,
         "draw among the likeliest tokens that hold this probability"},
        {"seed", ARGS_INT, &seed, 0, 9e18, "the same seed gives the same text"},
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
    const config *c = &run.config;
    train_sampling s = {temperature >= 0 ? temperature : c->temperature,
                        top_k >= 0 ? top_k : c->top_k, top_p > 0 ? top_p : c->top_p};
    if (!prompt) prompt = c->prompt;
    tok_ids ids = {0};
    bool ok = prompt_encode(run.tok, prompt, &ids, e);
    if (ok) warn_of_unknown(run.tok, &ids);
    train_generator *g = train_generator_new(run.model, !no_cache);
    rng_key key = rng_from_seed((uint64_t)(seed >= 0 ? seed : c->seed));
    int64_t n = num_samples > 0 ? num_samples : c->num_samples;
    for (int64_t i = 0; ok && i < n; i++) {
        if (i) puts("---------------");
        print_sample(&run, g, &ids, prompt[0] != '\0', n_new > 0 ? n_new : c->max_new_tokens, &s,
                     rng_split(key, (uint64_t)i));
    }
    train_generator_free(g);
    tok_ids_free(&ids);
    train_run_close(&run);
    return ok;
}

const cmd cmd_sample = {"sample", "RUN", "text from a trained model",
                        "What is not given is taken from [sample] in the run's config.", run};
