#include "cli/vectors.h"

#include "base/file.h"
#include "train/find_row.h"
#include "train/run.h"

#include <stdio.h>
#include <string.h>

/* The tokenizer of a run over tokens; vectors that were read from a file (they have a layout), and
 * runs over words, have none. */
static bool read_tokenizer(cli_vectors *v, const char *folder, err *e) {
    char path[TRAIN_PATH_SIZE];
    if (v->vectors.layout) return true;
    if (!train_run_path(folder, "tokenizer.json", path, e)) return false;
    if (!file_exists(path)) return true;
    v->tok = tok_open(path, e);
    return v->tok != NULL;
}

bool vectors_open(cli_vectors *v, const char *run_or_file, int64_t limit, err *e) {
    *v = (cli_vectors){.name = run_or_file};
    bool ok =
        train_read_vectors(&v->vectors, run_or_file, limit, e) && read_tokenizer(v, run_or_file, e);
    if (ok) v->table = embed_table_new(&v->vectors);
    return ok;
}

void vectors_close(cli_vectors *v) {
    embed_table_free(&v->table);
    io_vectors_free(&v->vectors);
    tok_free(v->tok);
    *v = (cli_vectors){0};
}

/* Who types a word may mean either of two tokens. */
static int64_t find_row(const cli_vectors *v, const char *typed) {
    int64_t other, row = train_find_row(&v->table, v->tok, typed, &other);
    const char *name = other >= 0 ? v->vectors.names[other] : NULL;
    if (name)
        fprintf(stderr,
                "gradus: note: '%s' is a token, and '%s' is another: type '%s' for that one\n",
                typed, name, name);
    return row;
}

static bool fail_missing(const cli_vectors *v, const char *typed, err *e) {
    return train_fail_row(&v->table, v->tok, typed, v->name, e);
}

bool vectors_find(const cli_vectors *v, const char *typed, cli_word *word, real *unit, err *e) {
    const size_t width = (size_t)v->table.width;
    *word = (cli_word){typed, find_row(v, typed)};
    if (word->row < 0) return embed_unit_of(&v->table, typed, unit) || fail_missing(v, typed, e);
    word->name = v->vectors.names[word->row];
    memcpy(unit, v->table.units + (size_t)word->row * width, width * sizeof *unit);
    return true;
}

int64_t vectors_find_row(const cli_vectors *v, const char *typed, err *e) {
    int64_t row = find_row(v, typed);
    if (row < 0) fail_missing(v, typed, e);
    return row;
}

void vectors_print(const cli_vectors *v, const embed_neighbour *list, int64_t n) {
    for (int64_t i = 0; i < n; i++)
        printf("%7.4f  %s\n", list[i].score, v->vectors.names[list[i].row]);
}
