#include "train/prepare.h"

#include "train/rows.h"
#include "train/run.h"
#include "train/run_folder.h"
#include "train/text_tokenizer.h"
#include "train/watch.h"

/* The tokens of both parts of a data set. */
typedef struct parts {
    train_set_writer train, val;
} parts;

static bool check_lengths(const parts *p, const config *c, err *e) {
    const int64_t train = p->train.tokens.n, val = p->val.tokens.n;
    if (train <= c->block_size || val < 2)
        return err_set(
            e, ERR_INPUT,
            "%s: too short a text: %lld tokens for training and %lld for validation, block_size "
            "%lld needs at least %lld and 2",
            c->dataset, (long long)train, (long long)val, (long long)c->block_size,
            (long long)c->block_size + 1);
    if (p->train.n_targets == 0 || p->val.n_targets == 0)
        return err_set(e, ERR_INPUT,
                       "%s: the assistant says nothing in the conversations for %s: no loss",
                       c->dataset, p->train.n_targets ? "validation" : "training");
    return true;
}

static bool begin_parts(parts *p, const config *c, const tokenizer *tok, const char *folder,
                        err *e) {
    const bool masked = c->format == TRAIN_CHAT;
    const int32_t vocab_size = tok_vocab_size(tok);
    return file_make_folder(folder, e) &&
           train_set_begin(&p->train, folder, "train", vocab_size, masked, e) &&
           train_set_begin(&p->val, folder, "val", vocab_size, masked, e);
}

/* The files take their names only now: a run whose text is too short spares what was there. */
static bool commit_parts(parts *p, const tokenizer *tok, const char *folder, err *e) {
    char path[TRAIN_PATH_SIZE];
    return run_folder_clear(folder, e) && train_run_path(folder, "tokenizer.json", path, e) &&
           tok_save(tok, path, e) && train_set_commit(&p->train, folder, "train", e) &&
           train_set_commit(&p->val, folder, "val", e);
}

static bool write_parts(const config *c, const train_corpus *corpus, const tokenizer *tok,
                        const char *folder, const train_watch *watch, err *e) {
    parts p = {0};
    bool ok = begin_parts(&p, c, tok, folder, e) &&
              train_corpus_encode(corpus, tok, c->val_fraction, &p.train, &p.val, watch, e) &&
              check_lengths(&p, c, e) && commit_parts(&p, tok, folder, e);
    if (!ok) {
        train_set_discard(&p.train);
        train_set_discard(&p.val);
    }
    return ok;
}

static bool check_watch(const config *c, const tokenizer *tok, const char *folder,
                        const train_observer *observer, err *e) {
    if (!watcher_wanted(c)) return true;
    io_vectors names = {.n = tok_vocab_size(tok)};
    rows_name_tokens(&names, tok);
    bool ok = watcher_check(c, folder, &names, tok, observer, e);
    io_vectors_free(&names);
    return ok;
}

tokenizer *train_prepare(const config *c, const char *folder, const train_watch *watch, err *e) {
    train_corpus corpus;
    tokenizer *tok =
        train_corpus_open(&corpus, c, e) ? train_text_tokenizer(c, &corpus, watch, e) : NULL;
    if (tok && !(check_watch(c, tok, folder, watch->observer, e) &&
                 write_parts(c, &corpus, tok, folder, watch, e))) {
        tok_free(tok);
        tok = NULL;
    }
    train_corpus_close(&corpus);
    return tok;
}

tokenizer *train_prepare_tokenizer(const config *c, const train_watch *watch, err *e) {
    train_corpus corpus = {0};
    bool ok = !train_tokenizer_needs_text(c) || train_corpus_open(&corpus, c, e);
    tokenizer *tok = ok ? train_text_tokenizer(c, &corpus, watch, e) : NULL;
    train_corpus_close(&corpus);
    return tok;
}
