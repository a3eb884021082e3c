/* The readers of tokenizer files: each makes a tokenizer of a file in memory, content[0..n), called
 * `name` in errors; returns new, finished, or NULL and e. Private to this folder. */
#ifndef TOKENIZER_READERS_H
#define TOKENIZER_READERS_H

#include "tokenizer/parts.h"

/* What a tokenizer may hold and a file may be long. */
enum { READ_MAX_BYTES = 1 << 29 };

tokenizer *read_tokenizer_json(const char *content, size_t n, const char *name, err *e);
tokenizer *read_gpt2(const char *pieces, size_t n_pieces, const char *pieces_name,
                     const char *merges, size_t n_merges, const char *merges_name, err *e);
tokenizer *read_bert_vocab(const char *content, size_t n, const char *name, err *e);
tokenizer *read_sentencepiece(const char *content, size_t n, const char *name, err *e);
tokenizer *read_minbpe(const char *content, size_t n, const char *name, err *e);

#endif
