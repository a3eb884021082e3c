#include "base/str.h"
#include "cli/bench.h"
#include "cli/cmd.h"

#include <stdio.h>
#include <string.h>

#define USAGE "bench gemm|step|generate|word2vec|tokenizer [--flag VALUE ...]"

static const char *const names[] = {"gemm", "step", "generate", "word2vec", "tokenizer"};
static bool (*const benchmarks[])(int argc, char **argv, err *e) = {
    bench_gemm, bench_step, bench_generate, bench_word2vec, bench_tokenizer};
enum { N_BENCHMARKS = sizeof names / sizeof *names };

static bool run(int argc, char **argv, err *e) {
    if (argc == 1 && strcmp(argv[0], "--help") == 0) {
        printf("usage: gradus %s\n", USAGE);
        for (int i = 0; i < N_BENCHMARKS; i++) {
            putchar('\n');
            benchmarks[i](1, argv, e);
        }
        return true;
    }
    if (argc == 0) return err_set(e, ERR_USAGE, "usage: gradus %s", USAGE);
    for (int i = 0; i < N_BENCHMARKS; i++)
        if (strcmp(argv[0], names[i]) == 0) return benchmarks[i](argc - 1, argv + 1, e);
    const char *nearest = str_nearest(argv[0], names, N_BENCHMARKS);
    return err_set(e, ERR_USAGE, "unknown benchmark '%s'%s%s%s", argv[0],
                   nearest ? " (did you mean '" : "", nearest ? nearest : "", nearest ? "'?)" : "");
}

const cmd cmd_bench = {"bench", "gemm|step|generate|word2vec|tokenizer ...",
                       "time matrix products, training steps, generation, word2vec or tokenizers",
                       "", run};
