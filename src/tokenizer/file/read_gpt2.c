/* GPT-2's pair of files: vocab.json, an object of pieces with their ids, and merges.txt, a merge of
 * two pieces on each line. */
#include "tokenizer/file/read_json.h"
#include "tokenizer/file/readers.h"
#include "tokenizer/model/bpe.h"

#include <stdio.h>
#include <string.h>

#define END_OF_TEXT "<|endoftext|>"

static bool read_vocab(read_pieces *p, const char *content, size_t n, const char *name, err *e) {
    cJSON *root = json_parse(content, n, name, e);
    bool ok = root != NULL;
    if (ok && !cJSON_IsObject(root))
        ok = err_set(e, ERR_INPUT, "%s: expected an object of pieces with their ids", name);
    if (ok) ok = json_pieces(p, root, name, e);
    cJSON_Delete(root);
    return ok;
}

static bool read_merges(tokenizer *tok, const read_pieces *p, const char *content, size_t n,
                        const char *name, err *e) {
    bool ok = read_is_text(content, n, name, e);
    str left = {0}, right = {0};
    const char *line;
    size_t len, at = 0;
    for (int number = 1; ok && read_line(content, n, &at, &line, &len); number++) {
        bool version = number == 1 && len >= 8 && memcmp(line, "#version", 8) == 0;
        if (len == 0 || version) continue;
        char where[1100];
        snprintf(where, sizeof where, "%s:%d", name, number);
        ok = read_pair(line, len, &left, &right)
                 ? read_merge(tok, p, &left, &right, where, e)
                 : err_set(e, ERR_INPUT, "%s: '%s', expected two pieces with a blank between",
                           where, quote(line, len).text);
    }
    str_free(&left);
    str_free(&right);
    return ok;
}

tokenizer *read_gpt2(const char *pieces, size_t n_pieces, const char *pieces_name,
                     const char *merges, size_t n_merges, const char *merges_name, err *e) {
    tokenizer *tok = tok_new(TOK_BPE);
    read_pieces p = {0};
    tok->byte_level = true;
    splitter_add(&tok->splitter, SPLIT_BYTE_LEVEL)->use_regex = true;
    tok->bpe = bpe_new();
    bool ok = read_vocab(&p, pieces, n_pieces, pieces_name, e) &&
              read_merges(tok, &p, merges, n_merges, merges_name, e);
    int32_t end_of_text = read_pieces_id(&p, END_OF_TEXT, strlen(END_OF_TEXT));
    if (end_of_text >= 0)
        special_add(&tok->specials, end_of_text, END_OF_TEXT, strlen(END_OF_TEXT))->special = true;
    ok = ok && read_pieces_finish(&p, tok, pieces_name, e);
    read_pieces_free(&p);
    if (ok) return tok_finish(tok, pieces_name, e);
    tok_free(tok);
    return NULL;
}
