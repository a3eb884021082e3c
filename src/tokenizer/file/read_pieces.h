/* The vocabulary of a file while it is read: pieces as the file spells them, with their ids, in the
 * order of the file. Private to this folder. */
#ifndef TOKENIZER_READ_PIECES_H
#define TOKENIZER_READ_PIECES_H

#include "tokenizer/file/read_lines.h"
#include "tokenizer/parts.h"

/* Zeroed = empty. */
typedef struct read_pieces {
    vocab spelled; /* by place in the file */
    int32_t *ids;  /* of each place */
    size_t capacity;
} read_pieces;

/* A piece that stands in the file already, and an id that is none, are errors. */
bool read_pieces_add(read_pieces *p, const char *spelling, size_t len, double id, const char *name,
                     err *e);
/* The id of the piece spelled so, or -1. */
int32_t read_pieces_id(const read_pieces *p, const char *spelling, size_t len);
/* Puts the pieces into tok->vocab by their ids, which must be 0, 1, 2, ... Where tok->byte_level,
 * those not in tok->specials are spelled as GPT-2 does. */
bool read_pieces_finish(const read_pieces *p, tokenizer *tok, const char *name, err *e);
void read_pieces_free(read_pieces *p);

/* Appends to tok->bpe the next merge of two pieces as the file spells them, into left + right
 * without the prefix that marks what continues a word. `where` = "merges.txt:17". */
bool read_merge(tokenizer *tok, const read_pieces *p, const str *left, const str *right,
                const char *where, err *e);

#endif
