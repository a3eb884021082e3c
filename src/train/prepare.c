#include "train/prepare.h"

#include "base/file.h"
#include "train/run.h"
#include "train/tokens.h"

/* The first byte of the validation text: a character's first byte, never inside one. */
static size_t split_at(const file_map *text, double val_fraction) {
    size_t at = (size_t)((double)text->size * (1 - val_fraction));
    while (at < text->size && ((unsigned char)text->data[at] & 0xC0) == 0x80) at++;
    return at;
}

static bool write_split(const tokenizer *tok, const char *text, size_t n, const char *folder,
                        const char *name, err *e) {
    char path[TRAIN_PATH_SIZE];
    if (!train_run_path(folder, name, path, e)) return false;
    tok_ids ids = {0};
    tok_encode(tok, text, n, &ids);
    bool ok = train_tokens_write(path, ids.data, (int64_t)ids.len, tok_vocab_size(tok), e);
    tok_ids_free(&ids);
    return ok;
}

tokenizer *train_prepare(const config *c, const char *folder, err *e) {
    char path[TRAIN_PATH_SIZE];
    file_map text;
    if (c->dataset[0] == '\0') {
        err_set(e, ERR_INPUT, "no text to train on: set dataset in [data] or give --dataset=FILE");
        return NULL;
    }
    if (!file_open_map(&text, c->dataset, e)) return NULL;
    size_t split = split_at(&text, c->val_fraction);
    tokenizer *tok = NULL;
    if (text.size == 0)
        err_set(e, ERR_INPUT, "%s: the file is empty", c->dataset);
    else
        tok = tok_train(c->tokenizer, text.data, text.size, c->min_count, e);
    bool ok = tok && train_run_path(folder, "tokenizer.json", path, e) && tok_save(tok, path, e) &&
              write_split(tok, text.data, split, folder, "train.bin", e) &&
              write_split(tok, text.data + split, text.size - split, folder, "val.bin", e);
    file_close_map(&text);
    if (ok) return tok;
    tok_free(tok);
    return NULL;
}
