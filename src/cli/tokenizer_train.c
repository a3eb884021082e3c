#include "base/mem.h"
#include "base/thread.h"
#include "cli/interrupt.h"
#include "cli/stages.h"
#include "cli/tokenizer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define USAGE "tokenizer train --type " TOK_TYPE_NAMES " --out TOKENIZER.json --files FILE..."

enum { PROBE_BYTES = 1000000 }; /* of the text, encoded for the summary */

/* The texts of the command line. */
typedef struct corpus {
    input *inputs;
    tok_text *texts;
    size_t n;
    size_t bytes;
} corpus;

static bool corpus_open(corpus *c, const char *const *paths, int n, err *e) {
    *c = (corpus){.inputs = mem_new((size_t)n, sizeof *c->inputs),
                  .texts = mem_new((size_t)n, sizeof *c->texts)};
    while (c->n < (size_t)n) {
        input *in = &c->inputs[c->n];
        bool ok = input_open(in, paths[c->n++], e);
        if (!ok) return false;
        if (in->size == 0) return err_set(e, ERR_INPUT, "%s: empty", in->name);
        c->texts[c->n - 1] = (tok_text){in->data, in->size};
        c->bytes += in->size;
    }
    return true;
}

static void corpus_close(corpus *c) {
    for (size_t i = 0; i < c->n; i++) input_close(&c->inputs[i]);
    free(c->inputs);
    free(c->texts);
}

/* Reads "512M" into *bytes; powers of 1024. */
static bool read_memory(const char *text, size_t *bytes, err *e) {
    static const char units[] = "KMGT";
    char number[32], *end;
    snprintf(number, sizeof number, "%s", text);
    end = number + strlen(number);
    const char *unit = end > number ? strchr(units, end[-1]) : NULL;
    double value, scale = 1;
    if (unit && *unit) {
        for (const char *u = units; u <= unit; u++) scale *= 1024;
        end[-1] = '\0';
    }
    if (!str_to_double(number, &value) || value * scale < 1 << 20 || value * scale > 1e15)
        return err_set(e, ERR_USAGE, "--memory is '%s', expected a size such as 512M or 2G", text);
    *bytes = (size_t)(value * scale);
    return true;
}

/* Whether the file could be written is known before the work, not after it. */
static bool check_out(const char *path, err *e) {
    file_writer w;
    if (!path) return err_set(e, ERR_USAGE, "no --out; usage: gradus " USAGE);
    if (!file_begin(&w, path, e)) return false;
    file_discard(&w);
    return true;
}

/* "512 bytes", "1.1 MB" */
static void format_size(size_t bytes, char out[32]) {
    const char *const units[] = {"bytes", "KB", "MB", "GB", "TB"};
    double value = (double)bytes;
    int unit = 0;
    for (; value >= 999.95 && unit < 4; unit++) value /= 1000;
    snprintf(out, 32, "%.*f %s", unit > 0, value, units[unit]);
}

/* Encodes the beginning of the texts. */
static void print_probe(const tokenizer *tok, const corpus *c) {
    tok_ids ids = {0};
    size_t bytes = 0, unknown = 0;
    for (size_t i = 0; i < c->n && bytes < PROBE_BYTES; i++) {
        size_t left = PROBE_BYTES - bytes, n = c->texts[i].size < left ? c->texts[i].size : left;
        tok_encode(tok, c->texts[i].data, n, NULL, &ids);
        bytes += n;
    }
    for (size_t i = 0; i < ids.len; i++) unknown += ids.data[i] == tok_unknown(tok);
    if (ids.len > 0) {
        char size[32];
        format_size(bytes, size);
        printf(", %.3f bytes per token on the first %s", (double)bytes / (double)ids.len, size);
        if (unknown > 0) printf(", %.3g %% unknown", 100 * (double)unknown / (double)ids.len);
    }
    tok_ids_free(&ids);
}

static void print_summary(const tokenizer *tok, const corpus *c, double seconds, const char *path) {
    char size[32], rate[32];
    format_size(c->bytes, size);
    bar_format_rate(1e-6 * (double)c->bytes, seconds, rate);
    printf("%d tokens", (int)tok_vocab_size(tok));
    if (tok_merges(tok) > 0) printf(", %lld merges", (long long)tok_merges(tok));
    print_probe(tok, c);
    printf("\n%s in %.2f s%s, peak memory %.0f MiB with the text\n", size, seconds, rate,
           (double)mem_peak_rss() / 1048576);
    printf("%s\n", path);
}

