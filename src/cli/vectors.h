/* The vectors that a command is about, with their table, and how words that people type are found
 * among them. */
#ifndef CLI_VECTORS_H
#define CLI_VECTORS_H

#include "embed/table.h"
#include "io/vectors.h"
#include "tokenizer/tokenizer.h"

typedef struct cli_vectors {
    const char *name; /* as typed, borrowed */
    io_vectors vectors;
    embed_table table;
    tokenizer *tok; /* of a run over tokens, else NULL */
} cli_vectors;

/* A word that was found: its row, or -1 where its vector is composed of n-grams. */
typedef struct cli_word {
    const char *name; /* as the vectors spell it */
    int64_t row;
} cli_word;

/* Opens the embedding matrix of a run, imported vectors (a folder with vectors.safetensors or
 * vectors.tsv in it) or a file of any layout that io_vectors_read knows; the first `limit` words,
 * 0 = all. Release with vectors_close in any case. */
bool vectors_open(cli_vectors *v, const char *run_or_file, int64_t limit, err *e);
void vectors_close(cli_vectors *v);

/* Finds a word as typed, else in lower case, else by its n-grams; for the tokens of a run, any text
 * that is one token, alone or behind a blank, or is printed as one; where it is one either way,
 * stderr tells of the other. Copies its unit vector to unit[0..width). A word that is
 * missing is an error with the nearest name. */
bool vectors_find(const cli_vectors *v, const char *typed, cli_word *word, real *unit, err *e);
/* The row of a word that has one, or -1 and e. */
int64_t vectors_find_row(const cli_vectors *v, const char *typed, err *e);

/* Prints "score  name" lines. */
void vectors_print(const cli_vectors *v, const embed_neighbour *list, int64_t n);

/* The flags that commands about vectors share. */
#define VECTORS_LIMIT(variable)                                                                    \
    { "limit", ARGS_INT, &(variable), 0, 1e9, "read the first N words only (0 = all)" }
#define VECTORS_RESTRICT(variable)                                                                 \
    {                                                                                              \
        "restrict_vocab", ARGS_INT, &(variable), 0, 1e9,                                           \
            "answers are among the first N words (0 = all)"                                        \
    }

#endif
