/* Word vectors in files, in every layout that users meet. What is read is recognised by its
 * content, not by its name, and distrusted: a wrong or truncated file is one line. */
#ifndef IO_VECTORS_H
#define IO_VECTORS_H

#include "base/err.h"
#include "base/real.h"

#include <stdbool.h>
#include <stdint.h>

/* Rows of character n-grams, from which words that have no row of their own get a vector. */
typedef struct io_subwords {
    int64_t min_n, max_n, bucket;
    real *rows; /* (bucket, width), or NULL where there are none */
} io_subwords;

/* Named vectors in memory, in the order of the file (words: by falling count). */
typedef struct io_vectors {
    int64_t n, width;
    real *rows;   /* (n, width) */
    char **names; /* n, each closed with a NUL; bytes, which need not be UTF-8 */
    char *text;   /* the memory of the names */
    io_subwords subwords;
    const char *layout; /* what was recognised when they were read, "word2vec binary"; else NULL */
} io_vectors;

/* What can be written; the names are those of `gradus export --format`. */
typedef enum io_vector_format {
    IO_WORD2VEC_BIN,  /* "V D\n", then word, blank, D float32, "\n" */
    IO_WORD2VEC_TEXT, /* "V D\n", then "word x x ... x" with 9 significant digits: exact */
    IO_GLOVE_TEXT,    /* the same without the first line */
    IO_NPY, /* the matrix PATH, and the words a line each in PATH with .words.txt for .npy */
    IO_SAFETENSORS, /* tensors "vectors" (V, D) float32 and "words" (bytes, one a line) */
    IO_PROJECTOR    /* the folder PATH: vectors.tsv, metadata.tsv, projector_config.json */
} io_vector_format;
#define IO_VECTOR_FORMAT_NAMES "word2vec-bin|word2vec-text|glove-text|npy|safetensors|projector"

/* Reads any of these, and fastText's .bin (word vectors composed of word and n-grams, the rows of
 * n-grams in v->subwords), GloVe's binary with vocab.txt beside it, fastText's .vec; at most
 * `limit` words, 0 = all. Release with io_vectors_free in any case. */
bool io_vectors_read(io_vectors *v, const char *path, int64_t limit, err *e);
void io_vectors_free(io_vectors *v);

/* Writes v, beside and renamed. Words that the layout cannot hold (a blank in word2vec's, a line
 * break in a list) are an error that names the word. */
bool io_vectors_write(const io_vectors *v, const char *path, io_vector_format format, err *e);

#endif
