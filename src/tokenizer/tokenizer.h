/* Text to token ids and back: normalizer -> splitter -> model -> template -> decoder behind one
 * interface. A tokenizer is trained (training.h), read from a file of any layout of the field
 * (tok_open), and written as Hugging Face's tokenizer.json. */
#ifndef TOKENIZER_TOKENIZER_H
#define TOKENIZER_TOKENIZER_H

#include "base/err.h"
#include "base/rng.h"
#include "base/str.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct tokenizer tokenizer;

typedef enum tok_type {
    TOK_BYTE,
    TOK_CHAR,
    TOK_WORD,
    TOK_BPE,
    TOK_WORDPIECE,
    TOK_UNIGRAM
} tok_type;
#define TOK_TYPE_NAMES "byte|char|word|bpe|wordpiece|unigram" /* in the order of the enum */

/* A growable list of token ids. Zeroed = empty. */
typedef struct tok_ids {
    int32_t *data;
    size_t len, capacity;
} tok_ids;

void tok_ids_append(tok_ids *ids, int32_t id);
/* Makes room for n more ids and returns where they go; the caller moves ids->len. */
int32_t *tok_ids_reserve(tok_ids *ids, size_t n);
void tok_ids_free(tok_ids *ids);

/* Opens a tokenizer, *path being
 *   tokenizer.json       of Hugging Face: BPE, WordPiece, WordLevel, Unigram;
 *   vocab.json           of GPT-2, with merges.txt beside it (either may be named);
 *   vocab.txt            of BERT;
 *   NAME.model           of SentencePiece (BPE and unigram) or of minbpe;
 *   or a folder that holds one of these, looked for in this order.
 * The content decides, not the name. Returns new (free with tok_free), or NULL and e: one line for
 * a wrong, truncated or hostile file, or for a part of tokenizer.json that is not known. */
tokenizer *tok_open(const char *path, err *e);
/* The same for a file in memory, content[0..n), called `name` in errors. GPT-2's pair takes two
 * files and cannot be given so. */
tokenizer *tok_parse(const char *content, size_t n, const char *name, err *e);
/* Writes tokenizer.json; false, with e, where it cannot hold the vocabulary: two tokens spelled
 * alike (minbpe), one that is no text. Merges of equal rank (SentencePiece) get an order there. */
bool tok_save(const tokenizer *tok, const char *path, err *e);
/* Appends what tok_save writes to the file `name`. */
bool tok_write(const tokenizer *tok, str *out, const char *name, err *e);
void tok_free(tokenizer *tok);

tok_type tok_type_of(const tokenizer *tok);
/* The name of a type as in TOK_TYPE_NAMES. */
const char *tok_type_name(tok_type type);
int32_t tok_vocab_size(const tokenizer *tok);
/* How many merges a bpe has; 0 for other types. */
int64_t tok_merges(const tokenizer *tok);
/* A number that differs (almost surely) between tokenizers that encode differently. */
uint64_t tok_fingerprint(const tokenizer *tok);

/* How to encode where the default, all zero, is not wanted. */
typedef struct tok_options {
    bool allow_special; /* special tokens spelled in the text become their ids, else stay text */
    bool add_special;   /* what the template puts around a text: <s>, [CLS] and [SEP] */
    /* Subword sampling: bpe leaves out each merge with this probability (BPE-dropout, Provilkov et
     * al. 2020); unigram draws a segmentation with probability proportional to its own to the power
     * `alpha` (Kudo 2018), 0 = the best one. Other types ignore both. */
    double dropout, alpha;
    rng_key key; /* of the draws: the same key, the same ids, at any number of threads */
} tok_options;

/* Appends the ids of text[0..n), using all threads for long texts; the same ids at any number.
 * Text never fails to encode: what is unknown becomes the unknown token, or nothing where there is
 * none. Options NULL = all zero. */
void tok_encode(const tokenizer *tok, const char *text, size_t n, const tok_options *options,
                tok_ids *out);

/* Appends the text of ids[0..n) to out; an id outside the vocabulary is a bug (CHECK).
 * decode(encode(x)) = x for bytes, for byte-level bpe, and for char where nothing was unknown. */
void tok_decode(const tokenizer *tok, const int32_t *ids, size_t n, str *out);
/* The same one by one: what a token adds may depend on those before. Zeroed = at the beginning. */
typedef struct tok_decoding {
    bool begun, wants_blank;
    bool begins_line; /* behind a line break */
} tok_decoding;
void tok_decode_next(const tokenizer *tok, tok_decoding *state, int32_t id, str *out);

/* The bytes of one token (*len of them, also closed with a NUL): of a byte-level token the bytes
 * themselves, else as the file spells it ("▁the", "##ing", "<0x0A>"). Borrows from tok. */
const char *tok_piece(const tokenizer *tok, int32_t id, size_t *len);
/* The id of the token with exactly these bytes, special ones included, or -1. */
int32_t tok_find(const tokenizer *tok, const char *piece, size_t len);
/* The id that stands for all that is unknown, or -1. */
int32_t tok_unknown(const tokenizer *tok);
/* Whether outside text can become this token only with allow_special. */
bool tok_is_special(const tokenizer *tok, int32_t id);
/* Appends the token in printable form: "\n" for a newline, "\xE9" for a lone byte. */
void tok_printable(const tokenizer *tok, int32_t id, str *out);
/* The same with "▁" for a blank, as SentencePiece shows it: for where blanks part tokens. */
void tok_printable_solid(const tokenizer *tok, int32_t id, str *out);

/* Special tokens by what they are for, under any of the names they have in the field. */
typedef enum tok_role {
    TOK_BOS,
    TOK_EOS,
    TOK_PAD,
    TOK_UNK,
    TOK_SYSTEM,
    TOK_USER,
    TOK_ASSISTANT,
    TOK_ROLES
} tok_role;
/* Adds the special tokens "NAME,NAME,..." that are not there yet, with ids behind all others. */
bool tok_add_special(tokenizer *tok, const char *names, err *e);
/* The id of the special token for that role, or -1. */
int32_t tok_role_id(const tokenizer *tok, tok_role role);
/* The name that a tokenizer of ours gives to it: "<|bos|>". */
const char *tok_role_name(tok_role role);

/* Appends an account of how text[0..n) becomes ids, step by step: the text after each
 * normalisation, the pieces it is split into, each merge with its rank or each Viterbi choice with
 * its score, the tokens with their ids, bytes per token. */
void tok_explain(const tokenizer *tok, const char *text, size_t n, const tok_options *options,
                 str *out);
/* Appends a description: type, vocabulary, parts, special tokens. */
void tok_describe(const tokenizer *tok, str *out);

#endif
