/* A number for everything that decides which ids a text becomes. What has no say in it for the kind
 * of a step is left out, so that a tokenizer that was written and read again has the same number.
 */
#include "tokenizer/fingerprint.h"

#include "base/hash.h"
#include "tokenizer/model/bpe.h"
#include "tokenizer/model/unigram.h"
#include "tokenizer/model/wordpiece.h"
#include "tokenizer/text/charsmap.h"

#include <string.h>

static uint64_t add_bytes(uint64_t h, const char *bytes, size_t n) {
    return hash_bytes(hash_add(h, (uint32_t)n), bytes, n);
}

static uint64_t add_str(uint64_t h, const str *s) {
    return add_bytes(h, s->data, s->len);
}

static uint64_t add_ids(uint64_t h, const tok_ids *ids) {
    h = hash_add(h, (uint32_t)ids->len);
    for (size_t i = 0; i < ids->len; i++) h = hash_add(h, (uint32_t)ids->data[i]);
    return h;
}

static uint64_t add_pattern(uint64_t h, const pattern *p) {
    size_t n;
    const char *source = pattern_source(p, &n);
    return add_bytes(hash_add(h, pattern_is_literal(p)), source, n);
}

static uint64_t add_vocab(uint64_t h, const vocab *v) {
    h = hash_add(h, (uint32_t)v->size);
    for (int32_t id = 0; id < v->size; id++) {
        size_t len;
        const char *piece = vocab_piece(v, id, &len);
        h = add_bytes(h, piece, len);
    }
    return h;
}

static uint64_t add_specials(uint64_t h, const specials *sp) {
    h = hash_add(h, (uint32_t)sp->n);
    for (size_t i = 0; i < sp->n; i++) {
        const special_token *t = &sp->tokens[i];
        h = hash_add(h, (uint32_t)t->id);
        h = hash_add(h, (uint32_t)(t->special | t->single_word << 1 | t->lstrip << 2 |
                                   t->rstrip << 3 | t->normalized << 4));
    }
    return h;
}

static uint64_t add_normalizer(uint64_t h, const normalizer *norm) {
    h = hash_add(h, (uint32_t)norm->n);
    for (size_t i = 0; i < norm->n; i++) {
        const norm_step *s = &norm->steps[i];
        h = hash_add(h, s->kind);
        if (s->kind == NORM_STRIP) h = hash_add(h, (uint32_t)(s->left | s->right << 1));
        if (s->kind == NORM_BERT)
            h = hash_add(h, (uint32_t)(s->clean_text | s->handle_chinese_chars << 1 |
                                       s->strip_accents << 2 | s->lowercase << 3));
        if (s->kind == NORM_PREPEND || s->kind == NORM_REPLACE) h = add_str(h, &s->text);
        if (s->kind == NORM_REPLACE) h = add_pattern(h, s->pattern);
        if (s->kind != NORM_PRECOMPILED) continue;
        size_t n;
        const char *blob = charsmap_blob(s->map, &n);
        h = add_bytes(h, blob, n);
    }
    return h;
}

static uint64_t add_split_step(uint64_t h, const split_step *s) {
    h = hash_add(h, s->kind);
    switch (s->kind) {
    case SPLIT_BYTE_LEVEL:
        return hash_add(h, (uint32_t)(s->use_regex | s->add_prefix_space << 1));
    case SPLIT_PATTERN:
        h = hash_add(h, (uint32_t)(s->invert | (int)s->behavior << 1));
        return add_pattern(h, s->pattern);
    case SPLIT_METASPACE:
        h = hash_add(h, (uint32_t)(s->split | (int)s->prepend << 1));
        return add_str(h, &s->replacement);
    case SPLIT_DIGITS:
        return hash_add(h, s->individual_digits);
    case SPLIT_PUNCTUATION:
        return hash_add(h, s->behavior);
    default:
        return h;
    }
}

/* Of the ranks only their order counts. */
static uint64_t add_bpe(uint64_t h, const bpe *b) {
    h = hash_add(h, (uint32_t)b->n);
    for (size_t i = 0; i < b->n; i++) {
        const bpe_merge *m = &b->merges[i];
        h = hash_add(h, (uint32_t)m->left);
        h = hash_add(h, (uint32_t)m->right);
        h = hash_add(h, (uint32_t)m->id);
        h = hash_add(h, i > 0 && m->rank == m[-1].rank);
    }
    h = hash_add(h, b->ignore_merges);
    return add_str(add_str(h, &b->continuing_prefix), &b->end_suffix);
}

static uint64_t add_unigram(uint64_t h, const tokenizer *tok) {
    const unigram *u = tok->unigram;
    for (size_t i = 0; i < u->n; i++) {
        uint64_t bits;
        size_t len;
        memcpy(&bits, &u->scores[i], sizeof bits);
        h = hash_add(hash_add(h, (uint32_t)bits), (uint32_t)(bits >> 32));
        if (!u->usable || u->usable[i] || (int32_t)i == tok->unk) continue;
        const char *piece = vocab_piece(&tok->vocab, (int32_t)i, &len);
        if (!special_of(&tok->specials, (int32_t)i) && byte_of_piece(piece, len) < 0)
            h = hash_add(h, (uint32_t)i); /* unusable against the rule */
    }
    return h;
}

uint64_t fingerprint_of(const tokenizer *tok) {
    uint64_t h = add_bytes(HASH_START, tok->model->name, strlen(tok->model->name));
    h = hash_add(h, (uint32_t)(tok->byte_level | tok->byte_fallback << 1 | tok->fuse_unk << 2));
    h = hash_add(h, (uint32_t)tok->unk);
    h = add_ids(add_ids(h, &tok->before), &tok->after);
    h = add_specials(add_vocab(h, &tok->vocab), &tok->specials);
    h = add_normalizer(h, &tok->normalizer);
    h = hash_add(h, (uint32_t)tok->splitter.n);
    for (size_t i = 0; i < tok->splitter.n; i++) h = add_split_step(h, &tok->splitter.steps[i]);
    if (tok->bpe) h = add_bpe(h, tok->bpe);
    if (tok->wordpiece)
        h = add_str(hash_add(h, (uint32_t)tok->wordpiece->longest), &tok->wordpiece->prefix);
    return tok->unigram ? add_unigram(h, tok) : h;
}
