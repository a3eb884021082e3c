#include "train/prepare.h"

#include "base/file.h"
#include "train/run.h"
#include "train/run_folder.h"
#include "train/tokens.h"

/* The first byte of the validation text: a character's first byte, never inside one. */
static size_t split_at(const file_map *text, double val_fraction) {
    size_t at = (size_t)((double)text->size * (1 - val_fraction));
    while (at < text->size && ((unsigned char)text->data[at] & 0xC0) == 0x80) at++;
    return at;
}

/* The tokens of both parts of a text. */
typedef struct parts {
    tok_ids train, val;
} parts;

static bool check_lengths(const parts *p, const config *c, err *e) {
    if ((int64_t)p->train.len > c->block_size && p->val.len >= 2) return true;
    return err_set(
        e, ERR_INPUT,
        "%s: too short a text: %zu tokens for training and %zu for validation, block_size "
        "%lld needs at least %lld and 2",
        c->dataset, p->train.len, p->val.len, (long long)c->block_size,
        (long long)c->block_size + 1);
}

static bool write_tokens(const tok_ids *ids, const tokenizer *tok, const char *folder,
                         const char *name, err *e) {
    char path[TRAIN_PATH_SIZE];
    return train_run_path(folder, name, path, e) &&
           train_tokens_write(path, ids->data, (int64_t)ids->len, tok_vocab_size(tok), e);
}

static bool write_parts(const parts *p, const tokenizer *tok, const char *folder, err *e) {
    char path[TRAIN_PATH_SIZE];
    return file_make_folder(folder, e) && run_folder_remove_checkpoints(folder, e) &&
           train_run_path(folder, "tokenizer.json", path, e) && tok_save(tok, path, e) &&
           write_tokens(&p->train, tok, folder, "train.bin", e) &&
           write_tokens(&p->val, tok, folder, "val.bin", e);
}

static tokenizer *prepare_text(const config *c, const file_map *text, const char *folder, err *e) {
    tokenizer *tok = tok_train(c->tokenizer, text->data, text->size, c->min_count, e);
    if (!tok) return NULL;
    size_t split = split_at(text, c->val_fraction);
    parts p = {0};
    tok_encode(tok, text->data, split, &p.train);
    tok_encode(tok, text->data + split, text->size - split, &p.val);
    bool ok = check_lengths(&p, c, e) && write_parts(&p, tok, folder, e);
    tok_ids_free(&p.train);
    tok_ids_free(&p.val);
    if (ok) return tok;
    tok_free(tok);
    return NULL;
}

tokenizer *train_prepare(const config *c, const char *folder, err *e) {
    file_map text;
    tokenizer *tok = NULL;
    if (c->dataset[0] == '\0') {
        err_set(e, ERR_INPUT, "no text to train on: set dataset in [data] or give --dataset=FILE");
        return NULL;
    }
    if (!file_open_map(&text, c->dataset, e)) return NULL;
    if (text.size == 0)
        err_set(e, ERR_INPUT, "%s: the file is empty", c->dataset);
    else
        tok = prepare_text(c, &text, folder, e);
    file_close_map(&text);
    return tok;
}
