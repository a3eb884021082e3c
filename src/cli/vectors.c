#include "cli/vectors.h"

#include "base/file.h"
#include "base/mem.h"
#include "train/run.h"

#include <stdio.h>
#include <stdlib.h>
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

/* The id of the one token that the text is, or -1; *n_tokens says how many it is. */
static int64_t encode_one(const tokenizer *tok, const char *text, size_t *n_tokens) {
    tok_ids ids = {0};
    tok_encode(tok, text, strlen(text), NULL, &ids);
    *n_tokens = ids.len;
    int64_t id = ids.len == 1 && ids.data[0] != tok_unknown(tok) ? ids.data[0] : -1;
    tok_ids_free(&ids);
    return id;
}

/* The token that is the text in the middle of a running text, where a blank comes before a word and
 * belongs to it: " word", or "▁word" as SentencePiece spells it; -1 = none. */
static int64_t find_after_blank(const tokenizer *tok, const char *typed) {
    static const char *const blanks[] = {" ", "\u2581"};
    int64_t row = -1;
    str spelled = {0};
    for (int i = 0; row < 0 && i < 2; i++) {
        spelled.len = 0;
        str_printf(&spelled, "%s%s", blanks[i], typed);
        row = tok_find(tok, spelled.data, spelled.len);
    }
    str_free(&spelled);
    return row;
}

/* Who types a word may mean either of two tokens. */
static void tell_of_other(const cli_vectors *v, const char *typed, int64_t other) {
    const char *name = v->vectors.names[other];
    fprintf(stderr, "gradus: note: '%s' is a token, and '%s' is another: type '%s' for that one\n",
            typed, name, name);
}

static int64_t find_as_typed(const cli_vectors *v, const char *typed) {
    size_t n_tokens;
    if (!v->tok) return embed_find(&v->table, typed);
    int64_t row = tok_find(v->tok, typed, strlen(typed));
    if (row < 0) row = embed_find(&v->table, typed); /* printed as typed: "\n" for a line break */
    int64_t other = find_after_blank(v->tok, typed);
    if (row >= 0 && row < v->table.n && other >= 0 && other < v->table.n)
        tell_of_other(v, typed, other);
    if (row < 0) row = other;
    if (row < 0) row = encode_one(v->tok, typed, &n_tokens);
    return row < v->table.n ? row : -1;
}

static int64_t find_in_lower_case(const cli_vectors *v, const char *typed) {
    char *lower = mem_copy_string(typed, strlen(typed));
    for (char *c = lower; *c; c++)
        if (*c >= 'A' && *c <= 'Z') *c += 'a' - 'A';
    int64_t row = find_as_typed(v, lower);
    free(lower);
    return row;
}

static int64_t find_row(const cli_vectors *v, const char *typed) {
    int64_t row = find_as_typed(v, typed);
    return row >= 0 ? row : find_in_lower_case(v, typed);
}

static bool fail_missing(const cli_vectors *v, const char *typed, err *e) {
    size_t n_tokens = 1;
    if (v->tok) encode_one(v->tok, typed, &n_tokens);
    if (n_tokens != 1)
        return err_set(e, ERR_INPUT,
                       "'%s' is %zu tokens of %s's tokenizer; give one that is a single token",
                       typed, n_tokens, v->name);
    /* any letter is like any other */
    const char *nearest = typed[0] && typed[1] ? embed_nearest_name(&v->table, typed) : NULL;
    return err_set(e, ERR_INPUT, "'%s' is not in the vocabulary of %s%s%s%s", typed, v->name,
                   nearest ? " (did you mean '" : "", nearest ? nearest : "", nearest ? "'?)" : "");
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
