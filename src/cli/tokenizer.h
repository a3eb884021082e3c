/* The subcommands of `gradus tokenizer`: each gets the arguments behind its name, and what several
 * of them share. */
#ifndef CLI_TOKENIZER_H
#define CLI_TOKENIZER_H

#include "base/err.h"
#include "cli/args.h"
#include "cli/input.h"
#include "tokenizer/tokenizer.h"

bool tokenizer_train(int argc, char **argv, err *e);
bool tokenizer_encode(int argc, char **argv, err *e);
bool tokenizer_decode(int argc, char **argv, err *e);
bool tokenizer_count(int argc, char **argv, err *e);
bool tokenizer_explain(int argc, char **argv, err *e);
bool tokenizer_info(int argc, char **argv, err *e);
bool tokenizer_convert(int argc, char **argv, err *e);

/* The flag --tokenizer of these commands, opened; `usage` is told where it is missing. Returns new
 * (free with tok_free), or NULL and e. */
tokenizer *tokenizer_of_flag(const char *path, const char *usage, err *e);
#define TOKENIZER_FLAG(variable)                                                                   \
    { "tokenizer", ARGS_TEXT, &(variable), 0, 0, "tokenizer file of any layout, or its folder" }

/* How a command was told to encode. */
typedef struct encode_flags {
    const char *tokenizer;
    bool allow_special, add_special;
    double dropout, alpha;
    int64_t seed;
} encode_flags;
#define ENCODE_FLAG(name, kind, variable, most, help)                                              \
    { name, kind, &(variable), 0, most, help }
#define ENCODE_FLAGS(f)                                                                            \
    TOKENIZER_FLAG((f).tokenizer),                                                                 \
        ENCODE_FLAG("allow_special", ARGS_SWITCH, (f).allow_special, 0,                            \
                    "special tokens written in the text count as such"),                           \
        ENCODE_FLAG("add_special", ARGS_SWITCH, (f).add_special, 0,                                \
                    "put the template's tokens around each text"),                                 \
        ENCODE_FLAG("dropout", ARGS_REAL, (f).dropout, 1,                                          \
                    "bpe: leave out each merge with this probability (0)"),                        \
        ENCODE_FLAG("alpha", ARGS_REAL, (f).alpha, 100,                                            \
                    "unigram: draw by probability to this power (0: take the best)"),              \
        ENCODE_FLAG("seed", ARGS_INT, (f).seed, 9e18, "of --dropout and --alpha (1)")
/* The tokenizer of the flags and how to encode with it. */
tokenizer *tokenizer_for_encoding(const encode_flags *f, const char *usage, tok_options *options,
                                  err *e);

/* Calls `take` with each of the n files, or with standard input where there is none. */
typedef bool tokenizer_take(void *context, const input *in, err *e);
bool tokenizer_each_input(const char *const *paths, int n, tokenizer_take *take, void *context,
                          err *e);

#endif
