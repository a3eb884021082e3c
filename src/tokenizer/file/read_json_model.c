/* The models of tokenizer.json. */
#include "base/array.h"
#include "base/mem.h"
#include "tokenizer/file/read_json.h"
#include "tokenizer/model/bpe.h"
#include "tokenizer/model/unigram.h"
#include "tokenizer/model/wordpiece.h"
#include "tokenizer/text/chars.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* What the models have, each some of it. */
typedef struct model_fields {
    const cJSON *vocab, *merges;
    const char *unk_token, *prefix, *suffix;
    bool fuse_unk, byte_fallback, ignore_merges;
    double longest, unk_id;
} model_fields;

/* The vocabulary and the added tokens, of which the unknown token is one. */
static bool read_vocab(json_reader *r, const model_fields *f, const cJSON *added,
                       const char *what) {
    if (!f->vocab) return json_fail(r, what, "no \"vocab\"");
    return json_pieces(&r->pieces, f->vocab, r->name, r->e) && json_read_added(r, added) &&
           read_pieces_finish(&r->pieces, r->tok, r->name, r->e);
}

static bool find_unknown(json_reader *r, const char *token, const char *what) {
    if (!token) return json_fail(r, what, "no \"unk_token\"");
    r->tok->unk = read_pieces_id(&r->pieces, token, strlen(token));
    return r->tok->unk >= 0 || json_fail(r, what, "unk_token '%s' is not in the vocabulary",
                                         quote(token, strlen(token)).text);
}

/* ["left", "right"] or "left right" */
static bool read_one_merge(json_reader *r, const cJSON *item, const char *where) {
    str left = {0}, right = {0};
    bool ok;
    if (cJSON_IsString(item)) {
        ok = read_pair(item->valuestring, strlen(item->valuestring), &left, &right);
    } else {
        const cJSON *first = cJSON_IsArray(item) ? item->child : NULL;
        const cJSON *second = first ? first->next : NULL;
        ok = cJSON_IsString(first) && cJSON_IsString(second) && !second->next;
        if (ok) str_append(&left, first->valuestring, strlen(first->valuestring));
        if (ok) str_append(&right, second->valuestring, strlen(second->valuestring));
    }
    ok = ok ? read_merge(r->tok, &r->pieces, &left, &right, where, r->e)
            : err_set(r->e, ERR_INPUT, "%s is not two pieces", where);
    str_free(&left);
    str_free(&right);
    return ok;
}

static bool read_merges(json_reader *r, const cJSON *merges) {
    size_t i = 0;
    for (const cJSON *item = merges->child; item; item = item->next, i++) {
        char where[1100];
        snprintf(where, sizeof where, "%s: merge %zu", r->name, i);
        if (!read_one_merge(r, item, where)) return false;
    }
    return true;
}

/* Whether the vocabulary begins with the 256 bytes in order. */
static bool begins_with_bytes(const vocab *v) {
    for (int32_t byte = 0; byte < 256; byte++)
        if (vocab_find(v, &(char){(char)byte}, 1) != byte) return false;
    return true;
}

/* Whether every piece is a character, or "<0xE9>" for a byte that is none. */
static bool has_only_characters(const tokenizer *tok) {
    for (int32_t id = 0; id < tok->vocab.size; id++) {
        size_t len;
        uint32_t code;
        const char *piece = vocab_piece(&tok->vocab, id, &len);
        if (id == tok->unk || special_of(&tok->specials, id)) continue;
        int byte = byte_of_piece(piece, len);
        if (byte != 0 && byte < 0x80 && tok_read_char(piece, len, &code) != len) return false;
    }
    return true;
}

/* BPE that merges nothing may be one of our simpler types. */
static void choose_type(tokenizer *tok, const model_fields *f) {
    bool plain = !f->merges->child && !f->ignore_merges && !f->prefix && !f->suffix;
    if (plain && tok->byte_level && begins_with_bytes(&tok->vocab)) {
        tok->type = TOK_BYTE;
        tok->model = &tok_model_byte;
    } else if (plain && !tok->byte_level && !f->fuse_unk && !f->byte_fallback &&
               has_only_characters(tok)) {
        tok->type = TOK_CHAR;
        tok->model = &tok_model_char;
    }
}

