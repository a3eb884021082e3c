#include "train/vectors_data.h"

#include "base/file.h"
#include "base/mem.h"
#include "train/run.h"
#include "train/run_folder.h"
#include "train/watch.h"

#include <stdlib.h>
#include <string.h>

static bool read_init(vectors_data *d, const config *c, err *e) {
    if (!train_read_vectors(&d->init, c->init_wte, 0, e)) return false;
    return d->init.width == c->vector_size ||
           err_set(e, ERR_INPUT, "%s: vectors of %lld numbers, vector_size is %lld", c->init_wte,
                   (long long)d->init.width, (long long)c->vector_size);
}

/* Whoever gives vectors of which none has its place has given the wrong ones. */
static bool check_init(const vectors_data *d, const config *c, err *e) {
    for (int64_t i = 0; i < d->init.n; i++)
        if (words_find(&d->vocabulary, d->init.names[i], strlen(d->init.names[i])) >= 0)
            return true;
    return !c->init_wte[0] ||
           err_set(e, ERR_INPUT, "%s: none of its %lld words is in the vocabulary of %s",
                   c->init_wte, (long long)d->init.n, c->dataset);
}

/* The words of the text, and behind them those of the vectors that the text lacks. */
static void join_words(words *text, const io_vectors *v) {
    const char **names = mem_new((size_t)(text->n + v->n), sizeof *names);
    int64_t *counts = mem_new((size_t)(text->n + v->n), sizeof *counts), n = text->n;
    for (int64_t i = 0; i < n; i++) {
        names[i] = text->names[i];
        counts[i] = text->counts[i];
    }
    for (int64_t i = 0; i < v->n; i++)
        if (words_find(text, v->names[i], strlen(v->names[i])) < 0) names[n++] = v->names[i];
    words joined;
    words_of(&joined, names, counts, n);
    free(names);
    free(counts);
    words_free(text);
    *text = joined;
}

static bool append_ids(void *context, const int32_t *ids, int64_t n) {
    train_tokens_append(context, ids, n);
    return true;
}

static bool write_tokens(const words *w, const char *text, const char *path, err *e) {
    train_tokens_writer writer;
    if (!train_tokens_begin(&writer, path, (int32_t)w->n, e)) return false;
    if (words_read(w, text, append_ids, &writer, e)) return train_tokens_commit(&writer, e);
    train_tokens_discard(&writer);
    return false;
}

static bool open_files(vectors_data *d, const char *folder, err *e) {
    char path[TRAIN_PATH_SIZE];
    return train_run_path(folder, "train.bin", path, e) &&
           train_tokens_open(&d->tokens, path, (int32_t)d->vocabulary.n, e);
}

static bool check_watch(const vectors_data *d, const config *c, const char *folder, err *e) {
    const io_vectors names = {.n = d->vocabulary.n, .names = d->vocabulary.names};
    return !watcher_wanted(c) || watcher_check(c, folder, &names, NULL, NULL, e);
}

bool vectors_data_prepare(vectors_data *d, const config *c, const char *folder, err *e) {
    *d = (vectors_data){0};
    char vocabulary[TRAIN_PATH_SIZE], tokens[TRAIN_PATH_SIZE];
    if (c->dataset[0] == '\0')
        return err_set(e, ERR_INPUT,
                       "no text to train on: set dataset in [data] or give --dataset=FILE");
    if (c->init_wte[0] && !read_init(d, c, e)) return false;
    size_t memory = (size_t)c->memory << 20;
    if (!words_count(&d->vocabulary, c->dataset, c->min_count, memory, NULL, e)) return false;
    if (!check_init(d, c, e)) return false;
    if (c->keep_init_words) join_words(&d->vocabulary, &d->init);
    if (!check_watch(d, c, folder, e)) return false;
    return file_make_folder(folder, e) && run_folder_clear(folder, e) &&
           train_run_path(folder, "vocab.txt", vocabulary, e) &&
           words_save(&d->vocabulary, vocabulary, e) &&
           train_run_path(folder, "train.bin", tokens, e) &&
           write_tokens(&d->vocabulary, c->dataset, tokens, e) && open_files(d, folder, e);
}

bool vectors_data_open(vectors_data *d, const config *c, const char *folder, err *e) {
    *d = (vectors_data){0};
    char path[TRAIN_PATH_SIZE];
    bool needed = c->freeze_wte || (c->watch[0] && c->init_wte[0]);
    if (needed && !read_init(d, c, e)) return false;
    return train_run_path(folder, "vocab.txt", path, e) && words_load(&d->vocabulary, path, e) &&
           open_files(d, folder, e);
}

void vectors_data_close(vectors_data *d) {
    words_free(&d->vocabulary);
    train_tokens_close(&d->tokens);
    io_vectors_free(&d->init);
}
