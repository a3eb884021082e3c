#include "tokenizer/model/bpe.h"

#include "base/array.h"
#include "base/mem.h"
#include "tokenizer/model/bpe_merge.h"
#include "tokenizer/model/bpe_table.h"
#include "tokenizer/text/chars.h"

#include <stdlib.h>
#include <string.h>

enum { MAX_AFFIXES = 64 }; /* bytes: they multiply what a piece takes */

bpe *bpe_new(void) {
    return mem_new(1, sizeof(bpe));
}

int64_t tok_merges(const tokenizer *tok) {
    return tok->bpe ? (int64_t)tok->bpe->n : 0;
}

void bpe_add_merge(bpe *b, int32_t left, int32_t right, int32_t rank, int32_t id) {
    b->merges = array_room(b->merges, &b->capacity, b->n + 1, sizeof *b->merges);
    b->merges[b->n++] = (bpe_merge){left, right, rank, id};
}

static bool check_merges(const bpe *b, int32_t vocab_size, const char *name, err *e) {
    uint32_t size = (uint32_t)vocab_size;
    for (size_t i = 0; i < b->n; i++) {
        const bpe_merge *m = &b->merges[i];
        bool known = (uint32_t)m->left < size && (uint32_t)m->right < size &&
                     (uint32_t)m->id < size && m->rank >= 0;
        if (!known)
            return err_set(e, ERR_INPUT, "%s: merge %zu: (%d, %d) to %d, the vocabulary has %d",
                           name, i, (int)m->left, (int)m->right, (int)m->id, (int)vocab_size);
    }
    return true;
}

static void find_bytes(tokenizer *tok) {
    int32_t *ids = tok->bpe->byte_id;
    if (tok->byte_level)
        for (int c = 0; c < 256; c++) ids[c] = vocab_find(&tok->vocab, &(char){(char)c}, 1);
    else
        byte_pieces_find(&tok->vocab, ids);
}

static bool prepare(tokenizer *tok, const char *name, err *e) {
    bpe *b = tok->bpe;
    size_t twice, affixes = b->continuing_prefix.len + b->end_suffix.len;
    if (affixes > MAX_AFFIXES)
        return err_set(e, ERR_INPUT, "%s: prefix and suffix of %zu bytes, expected at most %d",
                       name, affixes, MAX_AFFIXES);
    if (!check_merges(b, tok->vocab.size, name, e)) return false;
    if (!bpe_table_make(b, &twice))
        return err_set(e, ERR_INPUT, "%s: merge %zu: (%d, %d) stands there twice", name, twice,
                       (int)b->merges[twice].left, (int)b->merges[twice].right);
    find_bytes(tok);
    return true;
}

static void free_bpe(tokenizer *tok) {
    bpe *b = tok->bpe;
    if (!b) return;
    free(b->merges);
    str_free(&b->continuing_prefix);
    str_free(&b->end_suffix);
    bpe_table_free(b->table);
    free(b);
}

/* The symbols of a piece as they are found. */
typedef struct symbols {
    const tokenizer *tok;
    bpe_word word;
    bool after_unknown;
} symbols;

static void add_symbol(symbols *s, int32_t id) {
    s->word.ids[s->word.n++] = id;
    s->after_unknown = false;
}

static void add_unknown(symbols *s) {
    int32_t unk = s->tok->unk;
    if (unk < 0 || (s->after_unknown && s->tok->fuse_unk)) return;
    add_symbol(s, unk);
    s->after_unknown = true;
}

/* The bytes' own tokens, all or none. */
static bool add_bytes(symbols *s, const char *bytes, size_t n) {
    const int32_t *byte_id = s->tok->bpe->byte_id;
    for (size_t i = 0; i < n; i++)
        if (byte_id[(unsigned char)bytes[i]] < 0) return false;
    for (size_t i = 0; i < n; i++) add_symbol(s, byte_id[(unsigned char)bytes[i]]);
    return true;
}

static void add_spelled(symbols *s, const char *spelled, size_t n) {
    int32_t id = vocab_find(&s->tok->vocab, spelled, n);
    if (id >= 0)
        add_symbol(s, id);
    else if (!s->tok->byte_fallback || !add_bytes(s, spelled, n))
        add_unknown(s);
}