static bool read_bpe_fields(json_reader *r, const cJSON *object, const char *what,
                            model_fields *f) {
    const json_field fields[] = {{"dropout", JSON_IGNORED, NULL}, /* said by who encodes */
                                 {"unk_token", JSON_STRING, &f->unk_token},
                                 {"continuing_subword_prefix", JSON_STRING, &f->prefix},
                                 {"end_of_word_suffix", JSON_STRING, &f->suffix},
                                 {"fuse_unk", JSON_BOOL, &f->fuse_unk},
                                 {"byte_fallback", JSON_BOOL, &f->byte_fallback},
                                 {"ignore_merges", JSON_BOOL, &f->ignore_merges},
                                 {"vocab", JSON_OBJECT, &f->vocab},
                                 {"merges", JSON_LIST, &f->merges}};
    if (!json_fields(r, object, what, fields, COUNT(fields))) return false;
    if (f->prefix && !*f->prefix) f->prefix = NULL;
    if (f->suffix && !*f->suffix) f->suffix = NULL;
    if (r->tok->byte_level && (f->prefix || f->suffix))
        return json_fail(r, what, "ByteLevel with %s is not known",
                         f->prefix ? "continuing_subword_prefix" : "end_of_word_suffix");
    return f->merges || json_fail(r, what, "no \"merges\"");
}

static bool read_bpe(json_reader *r, const cJSON *object, const cJSON *added, const char *what) {
    tokenizer *tok = r->tok;
    model_fields f = {0};
    if (!read_bpe_fields(r, object, what, &f) || !read_vocab(r, &f, added, what)) return false;
    bool needs_unknown = f.unk_token && !tok->byte_level;
    if (needs_unknown && !find_unknown(r, f.unk_token, what)) return false;
    choose_type(tok, &f);
    if (tok->type != TOK_BPE) return true;
    tok->fuse_unk = f.fuse_unk;
    tok->byte_fallback = f.byte_fallback;
    tok->bpe = bpe_new();
    tok->bpe->ignore_merges = f.ignore_merges;
    if (f.prefix) str_append(&tok->bpe->continuing_prefix, f.prefix, strlen(f.prefix));
    if (f.suffix) str_append(&tok->bpe->end_suffix, f.suffix, strlen(f.suffix));
    return read_merges(r, f.merges);
}

static bool read_wordpiece(json_reader *r, const cJSON *object, const cJSON *added,
                           const char *what) {
    model_fields f = {.prefix = "##", .longest = 100};
    const json_field fields[] = {{"unk_token", JSON_STRING, &f.unk_token},
                                 {"continuing_subword_prefix", JSON_STRING, &f.prefix},
                                 {"max_input_chars_per_word", JSON_NUMBER, &f.longest},
                                 {"vocab", JSON_OBJECT, &f.vocab}};
    if (!json_fields(r, object, what, fields, COUNT(fields)) || !read_vocab(r, &f, added, what) ||
        !find_unknown(r, f.unk_token, what))
        return false;
    if (!(f.longest >= 1 && f.longest <= INT32_MAX))
        return json_fail(r, what, "max_input_chars_per_word is %g", f.longest);
    wordpiece *w = r->tok->wordpiece = wordpiece_new();
    w->longest = (int64_t)f.longest;
    w->prefix.len = 0;
    str_append(&w->prefix, f.prefix, strlen(f.prefix));
    return true;
}

static bool read_wordlevel(json_reader *r, const cJSON *object, const cJSON *added,
                           const char *what) {
    model_fields f = {0};
    const json_field fields[] = {{"unk_token", JSON_STRING, &f.unk_token},
                                 {"vocab", JSON_OBJECT, &f.vocab}};
    return json_fields(r, object, what, fields, COUNT(fields)) && read_vocab(r, &f, added, what) &&
           find_unknown(r, f.unk_token, what);
}

