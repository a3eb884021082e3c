#include "base/str.h"
#include "cli/cmd.h"
#include "cli/tokenizer.h"

#include <stdio.h>
#include <string.h>

#define NAMES "train|encode|decode|count|explain|info|convert"
#define USAGE "tokenizer " NAMES " ..."

static const char *const names[] = {"train",   "encode", "decode", "count",
                                    "explain", "info",   "convert"};
static bool (*const subcommands[])(int argc, char **argv, err *e) = {
    tokenizer_train,   tokenizer_encode, tokenizer_decode, tokenizer_count,
    tokenizer_explain, tokenizer_info,   tokenizer_convert};
enum { N_SUBCOMMANDS = sizeof names / sizeof *names };

static bool run(int argc, char **argv, err *e) {
    if (argc == 1 && strcmp(argv[0], "--help") == 0) {
        printf("usage: gradus %s\n", USAGE);
        for (int i = 0; i < N_SUBCOMMANDS; i++) {
            putchar('\n');
            subcommands[i](1, (char *[]){argv[0]}, e);
        }
        return true;
    }
    if (argc == 0) return err_set(e, ERR_USAGE, "usage: gradus %s", USAGE);
    for (int i = 0; i < N_SUBCOMMANDS; i++)
        if (strcmp(argv[0], names[i]) == 0) return subcommands[i](argc - 1, argv + 1, e);
    const char *nearest = str_nearest(argv[0], names, N_SUBCOMMANDS);
    if (!nearest)
        return err_set(e, ERR_USAGE, "unknown subcommand '%s'; usage: gradus %s", argv[0], USAGE);
    return err_set(e, ERR_USAGE, "unknown subcommand '%s' (did you mean '%s'?)", argv[0], nearest);
}

bool tokenizer_each_input(const char *const *paths, int n, tokenizer_take *take, void *context,
                          err *e) {
    bool ok = true;
    for (int i = 0; ok && i < (n ? n : 1); i++) {
        input in;
        ok = input_open(&in, n ? paths[i] : "-", e) && take(context, &in, e);
        input_close(&in);
    }
    return ok;
}

tokenizer *tokenizer_of_flag(const char *path, const char *usage, err *e) {
    if (path) return tok_open(path, e);
    err_set(e, ERR_USAGE, "no --tokenizer; usage: gradus %s", usage);
    return NULL;
}

/* A flag that the tokenizer would not heed is refused. */
static bool samples(const tokenizer *tok, const char *flag, double value, tok_type type, err *e) {
    static const char *const types[] = {[TOK_BPE] = "bpe", [TOK_UNIGRAM] = "unigram"};
    return value == 0 || tok_type_of(tok) == type ||
           err_set(e, ERR_USAGE, "--%s is for tokenizers of type %s", flag, types[type]);
}

tokenizer *tokenizer_for_encoding(const encode_flags *f, const char *usage, tok_options *options,
                                  err *e) {
    *options = (tok_options){f->allow_special, f->add_special, f->dropout, f->alpha,
                             rng_from_seed((uint64_t)f->seed)};
    tokenizer *tok = tokenizer_of_flag(f->tokenizer, usage, e);
    if (!tok) return NULL;
    if (samples(tok, "dropout", f->dropout, TOK_BPE, e) &&
        samples(tok, "alpha", f->alpha, TOK_UNIGRAM, e))
        return tok;
    tok_free(tok);
    return NULL;
}

const cmd cmd_tokenizer = {
    "tokenizer", NAMES " ...", "train a tokenizer, encode, decode and explain texts",
    "FILE|DIR is a tokenizer of any layout of the field: tokenizer.json of Hugging Face, GPT-2's\n"
    "vocab.json and merges.txt, BERT's vocab.txt, a .model of SentencePiece or minbpe, a folder\n"
    "that holds one of these, or a run of `gradus train`. Texts come from the FILEs or, without\n"
    "any or for '-', from standard input. Text never becomes a special token unless\n"
    "--allow_special says so.",
    run};
