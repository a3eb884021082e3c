#include "tokenizer/cuts.h"
#include "tokenizer/fingerprint.h"

#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

static const tok_model *const models[] = {
    [TOK_BYTE] = &tok_model_byte,           [TOK_CHAR] = &tok_model_char,
    [TOK_WORD] = &tok_model_word,           [TOK_BPE] = &tok_model_bpe,
    [TOK_WORDPIECE] = &tok_model_wordpiece, [TOK_UNIGRAM] = &tok_model_unigram,
};

tokenizer *tok_new(tok_type type) {
    tokenizer *tok = mem_new(1, sizeof *tok);
    tok->type = type;
    tok->model = models[type];
    tok->unk = -1;
    return tok;
}

void tok_free(tokenizer *tok) {
    if (!tok) return;
    if (tok->model->free) tok->model->free(tok);
    normalizer_free(&tok->normalizer);
    splitter_free(&tok->splitter);
    decoder_free(&tok->decoder);
    specials_free(&tok->specials);
    tok_ids_free(&tok->before);
    tok_ids_free(&tok->after);
    vocab_free(&tok->vocab);
    scratch_pool_free(tok->scratch);
    free(tok);
}

static bool check_size(const vocab *v, const char *name, err *e) {
    if (v->size == 0) return err_set(e, ERR_INPUT, "%s: the vocabulary is empty", name);
    if (v->size <= VOCAB_MAX_SIZE && v->bytes.len <= VOCAB_MAX_BYTES) return true;
    return err_set(e, ERR_INPUT,
                   "%s: vocabulary of %d entries and %zu bytes: the limits are %d and %d", name,
                   (int)v->size, v->bytes.len, VOCAB_MAX_SIZE, VOCAB_MAX_BYTES);
}

static bool check_ids(const tokenizer *tok, const tok_ids *ids, const char *name, err *e) {
    for (size_t i = 0; i < ids->len; i++)
        if (ids->data[i] < 0 || ids->data[i] >= tok->vocab.size)
            return err_set(e, ERR_INPUT, "%s: the template's id %d is outside a vocabulary of %d",
                           name, (int)ids->data[i], (int)tok->vocab.size);
    return true;
}

static bool check_unk(const tokenizer *tok, const char *name, err *e) {
    if (tok->unk >= -1 && tok->unk < tok->vocab.size) return true;
    return err_set(e, ERR_INPUT, "%s: the unknown token's id %d is outside a vocabulary of %d",
                   name, (int)tok->unk, (int)tok->vocab.size);
}

/* What depends on the added tokens. */
static bool prepare_specials(tokenizer *tok, const char *name, err *e) {
    tok_scratch *s = scratch_take(tok->scratch);
    bool ok = specials_prepare(&tok->specials, &tok->vocab, &tok->normalizer, s, name, e);
    scratch_give(tok->scratch, s);
    return ok && check_size(&tok->vocab, name, e);
}

tokenizer *tok_finish(tokenizer *tok, const char *name, err *e) {
    tok->scratch = scratch_pool_new();
    if (check_size(&tok->vocab, name, e) && prepare_specials(tok, name, e) &&
        check_unk(tok, name, e) && check_ids(tok, &tok->before, name, e) &&
        check_ids(tok, &tok->after, name, e)) {
        int32_t bytes[256];
        tok->byte_fallback = tok->byte_fallback && byte_pieces_find(&tok->vocab, bytes);
        if (tok->model->prepare(tok, name, e)) {
            find_cuts(tok);
            tok->fingerprint = fingerprint_of(tok);
            return tok;
        }
    }
    tok_free(tok);
    return NULL;
}

const char *tok_type_name(tok_type type) {
    return models[type]->name;
}

tok_type tok_type_of(const tokenizer *tok) {
    return tok->type;
}

int32_t tok_vocab_size(const tokenizer *tok) {
    return tok->vocab.size;
}

uint64_t tok_fingerprint(const tokenizer *tok) {
    return tok->fingerprint;
}

int32_t tok_unknown(const tokenizer *tok) {
    return tok->unk;
}

static bool check_special_name(const char *name, size_t len, err *e) {
    enum { MAX_NAME = 256 };
    if (len == 0 || len > MAX_NAME)
        return err_set(e, ERR_USAGE, "special token '%.40s' has %zu bytes, expected 1 to %d", name,
                       len, MAX_NAME);
    if (strchr(" \t\r\n", name[0]) || strchr(" \t\r\n", name[len - 1]))
        return err_set(e, ERR_USAGE, "special token '%s' begins or ends with a blank", name);
    if (str_utf8_valid(name, len) < len)
        return err_set(e, ERR_USAGE, "special token '%s' is not UTF-8", name);
    return true;
}

/* Makes the name a special token, with a new id unless it is the unknown token. */
static bool add_special(tokenizer *tok, const char *name, size_t len, err *e) {
    if (!check_special_name(name, len, e)) return false;
    const special_token *known = special_named(&tok->specials, name, len);
    if (known && known->special) return true;
    int32_t id = vocab_find(&tok->vocab, name, len);
    if (id >= 0 && id != tok->unk)
        return err_set(e, ERR_USAGE, "special token '%s' is an ordinary token already", name);
    if (id < 0) id = vocab_add(&tok->vocab, name, len);
    special_add(&tok->specials, id, name, len)->special = true;
    return true;
}

bool tok_add_special(tokenizer *tok, const char *names, err *e) {
    bool ok = true;
    for (const char *name = names; ok; name++) {
        size_t len = strcspn(name, ",");
        char *copy = mem_copy_string(name, len);
        ok = add_special(tok, copy, len, e);
        free(copy);
        name += len;
        if (!*name) break;
    }
    if (!tok->scratch) return ok; /* tok_finish is still to come */
    ok = prepare_specials(tok, "the special tokens", e) && ok;
    tok->fingerprint = fingerprint_of(tok);
    return ok;
}
