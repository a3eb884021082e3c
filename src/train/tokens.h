/* Token files: the ids of a text, memory-mapped. llm.c's layout: 256 int32 of header (magic,
 * version, count), then the ids as uint16 (vocabularies up to 65,536) or uint32. */
#ifndef TRAIN_TOKENS_H
#define TRAIN_TOKENS_H

#include "base/err.h"
#include "base/file.h"

#include <stdbool.h>
#include <stdint.h>

typedef struct train_tokens {
    file_map map;
    int64_t n;
    const void *ids; /* uint16 or uint32, in map */
    bool wide;       /* uint32 */
} train_tokens;

/* A token file being written, in stretches of any length. */
typedef struct train_tokens_writer {
    file_writer file;
    int64_t n;
    int32_t vocab_size;
    bool wide;
} train_tokens_writer;

bool train_tokens_begin(train_tokens_writer *w, const char *path, int32_t vocab_size, err *e);
/* Appends n ids, all in [0, vocab_size). */
void train_tokens_append(train_tokens_writer *w, const int32_t *ids, int64_t n);
/* Completes the file, all or nothing; llm.c's header counts up to 2^31 - 1 tokens, beyond that it
 * holds -1 and the size of the file counts. */
bool train_tokens_commit(train_tokens_writer *w, err *e);
/* Zeroed = nothing to discard. */
void train_tokens_discard(train_tokens_writer *w);

/* Writes n ids, all in [0, vocab_size), as a token file. */
bool train_tokens_write(const char *path, const int32_t *ids, int64_t n, int32_t vocab_size,
                        err *e);

/* Opens a token file; every id must be in [0, vocab_size). */
bool train_tokens_open(train_tokens *tokens, const char *path, int32_t vocab_size, err *e);
void train_tokens_close(train_tokens *tokens);
/* The same view of n ids in memory (borrowed; nothing to close). */
train_tokens train_tokens_of(const int32_t *ids, int64_t n);

/* Id number i, which must be in [0, n). */
int32_t train_tokens_at(const train_tokens *tokens, int64_t i);
/* Copies ids[first .. first + n) to out. */
void train_tokens_copy(const train_tokens *tokens, int64_t first, int64_t n, int32_t *out);
/* Ids [first, first + n) are copied soon: the system may fetch them from the file meanwhile. */
void train_tokens_read_ahead(const train_tokens *tokens, int64_t first, int64_t n);

/* A number that differs (almost surely) between different texts. */
uint64_t train_tokens_fingerprint(const train_tokens *tokens);

#endif
