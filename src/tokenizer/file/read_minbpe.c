/* minbpe's .model, version 1: the pattern that splits, the number of special tokens and a line
 * "CONTENT ID" for each, then a merge of two ids on each line, into 256, 257, ... */
#include "base/err.h"
#include "tokenizer/file/read_lines.h"
#include "tokenizer/file/readers.h"
#include "tokenizer/model/bpe.h"

#include <stdio.h>
#include <string.h>

enum { PIECE_MAX_BYTES = 1 << 16 }; /* merges of merges double */

typedef struct reader {
    const char *content, *name;
    size_t n, at;
    int number; /* of the line read last */
    const char *line;
    size_t len;
    str left, right; /* of a line of two parts */
    err *e;
} reader;

static bool fail(reader *r, const char *expected) {
    return err_set(r->e, ERR_INPUT, "%s:%d: '%s', expected %s", r->name, r->number,
                   quote(r->line, r->len).text, expected);
}

static bool next_line(reader *r) {
    r->number++;
    if (read_line(r->content, r->n, &r->at, &r->line, &r->len)) return true;
    r->line = "";
    r->len = 0;
    return false;
}

static bool read_pattern(reader *r, tokenizer *tok) {
    if (!next_line(r)) return fail(r, "the pattern that splits");
    if (r->len == 0) return true;
    char where[1100];
    snprintf(where, sizeof where, "%s:%d", r->name, r->number);
    pattern *p = pattern_new(r->line, r->len, false, where, r->e);
    if (!p) return false;
    split_step *step = splitter_add(&tok->splitter, SPLIT_PATTERN);
    step->pattern = p;
    step->behavior = SPLIT_REMOVED;
    step->invert = true;
    return true;
}

/* Reads a line of one whole number from 0 to max. */
static bool read_number(reader *r, int64_t max, int64_t *out) {
    next_line(r);
    r->left.len = 0;
    str_append(&r->left, r->line, r->len);
    return str_to_int(r->left.data, out) && *out >= 0 && *out <= max;
}

/* Reads the special tokens, whose ids tok_finish checks. */
static bool read_specials(reader *r, tokenizer *tok) {
    int64_t n = 0;
    if (!read_number(r, VOCAB_MAX_SIZE, &n)) return fail(r, "the number of special tokens");
    for (int64_t i = 0, id; i < n; i++) {
        if (!next_line(r) || !read_pair(r->line, r->len, &r->left, &r->right) ||
            !str_to_int(r->right.data, &id) || id < 256 || id >= VOCAB_MAX_SIZE)
            return fail(r, "a special token and its id");
        special_add(&tok->specials, (int32_t)id, r->left.data, r->left.len)->special = true;
    }
    return true;
}

/* Adds the token that the bytes of two others make. */
static bool add_merge(reader *r, tokenizer *tok, int64_t left, int64_t right) {
    vocab *v = &tok->vocab;
    size_t n_left, n_right;
    vocab_piece(v, (int32_t)left, &n_left);
    vocab_piece(v, (int32_t)right, &n_right);
    if (n_left + n_right > PIECE_MAX_BYTES || v->bytes.len + n_left + n_right > VOCAB_MAX_BYTES)
        return fail(r, "tokens of fewer bytes");
    str *whole = &r->left;
    whole->len = 0;
    str_append(whole, vocab_piece(v, (int32_t)left, &n_left), n_left);
    str_append(whole, vocab_piece(v, (int32_t)right, &n_right), n_right);
    int32_t id = vocab_append(v, whole->data, whole->len);
    bpe_add_merge(tok->bpe, (int32_t)left, (int32_t)right, (int32_t)tok->bpe->n, id);
    return true;
}

static bool read_merges(reader *r, tokenizer *tok) {
    for (int byte = 0; byte < 256; byte++) vocab_append(&tok->vocab, &(char){(char)byte}, 1);
    while (next_line(r)) {
        int64_t left, right, n = tok->vocab.size;
        if (!read_pair(r->line, r->len, &r->left, &r->right) || !str_to_int(r->left.data, &left) ||
            !str_to_int(r->right.data, &right) || left < 0 || left >= n || right < 0 ||
            right >= n || n == VOCAB_MAX_SIZE)
            return fail(r, "the ids of two tokens that are there already");
        if (!add_merge(r, tok, left, right)) return false;
    }
    return true;
}

static bool read_all(reader *r, tokenizer *tok) {
    if (!read_is_text(r->content, r->n, r->name, r->e)) return false;
    next_line(r);
    if (r->len != 9 || memcmp(r->line, "minbpe v1", 9) != 0) return fail(r, "minbpe v1");
    return read_pattern(r, tok) && read_specials(r, tok) && read_merges(r, tok);
}

tokenizer *read_minbpe(const char *content, size_t n, const char *name, err *e) {
    reader r = {.content = content, .n = n, .name = name, .e = e};
    tokenizer *tok = tok_new(TOK_BPE);
    tok->byte_level = true;
    tok->bpe = bpe_new();
    bool ok = read_all(&r, tok);
    str_free(&r.left);
    str_free(&r.right);
    if (ok) return tok_finish(tok, name, e);
    tok_free(tok);
    return NULL;
}