/* The list [["piece", score], ...] */
static bool read_scores(json_reader *r, const cJSON *list, const char *what) {
    unigram *u = r->tok->unigram;
    u->scores = mem_new((size_t)cJSON_GetArraySize(list) + 1, sizeof *u->scores);
    for (const cJSON *item = list->child; item; item = item->next) {
        const cJSON *piece = cJSON_IsArray(item) ? item->child : NULL;
        const cJSON *score = piece ? piece->next : NULL;
        if (!cJSON_IsString(piece) || !cJSON_IsNumber(score) || score->next ||
            !isfinite(score->valuedouble))
            return json_fail(r, what, "entry %zu of \"vocab\" is not [\"PIECE\", SCORE]", u->n);
        if (!read_pieces_add(&r->pieces, piece->valuestring, strlen(piece->valuestring),
                             (double)u->n, r->name, r->e))
            return false;
        u->scores[u->n++] = score->valuedouble;
    }
    return true;
}

static bool read_unigram(json_reader *r, const cJSON *object, const cJSON *added,
                         const char *what) {
    tokenizer *tok = r->tok;
    model_fields f = {.unk_id = -1};
    const json_field fields[] = {{"unk_id", JSON_NUMBER, &f.unk_id},
                                 {"vocab", JSON_LIST, &f.vocab},
                                 {"byte_fallback", JSON_BOOL, &tok->byte_fallback}};
    if (!json_fields(r, object, what, fields, COUNT(fields))) return false;
    if (!f.vocab) return json_fail(r, what, "no \"vocab\"");
    tok->unigram = unigram_new();
    tok->fuse_unk = true;
    if (!read_scores(r, f.vocab, what)) return false;
    if (!(f.unk_id >= -1 && f.unk_id < (double)tok->unigram->n && f.unk_id == floor(f.unk_id)))
        return json_fail(r, what, "unk_id %g is none of the vocabulary's %zu", f.unk_id,
                         tok->unigram->n);
    tok->unk = (int32_t)f.unk_id;
    return json_read_added(r, added) && read_pieces_finish(&r->pieces, tok, r->name, r->e);
}

typedef struct model_kind {
    const char *type, *mark; /* files from before "type" are told by that key */
    tok_type own;
    const tok_model *model;
    bool (*read)(json_reader *r, const cJSON *object, const cJSON *added, const char *what);
} model_kind;

static const model_kind kinds[] = {
    {"BPE", "merges", TOK_BPE, &tok_model_bpe, read_bpe},
    {"WordPiece", "max_input_chars_per_word", TOK_WORDPIECE, &tok_model_wordpiece, read_wordpiece},
    {"WordLevel", "", TOK_WORD, &tok_model_word, read_wordlevel},
    {"Unigram", "unk_id", TOK_UNIGRAM, &tok_model_unigram, read_unigram},
};

static const model_kind *find_kind(json_reader *r, const cJSON *object) {
    const char *type = NULL;
    const model_kind *marked = NULL;
    for (const cJSON *item = object->child; item; item = item->next) {
        if (strcmp(item->string, "type") == 0) type = cJSON_GetStringValue(item);
        for (size_t i = 0; i < COUNT(kinds); i++)
            if (strcmp(item->string, kinds[i].mark) == 0) marked = &kinds[i];
    }
    for (size_t i = 0; type && i < COUNT(kinds); i++)
        if (strcmp(type, kinds[i].type) == 0) return &kinds[i];
    if (!type && marked) return marked;
    json_fail(r, "", "model '%s' is not known (known: BPE, WordPiece, WordLevel, Unigram)",
              type ? quote(type, strlen(type)).text : "");
    return NULL;
}

bool json_read_model(json_reader *r, const cJSON *object, const cJSON *added_tokens) {
    const model_kind *kind = find_kind(r, object);
    if (!kind) return false;
    if (r->tok->byte_level && kind->own != TOK_BPE)
        return json_fail(r, "pre_tokenizer", "ByteLevel is not known for the model %s", kind->type);
    r->tok->type = kind->own;
    r->tok->model = kind->model;
    char what[32];
    snprintf(what, sizeof what, "model '%s'", kind->type);
    return kind->read(r, object, added_tokens, what);
}
