#include "base/file.h"
#include "base/thread.h"
#include "cli/args.h"
#include "cli/cmd.h"
#include "train/chat.h"
#include "train/evaluate.h"
#include "train/precision.h"
#include "train/run.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#define USAGE "eval RUN [--text FILE] [--last] [--precision " TRAIN_PRECISION_NAMES "]"

/* What the targets stand for. */
typedef struct contents {
    size_t bytes, unknown;
} contents;

/* Special tokens are no text, and what follows one begins a text. What unknown tokens stand for
 * nobody knows: they count no bytes, and make bits per byte rather too high than too low. */
static contents count_contents(const tokenizer *tok, const train_set *set) {
    tok_decoding state = {0};
    contents c = {0};
    str text = {0};
    for (int64_t i = 0; i < set->tokens.n; i++) {
        int32_t id = train_tokens_at(&set->tokens, i);
        const bool is_unknown = id == tok_unknown(tok), counts = i > 0 && train_set_counts(set, i);
        if (tok_is_special(tok, id) && !is_unknown) {
            state = (tok_decoding){0};
            continue;
        }
        text.len = 0;
        tok_decode_next(tok, &state, id, &text);
        c.unknown += counts && is_unknown;
        c.bytes += counts && !is_unknown ? text.len : 0;
    }
    str_free(&text);
    return c;
}

static bool print_evaluation(const train_run *run, const train_set *set, const char *name, err *e) {
    if (set->tokens.n < 2)
        return err_set(e, ERR_INPUT, "%s: %lld tokens, at least 2 are needed", name,
                       (long long)set->tokens.n);
    if (train_set_targets(set) == 0)
        return err_set(e, ERR_INPUT, "%s: the assistant says nothing: no loss", name);
    const contents c = count_contents(run->tok, set);
    const train_precision_choice precision = train_precision_choose(run->config.precision);
    if (precision.warning[0]) fprintf(stderr, "gradus: warning: %s\n", precision.warning);
    ag_tape *t = ag_tape_new(AG_NO_GRAD);
    ag_tape_set_activations(t, train_precision_activations(precision.precision));
    train_evaluation r = train_evaluate(run->model, t, set, run->config.batch_size, 0);
    ag_tape_free(t);
    printf("checkpoint %s, step %lld\n", run->checkpoint, (long long)run->state.step);
    printf("precision %s\n", precision.text);
    printf("tokens %lld\n", (long long)r.n_tokens);
    if (c.unknown)
        printf("unknown %zu of them, %.1f %%\n", c.unknown,
               100 * (double)c.unknown / (double)r.n_tokens);
    printf("loss %.4f nats\n", r.loss);
    printf("perplexity %.4f\n", exp(r.loss));
    if (c.bytes)
        printf("bits per byte %.4f\n", r.loss * (double)r.n_tokens / (double)c.bytes / log(2));
    if (isfinite(r.standard_error))
        printf("standard error %.4f nats\n", r.standard_error);
    else
        puts("standard error unknown: the text is one block");
    return true;
}

static bool encode_text(const tokenizer *tok, const char *path, tok_ids *ids, err *e) {
    file_map text;
    if (!file_open_map(&text, path, e)) return false;
    tok_encode(tok, text.data, text.size, NULL, ids);
    file_close_map(&text);
    return true;
}

static bool encode_chat(const tokenizer *tok, const char *path, tok_ids *ids, tok_ids *mask,
                        err *e) {
    chat_file chat;
    bool ok = chat_read(&chat, path, e);
    for (size_t i = 0; ok && i < chat.n;) i = chat_render(tok, &chat, i, ids, mask);
    chat_free(&chat);
    return ok;
}

/* The file holds what the run was trained on: a text, or conversations. */
static bool evaluate_file(const train_run *run, const char *path, err *e) {
    tok_ids ids = {0}, mask = {0};
    bool is_chat = run->config.format == TRAIN_CHAT;
    bool ok = is_chat ? encode_chat(run->tok, path, &ids, &mask, e)
                      : encode_text(run->tok, path, &ids, e);
    train_set set = train_set_of(ids.data, is_chat ? mask.data : NULL, (int64_t)ids.len);
    ok = ok && print_evaluation(run, &set, path, e);
    tok_ids_free(&ids);
    tok_ids_free(&mask);
    return ok;
}

static bool evaluate_validation_set(const train_run *run, err *e) {
    char path[TRAIN_PATH_SIZE];
    train_set set;
    if (!train_run_path(run->folder, "val.bin", path, e) ||
        !train_set_open(&set, run->folder, "val", tok_vocab_size(run->tok),
                        run->config.format == TRAIN_CHAT, e))
        return false;
    bool ok = print_evaluation(run, &set, path, e);
    train_set_close(&set);
    return ok;
}

static bool run(int argc, char **argv, err *e) {
    const char *text = NULL, *precision = "auto";
    bool last = false;
    int64_t threads = 0;
    const args_flag flags[] = {
        {"text", ARGS_TEXT, &text, 0, 0,
         "a file instead of the run's validation set, of the same format"},
        {"precision", ARGS_TEXT, &precision, 0, 0, "fp32 or bf16; auto = the run's own (auto)"},
        {"last", ARGS_SWITCH, &last, 0, 0, "the last checkpoint instead of the best"},
        ARGS_THREADS(threads)};
    args a;
    train_run run;
    if (!args_parse(&a, argc, argv, flags, sizeof flags / sizeof *flags, 1, 1, USAGE, e))
        return false;
    int wanted = args_choice("precision", precision, TRAIN_PRECISION_NAMES, e);
    if (wanted < 0) return false;
    thread_set_count((int)threads);
    if (!train_run_open(&run, a.positional[0], last, e)) return false;
    run.config.precision =
        wanted == TRAIN_AUTO ? train_precision_of_run(&run.config) : (train_precision)wanted;
    bool ok = text ? evaluate_file(&run, text, e) : evaluate_validation_set(&run, e);
    train_run_close(&run);
    return ok;
}

const cmd cmd_eval = {
    "eval", "RUN", "loss over the whole validation set, or over a text",
    "Deterministic: blocks of block_size tokens side by side, every token but the first "
    "predicted once;\nof conversations what the assistant says. The standard error is that of the "
    "mean over blocks. Bits per\nbyte count the bytes that the predicted tokens stand for, unknown "
    "ones none, so that tokenizers\nthat lose nothing can be compared.",
    run};
