#include "tokenizer/model/wordpiece.h"

#include "tokenizer/model/trie.h"
#include "tokenizer/text/chars.h"

#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

wordpiece *wordpiece_new(void) {
    wordpiece *w = mem_new(1, sizeof *w);
    str_append(&w->prefix, "##", 2);
    w->longest = 100;
    return w;
}

static void free_wordpiece(tokenizer *tok) {
    if (!tok->wordpiece) return;
    str_free(&tok->wordpiece->prefix);
    trie_free(tok->wordpiece->start);
    trie_free(tok->wordpiece->inside);
    free(tok->wordpiece);
}

static bool prepare(tokenizer *tok, const char *name, err *e) {
    (void)name, (void)e;
    wordpiece *w = tok->wordpiece;
    w->start = trie_new();
    w->inside = trie_new();
    for (int32_t id = 0; id < tok->vocab.size; id++) {
        size_t len, skip = w->prefix.len;
        const char *piece = vocab_piece(&tok->vocab, id, &len);
        if (len == 0 || special_of(&tok->specials, id)) continue;
        trie_add(w->start, piece, len, id);
        if (len > skip && (skip == 0 || memcmp(piece, w->prefix.data, skip) == 0))
            trie_add(w->inside, piece + skip, len - skip, id);
    }
    trie_pack(w->start);
    trie_pack(w->inside);
    return true;
}

static bool is_too_long(const wordpiece *w, const char *word, size_t n) {
    if (n <= (size_t)w->longest) return false;
    int64_t chars = 0;
    for (size_t i = 0; i < n && chars <= w->longest; chars++) {
        uint32_t code;
        i += tok_read_char(word + i, n - i, &code);
    }
    return chars > w->longest;
}

static void encode(const tokenizer *tok, tok_scratch *s, const char *word, size_t n, tok_ids *out) {
    (void)s;
    const wordpiece *w = tok->wordpiece;
    size_t before = out->len, len = 0;
    bool known = !is_too_long(w, word, n);
    for (size_t at = 0; known && at < n; at += len) {
        int32_t id = trie_longest(at ? w->inside : w->start, word + at, n - at, &len);
        known = id >= 0;
        if (known) tok_ids_append(out, id);
    }
    if (known) return;
    out->len = before;
    if (tok->unk >= 0) tok_ids_append(out, tok->unk);
}

/* One line for each token: what it covers and what is left; the last line for an unknown word. */
static void explain(const tokenizer *tok, tok_scratch *s, const char *word, size_t n, str *out) {
    (void)s;
    const wordpiece *w = tok->wordpiece;
    if (is_too_long(w, word, n)) {
        str_printf(out, "longer than %d characters: unknown\n", (int)w->longest);
        return;
    }
    size_t len = 0;
    for (size_t at = 0; at < n; at += len) {
        int32_t id = trie_longest(at ? w->inside : w->start, word + at, n - at, &len);
        str_printf(out, "longest token that %s \"%.*s\": ", at ? "continues with" : "begins",
                   (int)(n - at), word + at);
        if (id < 0) {
            str_printf(out, "none, so the whole word is unknown\n");
            return;
        }
        tok_printable(tok, id, out);
        str_printf(out, " (id %d)\n", (int)id);
    }
}

const tok_model tok_model_wordpiece = {
    .name = "wordpiece",
    .prepare = prepare,
    .encode = encode,
    .explain = explain,
    .free = free_wordpiece,
};
