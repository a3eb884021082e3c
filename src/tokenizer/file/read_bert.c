/* BERT's vocab.txt: a piece on each line, its id the line's number from 0. */
#include "tokenizer/file/read_pieces.h"
#include "tokenizer/file/readers.h"
#include "tokenizer/model/wordpiece.h"

#include <stdio.h>
#include <string.h>

static bool read_lines(read_pieces *p, const char *content, size_t n, const char *name, err *e) {
    bool ok = read_is_text(content, n, name, e);
    const char *line;
    size_t len, at = 0;
    for (int id = 0; ok && read_line(content, n, &at, &line, &len); id++) {
        char where[1100];
        snprintf(where, sizeof where, "%s:%d", name, id + 1);
        ok = read_pieces_add(p, line, len, id, where, e);
    }
    return ok;
}

/* Names in brackets aside, as "[PAD]". */
static bool has_capitals(const vocab *v) {
    for (int32_t id = 0; id < v->size; id++) {
        size_t len;
        const char *piece = vocab_piece(v, id, &len);
        if (piece[0] == '[' && piece[len - 1] == ']') continue;
        for (size_t i = 0; i < len; i++)
            if (piece[i] >= 'A' && piece[i] <= 'Z') return true;
    }
    return false;
}

/* Returns the id of the special token, -1 where the vocabulary has none. */
static int32_t add_special(tokenizer *tok, const char *content) {
    int32_t id = vocab_find(&tok->vocab, content, strlen(content));
    if (id >= 0) special_add(&tok->specials, id, content, strlen(content))->special = true;
    return id;
}

static bool add_specials(tokenizer *tok, const char *name, err *e) {
    add_special(tok, "[PAD]");
    tok->unk = add_special(tok, "[UNK]");
    int32_t cls = add_special(tok, "[CLS]"), sep = add_special(tok, "[SEP]");
    add_special(tok, "[MASK]");
    if (cls >= 0 && sep >= 0) {
        tok_ids_append(&tok->before, cls);
        tok_ids_append(&tok->after, sep);
    }
    return tok->unk >= 0 ||
           err_set(e, ERR_INPUT, "%s: not a tokenizer: no line is [UNK], as in BERT's vocab.txt",
                   name);
}

static void add_parts(tokenizer *tok) {
    norm_step *step = normalizer_add(&tok->normalizer, NORM_BERT);
    step->clean_text = step->handle_chinese_chars = true;
    step->strip_accents = step->lowercase = !has_capitals(&tok->vocab);
    splitter_add(&tok->splitter, SPLIT_BERT);
    tok->wordpiece = wordpiece_new();
    tok->decoder.kind = DECODE_WORDPIECE;
    tok->decoder.cleanup = true;
    str_append(&tok->decoder.prefix, tok->wordpiece->prefix.data, tok->wordpiece->prefix.len);
}

tokenizer *read_bert_vocab(const char *content, size_t n, const char *name, err *e) {
    tokenizer *tok = tok_new(TOK_WORDPIECE);
    read_pieces p = {0};
    bool ok = read_lines(&p, content, n, name, e) && read_pieces_finish(&p, tok, name, e) &&
              add_specials(tok, name, e);
    read_pieces_free(&p);
    if (ok) {
        add_parts(tok);
        return tok_finish(tok, name, e);
    }
    tok_free(tok);
    return NULL;
}
