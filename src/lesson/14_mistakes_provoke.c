#include "autograd/ops.h"
#include "base/file.h"
#include "io/vectors.h"
#include "lesson/14_mistakes.h"
#include "lesson/small_text.h"
#include "train/checkpoint.h"
#include "train/kingdom.h"
#include "train/loop.h"
#include "train/tokens.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum { WIDTH = 16, OTHER_WIDTH = 8 };

/* Keeps the note that a run begins with. */
static void note_begin(void *context, const train_begin_info *info) {
    mistakes_said *said = context;
    if (info->embedding)
        snprintf(said->frozen, sizeof said->frozen, "embedding: %s", info->embedding);
}

/* Trains a tiny run in FOLDER/RUN; what it fails with goes to words[0..512). */
static void train_run(const config *c, const char *folder, const char *run, mistakes_said *said,
                      char *words) {
    train_observer observer = train_silent;
    static const volatile sig_atomic_t stop = 0;
    char path[1024];
    err e = {0};
    observer.context = said;
    observer.began = note_begin;
    if (file_join(path, sizeof path, folder, run, &e))
        train_loop(c, path, TRAIN_OVERWRITE, &observer, &stop, &e);
    if (words) snprintf(words, 512, "%.511s", e.message);
}

static bool tiny_config(config *c, const char *folder, err *e) {
    cfg_defaults(c);
    snprintf(c->tokenizer, sizeof c->tokenizer, "word");
    c->min_count = 1;
    c->n_layer = c->n_head = 1;
    c->n_embd = c->block_size = WIDTH;
    c->batch_size = 4;
    c->max_iters = 5;
    c->warmup_iters = 0;
    c->eval_iters = 1;
    c->precision = TRAIN_FP32;
    return small_text_write(train_kingdom_write, 200, 1, folder, "text.txt", c->dataset, e);
}

static bool provoke_width(mistakes_said *said, const char *folder, config c, err *e) {
    real rows[2 * OTHER_WIDTH] = {0};
    char king[] = "king", queen[] = "queen", *names[] = {king, queen};
    const io_vectors v = {.n = 2, .width = OTHER_WIDTH, .rows = rows, .names = names};
    if (!file_join(c.init_wte, sizeof c.init_wte, folder, "vectors.txt", e) ||
        !io_vectors_write(&v, c.init_wte, IO_WORD2VEC_TEXT, e))
        return false;
    train_run(&c, folder, "width", said, said->init_wte);
    return true;
}

static nn_gpt *model_of_width(int64_t width) {
    const nn_gpt_config shape = {
        .vocab_size = 10, .block_size = 4, .n_layer = 1, .n_head = 1, .n_embd = width};
    return nn_gpt_new(&shape, false);
}

static bool provoke_checkpoint(mistakes_said *said, const char *folder, err *e) {
    char path[1024];
    err refused = {0};
    train_state state = {0};
    nn_gpt *saved = model_of_width(OTHER_WIDTH), *other = model_of_width(WIDTH);
    bool ok = file_join(path, sizeof path, folder, "small.safetensors", e) &&
              train_checkpoint_save(path, &saved->params, NULL, &state, e);
    if (ok) train_checkpoint_load(path, &other->params, NULL, &state, &refused);
    snprintf(said->checkpoint, sizeof said->checkpoint, "%.511s", refused.message);
    nn_gpt_free(saved);
    nn_gpt_free(other);
    return ok;
}

static bool provoke_tokens(mistakes_said *said, const char *folder, err *e) {
    static const int32_t ids[] = {3, 1, 99};
    char path[1024];
    err refused = {0};
    train_tokens tokens;
    if (!file_join(path, sizeof path, folder, "tokens.bin", e) ||
        !train_tokens_write(path, ids, 3, 100, e))
        return false;
    if (train_tokens_open(&tokens, path, 50, &refused)) train_tokens_close(&tokens);
    snprintf(said->tokens, sizeof said->tokens, "%.511s", refused.message);
    return true;
}

/* Looks up an id that the table does not have: what a process of its own is for. */
static void look_up_too_far(int to) {
    static real rows[4 * 2];
    static const int32_t ids[] = {0, 3, 4};
    const struct rlimit no_core = {0, 0};
    setrlimit(RLIMIT_CORE, &no_core);
    dup2(to, STDERR_FILENO);
    ag_tape *t = ag_tape_new(AG_KEEP);
    ag_var *table = ag_leaf(t, tensor_of(rows, 2, (int64_t[]){4, 2}));
    ag_embedding(t, table, ids, 1, 3);
    _exit(0);
}

/* The last line of the text, without its end. */
static void keep_last_line(char *text) {
    size_t n = strlen(text);
    while (n > 0 && text[n - 1] == '\n') text[--n] = '\0';
    char *begin = strrchr(text, '\n');
    if (begin) memmove(text, begin + 1, strlen(begin));
}

static bool provoke_lookup(mistakes_said *said, err *e) {
    int ends[2], status;
    if (pipe(ends) != 0) return err_set(e, ERR_INPUT, "cannot make a pipe");
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) look_up_too_far(ends[1]);
    close(ends[1]);
    size_t n = 0, room = sizeof said->lookup - 1;
    for (ssize_t got; (got = read(ends[0], said->lookup + n, room - n)) > 0;) n += (size_t)got;
    said->lookup[n] = '\0';
    close(ends[0]);
    if (child < 0) return err_set(e, ERR_INPUT, "cannot start a process");
    waitpid(child, &status, 0);
    said->signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    keep_last_line(said->lookup);
    return true;
}

/* Removes the folder with what is in it, one folder deep or two. */
static void remove_folder(const char *folder, int depth) {
    DIR *d = opendir(folder);
    if (!d) return;
    for (struct dirent *entry; (entry = readdir(d));) {
        char path[1024];
        err e = {0};
        if (entry->d_name[0] == '.' || !file_join(path, sizeof path, folder, entry->d_name, &e))
            continue;
        if (unlink(path) != 0 && depth > 0) remove_folder(path, depth - 1);
    }
    closedir(d);
    rmdir(folder);
}

bool mistakes_provoke(mistakes_said *said, const char *folder, err *e) {
    char own[1024];
    config c;
    *said = (mistakes_said){0};
    if (!file_join(own, sizeof own, folder, "14_mistakes", e) || !file_make_folder(own, e))
        return false;
    bool ok = provoke_lookup(said, e) && tiny_config(&c, own, e) &&
              provoke_width(said, own, c, e) && provoke_checkpoint(said, own, e) &&
              provoke_tokens(said, own, e);
    if (ok) {
        config frozen = c, diverging = c;
        frozen.freeze_wte = true;
        train_run(&frozen, own, "frozen", said, NULL);
        diverging.optimizer = OPTIM_SGD;
        diverging.learning_rate = diverging.min_lr = MISTAKES_RATE;
        diverging.grad_clip = 0;
        diverging.max_iters = 50;
        train_run(&diverging, own, "diverging", said, said->diverged);
    }
    remove_folder(own, 1);
    return ok;
}
