#include "base/thread.h"
#include "cli/tokenizer.h"

#include <stdio.h>
#include <string.h>

#define EXPLAIN_USAGE "tokenizer explain --tokenizer FILE|DIR TEXT"
#define INFO_USAGE    "tokenizer info FILE|DIR"
#define CONVERT_USAGE "tokenizer convert FILE|DIR TOKENIZER.json"

static void print(str *text) {
    if (text->len) fwrite(text->data, 1, text->len, stdout);
    str_free(text);
}

bool tokenizer_explain(int argc, char **argv, err *e) {
    encode_flags f = {.seed = 1};
    const args_flag flags[] = {ENCODE_FLAGS(f)};
    args a;
    tok_options options;
    str text = {0};
    if (!args_parse(&a, argc, argv, flags, sizeof flags / sizeof *flags, 1, 1, EXPLAIN_USAGE, e))
        return false;
    tokenizer *tok = tokenizer_for_encoding(&f, EXPLAIN_USAGE, &options, e);
    if (!tok) return false;
    tok_explain(tok, a.positional[0], strlen(a.positional[0]), &options, &text);
    print(&text);
    tok_free(tok);
    return true;
}

bool tokenizer_info(int argc, char **argv, err *e) {
    args a;
    str text = {0};
    if (!args_parse(&a, argc, argv, NULL, 0, 1, 1, INFO_USAGE, e)) return false;
    tokenizer *tok = tok_open(a.positional[0], e);
    if (!tok) return false;
    tok_describe(tok, &text);
    print(&text);
    tok_free(tok);
    return true;
}

bool tokenizer_convert(int argc, char **argv, err *e) {
    args a;
    if (!args_parse(&a, argc, argv, NULL, 0, 2, 2, CONVERT_USAGE, e)) return false;
    tokenizer *tok = tok_open(a.positional[0], e);
    bool ok = tok && tok_save(tok, a.positional[1], e);
    if (ok) printf("%s: %d tokens\n", a.positional[1], (int)tok_vocab_size(tok));
    tok_free(tok);
    return ok;
}