static void add_chars(symbols *s, const char *piece, size_t n, str *spelled) {
    const str *prefix = &s->tok->bpe->continuing_prefix, *suffix = &s->tok->bpe->end_suffix;
    uint32_t code;
    for (size_t i = 0, len; i < n; i += len) {
        len = tok_read_char(piece + i, n - i, &code);
        bool takes_prefix = i > 0 && prefix->len, takes_suffix = i + len == n && suffix->len;
        if (!takes_prefix && !takes_suffix) {
            add_spelled(s, piece + i, len);
            continue;
        }
        spelled->len = 0;
        if (takes_prefix) str_append(spelled, prefix->data, prefix->len);
        str_append(spelled, piece + i, len);
        if (takes_suffix) str_append(spelled, suffix->data, suffix->len);
        add_spelled(s, spelled->data, spelled->len);
    }
}

static bpe_word symbols_of(const tokenizer *tok, tok_scratch *scratch, const char *piece,
                           size_t n) {
    const bpe *b = tok->bpe;
    size_t most = n * (1 + b->continuing_prefix.len) + b->end_suffix.len;
    symbols s = {.tok = tok, .word = bpe_word_new(b, scratch, most)};
    if (!tok->byte_level) {
        add_chars(&s, piece, n, &scratch->text);
        return s.word;
    }
    for (size_t i = 0; i < n; i++)
        if (!add_bytes(&s, piece + i, 1)) add_unknown(&s);
    return s.word;
}

/* Whether the piece is a token that no merge need make. */
static bool is_whole(const tokenizer *tok, const char *piece, size_t n, int32_t *id) {
    if (!tok->bpe->ignore_merges) return false;
    *id = vocab_find(&tok->vocab, piece, n);
    return *id >= 0;
}

static void encode_dropping(const tokenizer *tok, tok_scratch *scratch, const char *piece, size_t n,
                            double dropout, rng_stream *random, tok_ids *out) {
    bpe_word word = symbols_of(tok, scratch, piece, n);
    if (word.n == 0) return;
    bpe_word_merge_all(&word, dropout, random);
    memcpy(tok_ids_reserve(out, word.n), word.ids, word.n * sizeof *word.ids);
    out->len += word.n;
}

static void encode(const tokenizer *tok, tok_scratch *scratch, const char *piece, size_t n,
                   tok_ids *out) {
    int32_t whole;
    if (is_whole(tok, piece, n, &whole))
        tok_ids_append(out, whole);
    else
        encode_dropping(tok, scratch, piece, n, 0, NULL, out);
}

static void sample(const tokenizer *tok, tok_scratch *scratch, const char *piece, size_t n,
                   const tok_options *options, rng_stream *random, tok_ids *out) {
    encode_dropping(tok, scratch, piece, n, options->dropout, random, out);
}

static void explain_word(const tokenizer *tok, const bpe_word *word, str *out) {
    for (uint32_t i = 0; i < word->n; i = word->next[i]) {
        str_append(out, " ", 1);
        tok_printable_solid(tok, word->ids[i], out);
    }
    str_append(out, "\n", 1);
}

static void explain(const tokenizer *tok, tok_scratch *scratch, const char *piece, size_t n,
                    str *out) {
    int32_t whole;
    if (is_whole(tok, piece, n, &whole)) {
        str_printf(out, "a token as a whole: ");
        tok_printable(tok, whole, out);
        str_append(out, "\n", 1);
        return;
    }
    bpe_word word = symbols_of(tok, scratch, piece, n);
    if (word.n == 0) return;
    bpe_word_link(&word);
    str_printf(out, "symbols:");
    explain_word(tok, &word, out);
    for (uint64_t key; bpe_word_merge(&word, &key);) {
        str_printf(out, "merge %d to ", (int)(key >> 32));
        tok_printable_solid(tok, word.ids[(uint32_t)key], out);
        str_append(out, ":", 1);
        explain_word(tok, &word, out);
    }
}

const tok_model tok_model_bpe = {
    .name = "bpe",
    .prepare = prepare,
    .encode = encode,
    .sample = sample,
    .explain = explain,
    .free = free_bpe,
    .caches = true,
};
