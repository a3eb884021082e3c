/* gradus: tensors, reverse-mode autodiff, the layers of a GPT, word vectors, tokenizers and
 * training, from scratch in C. Include this one header and link libgradus.a with -lblis -lcjson
 * -linih -lpcre2-8 -lutf8proc -lm -fopenmp. */
#ifndef GRADUS_H
#define GRADUS_H

#include "autograd/ag.h"
#include "autograd/gradcheck.h"
#include "autograd/ops.h"
#include "autograd/profile.h"
#include "base/err.h"
#include "base/file.h"
#include "base/rng.h"
#include "base/thread.h"
#include "embed/analogy.h"
#include "embed/evaluate.h"
#include "embed/project.h"
#include "embed/table.h"
#include "io/csv.h"
#include "io/gnuplot.h"
#include "io/heatmap.h"
#include "io/labelled_map.h"
#include "io/safetensors.h"
#include "io/vectors.h"
#include "nn/gpt.h"
#include "nn/word2vec.h"
#include "tensor/gemm.h"
#include "tensor/gemm_bf16.h"
#include "tensor/tensor.h"
#include "tokenizer/tokenizer.h"
#include "tokenizer/training.h"
#include "tokenizer/words/words.h"
#include "train/config.h"
#include "train/evaluate.h"
#include "train/generate.h"
#include "train/kingdom.h"
#include "train/loop.h"
#include "train/memory.h"
#include "train/run.h"
#include "train/word2vec.h"

#endif
