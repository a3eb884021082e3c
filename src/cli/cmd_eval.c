#include "base/thread.h"
#include "cli/args.h"
#include "cli/cmd.h"
#include "cli/prompt.h"
#include "train/evaluate.h"
#include "train/run.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define USAGE "eval RUN [--text FILE] [--last]"

/* The bytes that the tokens stand for: what bits per byte are counted over. */
static size_t count_bytes(const train_run *run, const train_tokens *tokens) {
    size_t bytes = 0, length;
    for (int64_t i = 1; i < tokens->n; i++) {
        int32_t id;
        train_tokens_copy(tokens, i, 1, &id);
        tok_piece(run->tok, id, &length);
        bytes += length;
    }
    return bytes;
}

static bool print_evaluation(const train_run *run, const train_tokens *tokens, const char *name,
                             err *e) {
    if (tokens->n < 2)
        return err_set(e, ERR_INPUT, "%s: %lld tokens, at least 2 are needed", name,
                       (long long)tokens->n);
    size_t bytes = count_bytes(run, tokens);
    ag_tape *t = ag_tape_new(AG_NO_GRAD);
    train_evaluation r = train_evaluate(run->model, t, tokens, run->config.batch_size, 0);
    ag_tape_free(t);
    printf("checkpoint %s, step %lld\n", run->checkpoint, (long long)run->state.step);
    printf("tokens %lld\n", (long long)r.n_tokens);
    printf("loss %.4f nats\n", r.loss);
    printf("perplexity %.4f\n", exp(r.loss));
    if (bytes) printf("bits per byte %.4f\n", r.loss * (double)r.n_tokens / (double)bytes / log(2));
    if (isfinite(r.standard_error))
        printf("standard error %.4f nats\n", r.standard_error);
    else
        puts("standard error unknown: the text is one block");
    return true;
}

static bool evaluate_text(const train_run *run, const char *path, err *e) {
    tok_ids ids = {0};
    if (!prompt_encode_file(run->tok, path, &ids, e)) return false;
    train_tokens tokens = train_tokens_of(ids.data, (int64_t)ids.len);
    bool ok = print_evaluation(run, &tokens, path, e);
    tok_ids_free(&ids);
    return ok;
}

static bool evaluate_validation_set(const train_run *run, err *e) {
    char path[TRAIN_PATH_SIZE];
    train_tokens tokens;
    if (!train_run_path(run->folder, "val.bin", path, e) ||
        !train_tokens_open(&tokens, path, tok_vocab_size(run->tok), e))
        return false;
    bool ok = print_evaluation(run, &tokens, path, e);
    train_tokens_close(&tokens);
    return ok;
}

static bool run(int argc, char **argv, err *e) {
    const char *text = NULL;
    bool last = false;
    int64_t threads = 0;
    const args_flag flags[] = {
        {"text", ARGS_TEXT, &text, 0, 0, "a text file instead of the run's validation set"},
        {"last", ARGS_SWITCH, &last, 0, 0, "the last checkpoint instead of the best"},
        ARGS_THREADS(threads)};
    args a;
    train_run run;
    if (!args_parse(&a, argc, argv, flags, sizeof flags / sizeof *flags, 1, 1, USAGE, e))
        return false;
    thread_set_count((int)threads);
    if (!train_run_open(&run, a.positional[0], last, e)) return false;
    bool ok = text ? evaluate_text(&run, text, e) : evaluate_validation_set(&run, e);
    train_run_close(&run);
    return ok;
}

const cmd cmd_eval = {
    "eval", "RUN", "loss over the whole validation set, or over a text",
    "Deterministic: blocks of block_size tokens side by side, every token but the first "
    "predicted once.\nThe standard error is that of the mean over blocks. Bits per byte count "
    "the bytes of the text's\ntokens, so that tokenizers can be compared.",
    run};
