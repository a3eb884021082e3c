/* The benchmarks behind `gradus bench NAME`: each gets the arguments behind its name. */
#ifndef CLI_BENCH_H
#define CLI_BENCH_H

#include "base/err.h"

#include <stdbool.h>

/* Training steps of GPT-2-shaped models. */
bool bench_step(int argc, char **argv, err *e);
/* What the machine can do at most: matrix products and memory. */
bool bench_gemm(int argc, char **argv, err *e);
/* Text from GPT-2-shaped models. */
bool bench_generate(int argc, char **argv, err *e);
/* word2vec over a text, vocabulary scan included. */
bool bench_word2vec(int argc, char **argv, err *e);
/* Training a BPE tokenizer, and encoding a text with any tokenizer. */
bool bench_tokenizer(int argc, char **argv, err *e);

#endif