static void print_task(const tok_training *how, const corpus *c, const char *type) {
    char size[32];
    format_size(c->bytes, size);
    printf("training %s", type);
    if (how->vocab_size > 0) printf(", %lld tokens at most", (long long)how->vocab_size);
    printf(", on %s in %zu file%s, %d threads\n", size, c->n, c->n > 1 ? "s" : "", thread_count());
    fflush(stdout);
}

static bool train(const tok_training *how, const corpus *c, const char *type, const char *out,
                  err *e) {
    stages s;
    double started = thread_clock();
    tok_observer observer = stages_observer(&s, 1e-6 * (double)c->bytes);
    tok_training observed = *how;
    observed.observer = &observer;
    interrupt_catch();
    print_task(how, c, type);
    tokenizer *tok = tok_train(&observed, c->texts, c->n, e);
    stages_end(&s);
    double seconds = thread_clock() - started;
    bool ok = tok && tok_save(tok, out, e);
    if (ok) print_summary(tok, c, seconds, out);
    tok_free(tok);
    return ok;
}

typedef struct train_flags {
    const char *type, *normalize, *memory, *out;
    int64_t threads;
} train_flags;

/* What the words among the flags say. */
static bool read_flags(const train_flags *f, tok_training *how, err *e) {
    if (!f->type) return err_set(e, ERR_USAGE, "no --type; usage: gradus " USAGE);
    int type = args_choice("type", f->type, TOK_TYPE_NAMES, e);
    int normalize = args_choice("normalize", f->normalize, TOK_NORMALIZATION_NAMES, e);
    if (type < 0 || normalize < 0 || !read_memory(f->memory, &how->memory, e)) return false;
    how->type = (tok_type)type;
    how->normalize = (tok_normalization)normalize;
    if (how->byte_fallback && how->type != TOK_UNIGRAM)
        return err_set(e, ERR_USAGE, "--byte_fallback is for --type unigram");
    thread_set_count((int)f->threads);
    return true;
}

bool tokenizer_train(int argc, char **argv, err *e) {
    train_flags f = {.normalize = "default", .memory = "2G"};
    tok_training how = {0};
    const args_flag flags[] = {
        {"type", ARGS_TEXT, &f.type, 0, 0, "one of " TOK_TYPE_NAMES},
        {"files", ARGS_LIST, NULL, 0, 0, "the texts; '-' is standard input"},
        {"out", ARGS_TEXT, &f.out, 0, 0, "tokenizer.json to write"},
        {"vocab_size", ARGS_INT, &how.vocab_size, 1, 1 << 24,
         "tokens, special ones included (8192; char, word: all)"},
        {"special", ARGS_TEXT, &how.special, 0, 0, "NAME,NAME,...: special tokens"},
        {"min_frequency", ARGS_INT, &how.min_frequency, 1, 1e15,
         "rarer characters, words or pairs get no token (1)"},
        {"character_coverage", ARGS_REAL, &how.character_coverage, 0, 1,
         "share of the characters that get a token (1; unigram: 0.9995)"},
        {"byte_fallback", ARGS_SWITCH, &how.byte_fallback, 0, 0,
         "unigram: what is unknown becomes bytes"},
        {"normalize", ARGS_TEXT, &f.normalize, 0, 0, "one of " TOK_NORMALIZATION_NAMES},
        {"memory", ARGS_TEXT, &f.memory, 0, 0, "that counting may take (2G)"},
        ARGS_THREADS(f.threads)};
    args a;
    corpus c = {0};
    if (!args_parse(&a, argc, argv, flags, sizeof flags / sizeof *flags, 0, argc, USAGE, e) ||
        !read_flags(&f, &how, e))
        return false;
    if (a.n_positional == 0) return err_set(e, ERR_USAGE, "no --files; usage: gradus " USAGE);
    bool ok = check_out(f.out, e) && corpus_open(&c, a.positional, a.n_positional, e) &&
              train(&how, &c, f.type, f.out, e);
    corpus_close(&c);
    return ok;
}
