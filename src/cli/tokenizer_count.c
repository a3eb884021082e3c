#include "base/thread.h"
#include "cli/tokenizer.h"

#include <stdio.h>

#define USAGE "tokenizer count --tokenizer FILE|DIR [--flag VALUE ...] [FILE...]"

typedef struct tally {
    size_t tokens, bytes, unknown;
} tally;

typedef struct counter {
    const tokenizer *tok;
    const tok_options *options;
    tally total;
} counter;

static void print_tally(const char *name, const tally *t) {
    printf("%s: %zu tokens, %zu bytes", name, t->tokens, t->bytes);
    if (t->tokens) printf(", %.3f bytes per token", (double)t->bytes / (double)t->tokens);
    if (t->unknown)
        printf(", %zu unknown (%.3g %%)", t->unknown, 100 * (double)t->unknown / (double)t->tokens);
    putchar('\n');
}

static bool count(void *context, const input *in, err *e) {
    (void)e;
    counter *c = context;
    tok_ids ids = {0};
    tok_encode(c->tok, in->data, in->size, c->options, &ids);
    tally t = {ids.len, in->size, 0};
    int32_t unknown = tok_unknown(c->tok);
    for (size_t i = 0; i < ids.len; i++) t.unknown += ids.data[i] == unknown;
    tok_ids_free(&ids);
    print_tally(in->name, &t);
    c->total.tokens += t.tokens;
    c->total.bytes += t.bytes;
    c->total.unknown += t.unknown;
    return true;
}

bool tokenizer_count(int argc, char **argv, err *e) {
    encode_flags f = {.seed = 1};
    int64_t threads = 0;
    const args_flag flags[] = {ENCODE_FLAGS(f), ARGS_THREADS(threads)};
    args a;
    tok_options options;
    if (!args_parse(&a, argc, argv, flags, sizeof flags / sizeof *flags, 0, argc, USAGE, e))
        return false;
    thread_set_count((int)threads);
    counter c = {.tok = tokenizer_for_encoding(&f, USAGE, &options, e), .options = &options};
    if (!c.tok) return false;
    bool ok = tokenizer_each_input(a.positional, a.n_positional, count, &c, e);
    if (ok && a.n_positional > 1) print_tally("total", &c.total);
    tok_free((tokenizer *)c.tok);
    return ok;
}
