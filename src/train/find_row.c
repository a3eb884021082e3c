#include "train/find_row.h"

#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

static const char solid_blank[] = "\u2581";

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
    const char *const blanks[] = {" ", solid_blank};
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

/* One that begins with "▁", where the tokens have blanks. */
static int64_t find_solid(const tokenizer *tok, const char *typed) {
    size_t n = strlen(solid_blank);
    return strncmp(typed, solid_blank, n) == 0 ? find_after_blank(tok, typed + n) : -1;
}

static int64_t find_as_typed(const embed_table *table, const tokenizer *tok, const char *typed,
                             int64_t *other) {
    size_t n_tokens;
    *other = -1;
    if (!tok) return embed_find(table, typed);
    int64_t row = tok_find(tok, typed, strlen(typed));
    if (row < 0) row = embed_find(table, typed); /* printed as typed: "\n" for a line break */
    if (row < 0) row = find_solid(tok, typed);
    int64_t behind_blank = find_after_blank(tok, typed);
    if (row < 0)
        row = behind_blank;
    else if (row < table->n && behind_blank < table->n)
        *other = behind_blank;
    if (row < 0) row = encode_one(tok, typed, &n_tokens);
    return row < table->n ? row : -1;
}

int64_t train_find_row(const embed_table *table, const tokenizer *tok, const char *typed,
                       int64_t *other) {
    int64_t row = find_as_typed(table, tok, typed, other);
    if (row >= 0) return row;
    char *lower = mem_copy_string(typed, strlen(typed));
    for (char *c = lower; *c; c++)
        if (*c >= 'A' && *c <= 'Z') *c += 'a' - 'A';
    row = find_as_typed(table, tok, lower, other);
    free(lower);
    return row;
}

bool train_fail_row(const embed_table *table, const tokenizer *tok, const char *typed,
                    const char *owner, err *e) {
    size_t n_tokens = 1;
    if (tok) encode_one(tok, typed, &n_tokens);
    if (n_tokens != 1)
        return err_set(e, ERR_INPUT,
                       "'%s' is %zu tokens of %s's tokenizer; give one that is a single token",
                       typed, n_tokens, owner);
    /* any letter is like any other */
    const char *nearest = typed[0] && typed[1] ? embed_nearest_name(table, typed) : NULL;
    return err_set(e, ERR_INPUT, "'%s' is not in the vocabulary of %s%s%s%s", typed, owner,
                   nearest ? " (did you mean '" : "", nearest ? nearest : "", nearest ? "'?)" : "");
}
