/* What a SentencePiece .model holds: sentencepiece_model.proto as far as it matters for encoding.
 * Private to this folder. */
#ifndef TOKENIZER_SENTENCEPIECE_H
#define TOKENIZER_SENTENCEPIECE_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Some bytes of the file. */
typedef struct spm_bytes {
    const char *data;
    size_t n;
} spm_bytes;

typedef enum spm_type {
    SPM_NORMAL = 1,
    SPM_UNKNOWN,
    SPM_CONTROL,
    SPM_USER_DEFINED,
    SPM_UNUSED,
    SPM_BYTE
} spm_type;

typedef struct spm_piece {
    spm_bytes text;
    float score;
    spm_type type;
} spm_piece;

enum { SPM_UNIGRAM = 1, SPM_BPE, SPM_WORD, SPM_CHAR };

typedef struct spm_model {
    spm_piece *pieces; /* by id; each is UTF-8 and not empty, scores are finite */
    size_t n;
    int64_t algorithm; /* SPM_UNIGRAM or SPM_BPE */
    bool byte_fallback, blank_as_suffix;
    spm_bytes bos, eos; /* names of the pieces */
    spm_bytes charsmap; /* precompiled; may be empty */
    bool add_dummy_prefix, remove_extra_whitespaces, escape_whitespaces, denormalizes;
} spm_model;

/* Reads the file content[0..n), from which the model borrows. Release with spm_free in any case. */
bool spm_read(spm_model *m, const char *content, size_t n, const char *name, err *e);
void spm_free(spm_model *m);

/* The merges of a BPE model (free with the tokenizer): two neighbours merge where together they are
 * a normal piece, the piece of highest score first, of equals the leftmost. */
struct bpe *spm_merges(const spm_model *m);

#endif
