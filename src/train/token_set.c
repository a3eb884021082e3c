#include "train/token_set.h"

#include "train/run.h"

#include <stdio.h>

/* The path of the tokens of that name, or of their mask. */
static bool path_of(const char *folder, const char *name, bool mask, char *out, err *e) {
    char file[64];
    snprintf(file, sizeof file, "%s%s.bin", name, mask ? "_mask" : "");
    return train_run_path(folder, file, out, e);
}

static bool open_mask(train_set *set, const char *folder, const char *name, err *e) {
    char path[TRAIN_PATH_SIZE];
    if (!path_of(folder, name, true, path, e) || !train_tokens_open(&set->mask, path, 2, e))
        return false;
    return set->mask.n == set->tokens.n ||
           err_set(e, ERR_INPUT, "%s: %lld marks for %lld tokens", path, (long long)set->mask.n,
                   (long long)set->tokens.n);
}

bool train_set_open(train_set *set, const char *folder, const char *name, int32_t vocab_size,
                    bool masked, err *e) {
    char path[TRAIN_PATH_SIZE];
    *set = (train_set){0};
    if (path_of(folder, name, false, path, e) &&
        train_tokens_open(&set->tokens, path, vocab_size, e) &&
        (!masked || open_mask(set, folder, name, e)))
        return true;
    train_set_close(set);
    return false;
}

void train_set_close(train_set *set) {
    train_tokens_close(&set->tokens);
    train_tokens_close(&set->mask);
}

train_set train_set_of(const int32_t *ids, const int32_t *mask, int64_t n) {
    return (train_set){train_tokens_of(ids, n), train_tokens_of(mask, mask ? n : 0)};
}

bool train_set_counts(const train_set *set, int64_t i) {
    return set->mask.n == 0 || train_tokens_at(&set->mask, i) == 1;
}

int64_t train_set_targets(const train_set *set) {
    int64_t n = 0;
    for (int64_t i = 1; i < set->tokens.n; i++) n += train_set_counts(set, i);
    return n;
}

void train_set_copy(const train_set *set, int64_t first, int64_t n, int32_t *ids,
                    int32_t *targets) {
    train_tokens_copy(&set->tokens, first, n, ids);
    train_tokens_copy(&set->tokens, first + 1, n, targets);
    for (int64_t i = 0; set->mask.n > 0 && i < n; i++)
        if (!train_set_counts(set, first + 1 + i)) targets[i] = -1;
}

void train_set_read_ahead(const train_set *set, int64_t first, int64_t n) {
    train_tokens_read_ahead(&set->tokens, first, n + 1);
    if (set->mask.n > 0) train_tokens_read_ahead(&set->mask, first + 1, n);
}

uint64_t train_set_fingerprint(const train_set *set) {
    uint64_t tokens = train_tokens_fingerprint(&set->tokens);
    return set->mask.n ? tokens ^ train_tokens_fingerprint(&set->mask) : tokens;
}

bool train_set_begin(train_set_writer *w, const char *folder, const char *name, int32_t vocab_size,
                     bool masked, err *e) {
    char path[TRAIN_PATH_SIZE];
    *w = (train_set_writer){.masked = masked};
    if (path_of(folder, name, false, path, e) &&
        train_tokens_begin(&w->tokens, path, vocab_size, e) &&
        (!masked ||
         (path_of(folder, name, true, path, e) && train_tokens_begin(&w->mask, path, 2, e))))
        return true;
    train_set_discard(w);
    return false;
}

void train_set_append(train_set_writer *w, const int32_t *ids, const int32_t *mask, int64_t n) {
    for (int64_t i = 0; i < n; i++)
        w->n_targets += w->tokens.n + i > 0 && (!w->masked || mask[i] == 1);
    train_tokens_append(&w->tokens, ids, n);
    if (w->masked) train_tokens_append(&w->mask, mask, n);
}

bool train_set_commit(train_set_writer *w, const char *folder, const char *name, err *e) {
    char path[TRAIN_PATH_SIZE];
    if (!path_of(folder, name, true, path, e)) return false;
    bool ok = w->masked ? train_tokens_commit(&w->mask, e) : file_remove(path, e);
    if (ok) return train_tokens_commit(&w->tokens, e);
    train_set_discard(w);
    return false;
}

void train_set_discard(train_set_writer *w) {
    train_tokens_discard(&w->tokens);
    train_tokens_discard(&w->mask);
}
