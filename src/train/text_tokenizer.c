#include "train/text_tokenizer.h"

#include "base/hash.h"
#include "base/mem.h"
#include "train/run.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void fail_unknown(const config *c, err *e) {
    enum { N_TYPES = TOK_UNIGRAM + 1 };
    const char *names[N_TYPES];
    for (int type = 0; type < N_TYPES; type++) names[type] = tok_type_name((tok_type)type);
    const char *nearest = str_nearest(c->tokenizer, names, N_TYPES);
    err_set(e, ERR_INPUT, "tokenizer is '%s', expected one of %s or a file that is there%s%s%s",
            c->tokenizer, TOK_TYPE_NAMES, nearest ? " (did you mean '" : "", nearest ? nearest : "",
            nearest ? "'?)" : "");
}

/* Subword sampling of a tokenizer from a file; cfg_validate has seen to those that are learned. */
static bool check_sampling(const config *c, tok_type type, err *e) {
    if (c->bpe_dropout > 0 && type != TOK_BPE)
        return err_set(e, ERR_INPUT, "bpe_dropout = %g is for BPE, which %s is not", c->bpe_dropout,
                       c->tokenizer);
    if (c->unigram_alpha > 0 && type != TOK_UNIGRAM)
        return err_set(e, ERR_INPUT, "unigram_alpha = %g is for unigram, which %s is not",
                       c->unigram_alpha, c->tokenizer);
    return true;
}

/* Conversations need their tokens whatever the config names. */
static tokenizer *complete(tokenizer *tok, const config *c, err *e) {
    if (tok && (c->format != TRAIN_CHAT || chat_add_special(tok, e))) return tok;
    tok_free(tok);
    return NULL;
}

/* A run keeps tokenizer.json, in which merges are in one order where those of a .model may be
 * equal: it is trained on what it will sample with. */
static tokenizer *as_a_run_keeps_it(tokenizer *tok, const char *name, err *e) {
    str json = {0};
    tokenizer *kept =
        tok && tok_write(tok, &json, name, e) ? tok_parse(json.data, json.len, name, e) : NULL;
    str_free(&json);
    tok_free(tok);
    return kept;
}

static tokenizer *open_file(const config *c, err *e) {
    if (!file_exists(c->tokenizer)) {
        fail_unknown(c, e);
        return NULL;
    }
    tokenizer *tok = tok_open(c->tokenizer, e);
    if (tok && check_sampling(c, tok_type_of(tok), e) &&
        (!c->special_tokens[0] || tok_add_special(tok, c->special_tokens, e)))
        return as_a_run_keeps_it(complete(tok, c, e), c->tokenizer, e);
    tok_free(tok);
    return NULL;
}

static tok_training training_of(const config *c, tok_type type) {
    const bool names_none = c->format == TRAIN_CHAT && !c->special_tokens[0];
    return (tok_training){.type = type,
                          .vocab_size = c->vocab_size,
                          .min_frequency = type == TOK_WORD ? c->min_count : 0,
                          .character_coverage = c->character_coverage,
                          .byte_fallback = c->byte_fallback,
                          .normalize = c->normalize,
                          .special = names_none ? chat_special_names() : c->special_tokens,
                          .memory = (size_t)c->memory << 20};
}

/* What the tokenizer depends on: the program, the settings, the text. */
static uint64_t hash_of(const tok_training *how, const train_corpus *corpus) {
    str settings = {0};
    str_printf(&settings, "%s %d %" PRId64 " %" PRId64 " %a %d %d %s", GRADUS_VERSION,
               (int)how->type, how->vocab_size, how->min_frequency, how->character_coverage,
               how->byte_fallback, (int)how->normalize, how->special);
    uint64_t hash = hash_bytes(HASH_START, settings.data, settings.len + 1);
    for (size_t i = 0; i < corpus->n_pieces; i++) {
        hash = hash_bytes(hash, corpus->pieces[i].data, corpus->pieces[i].size);
        hash = hash_add(hash, 256); /* no byte: the end of a piece */
    }
    str_free(&settings);
    return hash;
}

/* False where a path of that length is not possible: then nothing is kept. */
static bool cache_path(const tok_training *how, const train_corpus *corpus, char *out) {
    uint64_t hash = hash_of(how, corpus);
    char size[24] = "";
    if (how->vocab_size > 0) snprintf(size, sizeof size, "-%" PRId64, how->vocab_size);
    return snprintf(out, TRAIN_PATH_SIZE, "%s.%s%s-%08" PRIx32 ".tokenizer.json", corpus->path,
                    tok_type_name(how->type), size,
                    (uint32_t)(hash ^ hash >> 32)) < TRAIN_PATH_SIZE;
}

/* What was kept, or NULL where it is not there or of no use. */
static tokenizer *open_cached(const char *path, tok_type type) {
    err ignored = {0};
    tokenizer *tok = file_exists(path) ? tok_open(path, &ignored) : NULL;
    if (tok && tok_type_of(tok) == type) return tok;
    tok_free(tok);
    return NULL;
}

/* The training of a tokenizer as the observer of a run sees it. */
typedef struct relay {
    const train_watch *watch;
    err interruption;
} relay;

static bool relay_progress(void *context, const char *stage, double done) {
    relay *r = context;
    char what[96];
    snprintf(what, sizeof what, "tokenizer: %s", stage);
    return train_watch_tell(r->watch, what, done, &r->interruption);
}

static void relay_warning(void *context, const char *message) {
    const train_observer *o = ((relay *)context)->watch->observer;
    if (o) o->warned(o->context, message);
}

static tokenizer *learn(tok_training how, const train_corpus *corpus, const train_watch *watch,
                        err *e) {
    relay r = {.watch = watch};
    const tok_observer observer = {relay_progress, relay_warning, &r};
    how.observer = &observer;
    tokenizer *tok = tok_train(&how, corpus->pieces, corpus->n_pieces, &r.interruption);
    if (r.interruption.code) err_set(e, r.interruption.code, "%s", r.interruption.message);
    return tok;
}

/* Files beside a data set should surprise nobody. */
static void tell_of_file(const train_watch *watch, const char *what, const char *path) {
    char line[TRAIN_PATH_SIZE + 32];
    if (!watch->observer) return;
    snprintf(line, sizeof line, "tokenizer: %s %s", what, path);
    watch->observer->preparing(watch->observer->context, line, NAN);
}

static tokenizer *learn_or_open_kept(const tok_training *how, const train_corpus *corpus,
                                     const char *path, const train_watch *watch, err *e) {
    err ignored = {0};
    tokenizer *tok = open_cached(path, how->type);
    if (tok) {
        tell_of_file(watch, "learned before,", path);
        return tok;
    }
    tok = learn(*how, corpus, watch, e);
    if (tok && tok_save(tok, path, &ignored)) tell_of_file(watch, "kept as", path);
    return tok;
}

tokenizer *train_text_tokenizer(const config *c, const train_corpus *corpus,
                                const train_watch *watch, err *e) {
    tok_type type;
    char path[TRAIN_PATH_SIZE];
    if (!cfg_tokenizer_type(c, &type)) return open_file(c, e);
    const tok_training how = training_of(c, type);
    bool keeps = type != TOK_BYTE && type != TOK_CHAR && cache_path(&how, corpus, path);
    tokenizer *tok =
        keeps ? learn_or_open_kept(&how, corpus, path, watch, e) : learn(how, corpus, watch, e);
    return complete(tok, c, e);
}

bool train_tokenizer_needs_text(const config *c) {
    tok_type type;
    return cfg_tokenizer_type(c, &type) && type != TOK_BYTE;
}
