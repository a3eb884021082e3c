#include "base/mem.h"
#include "base/thread.h"
#include "cli/bench.h"
#include "cli/tokenizer.h"
#include "tokenizer/training.h"

#include <stdio.h>
#include <string.h>

#define USAGE                                                                                      \
    "bench tokenizer train|encode --files FILE [--threads N] [--vocab_size N] "                    \
    "[--tokenizer FILE|DIR]"

static void print_line(const char *task, size_t bytes, double seconds) {
    double mb = 1e-6 * (double)bytes;
    printf("gradus %s %s mb %.1f seconds %.2f mb_per_s %.1f rss_mib %.0f\n", GRADUS_VERSION, task,
           mb, seconds, mb / seconds, (double)mem_peak_rss() / 1048576);
}

/* Byte-level BPE from the file to the merges. */
static bool time_training(const input *in, int64_t vocab_size, err *e) {
    tok_text text = {in->data, in->size};
    tok_training how = {.type = TOK_BPE, .vocab_size = vocab_size};
    double start = thread_clock();
    tokenizer *tok = tok_train(&how, &text, 1, e);
    if (tok) print_line("train", in->size, thread_clock() - start);
    tok_free(tok);
    return tok != NULL;
}

/* A mapped file comes into memory page by page as it is touched. */
static void bring_into_memory(const input *in) {
    volatile char byte = 0;
    for (size_t i = 0; i < in->size; i += 4096) byte = in->data[i];
    (void)byte;
}

static bool time_encoding(const input *in, const char *path, err *e) {
    tokenizer *tok = tokenizer_of_flag(path, USAGE, e);
    tok_ids ids = {0};
    if (!tok) return false;
    bring_into_memory(in);
    double start = thread_clock();
    tok_encode(tok, in->data, in->size, NULL, &ids);
    print_line("encode", in->size, thread_clock() - start);
    tok_ids_free(&ids);
    tok_free(tok);
    return true;
}

bool bench_tokenizer(int argc, char **argv, err *e) {
    const char *path = NULL;
    int64_t vocab_size = 8192, threads = 0;
    const args_flag flags[] = {
        {"files", ARGS_LIST, NULL, 0, 0, "the text"},
        {"vocab_size", ARGS_INT, &vocab_size, 257, 1 << 24, "train: tokens of the BPE (8192)"},
        TOKENIZER_FLAG(path),
        ARGS_THREADS(threads)};
    args a;
    input in;
    if (!args_parse(&a, argc, argv, flags, sizeof flags / sizeof *flags, 2, 2, USAGE, e))
        return false;
    bool encodes = strcmp(a.positional[0], "encode") == 0;
    if (!encodes && strcmp(a.positional[0], "train") != 0)
        return err_set(e, ERR_USAGE, "unknown task '%s'; usage: gradus " USAGE, a.positional[0]);
    thread_set_count((int)threads);
    bool ok = input_open(&in, a.positional[1], e) &&
              (encodes ? time_encoding(&in, path, e) : time_training(&in, vocab_size, e));
    input_close(&in);
    return ok;
}
