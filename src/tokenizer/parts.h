/* What a tokenizer is made of. Private to this folder. */
#ifndef TOKENIZER_PARTS_H
#define TOKENIZER_PARTS_H

#include "tokenizer/byte_pieces.h"
#include "tokenizer/scratch.h"
#include "tokenizer/special.h"
#include "tokenizer/text/decoder.h"
#include "tokenizer/text/normalizer.h"
#include "tokenizer/text/splitter.h"
#include "tokenizer/tokenizer.h"
#include "tokenizer/vocab.h"

#define TOK_UNK_PIECE "<unk>" /* what we call the unknown token */

/* How a model does what every model must: the functions of one file each (byte.c, char.c, word.c,
 * bpe.c, wordpiece.c, unigram.c). */
typedef struct tok_model {
    const char *name; /* in TOK_TYPE_NAMES */
    /* Checks the vocabulary and the model's own part, which may come from the file `name`, and
     * readies tok for encode: what is done once is done here. */
    bool (*prepare)(tokenizer *tok, const char *name, err *e);
    /* Appends the ids of piece[0..n), n > 0, as the splitter gives it. */
    void (*encode)(const tokenizer *tok, tok_scratch *s, const char *piece, size_t n, tok_ids *out);
    /* The same drawn at random, options->dropout or ->alpha being above 0; NULL = as encode. */
    void (*sample)(const tokenizer *tok, tok_scratch *s, const char *piece, size_t n,
                   const tok_options *options, rng_stream *random, tok_ids *out);
    /* Appends lines that tell how encode comes to its ids; NULL = nothing to tell. */
    void (*explain)(const tokenizer *tok, tok_scratch *s, const char *piece, size_t n, str *out);
    void (*free)(tokenizer *tok);
    bool caches; /* encode is slow enough for the cache of frequent pieces */
} tok_model;

extern const tok_model tok_model_byte, tok_model_char, tok_model_word, tok_model_bpe,
    tok_model_wordpiece, tok_model_unigram;

/* Put together by the reader of a file or by training: type, vocab, parts; then tok_finish. */
struct tokenizer {
    tok_type type;
    const tok_model *model; /* of the type */
    normalizer normalizer;
    splitter splitter;
    decoder decoder;
    specials specials; /* added tokens; those with ids of the model's pieces stand in vocab once */
    tok_ids before, after; /* template: ids around a text where add_special asks for them */
    vocab vocab;        /* every piece by id. byte_level: raw bytes; else as spelled in the file */
    bool byte_level;    /* pieces are bytes, 256 of them single: nothing is unknown */
    bool byte_fallback; /* what is unknown becomes pieces <0x00> to <0xFF>, when all are there */
    bool fuse_unk;      /* neighbouring unknown characters are one unknown token */
    int32_t unk;        /* id of the unknown token, -1 = none */
    /* The model's own part: the one of the type, the others NULL. */
    int32_t *char_offset;        /* char: id - unk of each character code, so that 0 is <unk> */
    struct bpe *bpe;             /* bpe.h */
    struct wordpiece *wordpiece; /* wordpiece.h */
    struct unigram *unigram;     /* unigram.h */
    uint64_t fingerprint;
    tok_scratch_pool *scratch; /* working memory, one per thread that encodes */
};

/* Returns a new empty tokenizer of that type: no parts, unk -1. */
tokenizer *tok_new(tok_type type);
/* Makes tok, put together by a reader called `name`, ready for use; on failure frees it and returns
 * NULL and e. */
tokenizer *tok_finish(tokenizer *tok, const char *name, err *e);

#endif
