/* Learning a tokenizer from texts. */
#ifndef TOKENIZER_TRAINING_H
#define TOKENIZER_TRAINING_H

#include "tokenizer/tokenizer.h"

/* A text in memory or mapped from a file; borrowed. Texts may be larger than memory together: they
 * are read once from beginning to end. */
typedef struct tok_text {
    const char *data;
    size_t size;
} tok_text;

typedef enum tok_normalization {
    TOK_NORMALIZE_DEFAULT, /* nfkc for unigram, lower for word and wordpiece, else none */
    TOK_NORMALIZE_NONE,
    TOK_NORMALIZE_NFC,
    TOK_NORMALIZE_NFKC,
    TOK_NORMALIZE_LOWER /* for wordpiece as BERT uncased: accents go as well */
} tok_normalization;
#define TOK_NORMALIZATION_NAMES "default|none|nfc|nfkc|lower" /* in the order of the enum */

/* What a person sees of it: called now and then by the calling thread with the name of the stage
 * ("counting", "merging") and the share of it that is done, 0 to 1; each stage ends with 1. Returns
 * false to stop the training. */
typedef struct tok_observer {
    bool (*progress)(void *context, const char *stage, double done);
    /* Something that the reader should know, one line. */
    void (*warned)(void *context, const char *message);
    void *context;
} tok_observer;

typedef struct tok_training {
    tok_type type;
    /* Tokens including the special ones; 0 = all (char, word), 8192 (bpe, wordpiece, unigram). Char
     * and word keep the most frequent. A text may give fewer. */
    int64_t vocab_size;
    int64_t min_frequency;     /* char, word: rarer ones are unknown; bpe, wordpiece: rarer pairs do
                                  not merge; 0 = 1 */
    double character_coverage; /* share of the text's characters that get a token of their own; the
                                  rarest others are unknown or bytes; 0 = 1, for unigram 0.9995 */
    bool byte_fallback;        /* unigram: 256 tokens <0x00> to <0xFF> for what is unknown */
    tok_normalization normalize;
    const char *special; /* "NAME,NAME,...": special tokens after all others; may be NULL */
    size_t memory;       /* bytes that counting may take; 0 = 2 GiB */
    const tok_observer *observer; /* may be NULL */
} tok_training;

/* Learns from the texts, all threads, the same result at any number:
 *   byte       the 256 bytes, whatever the texts;
 *   char       their characters in code-point order, <unk> last; bytes that are not UTF-8 are
 *              tokens <0xE9>;
 *   word       lower-cased words and single punctuation marks by falling count, then by bytes;
 *              <unk> is id 0;
 *   bpe        byte-level BPE split as GPT-2 does; of pairs equally frequent the one with the
 *              smaller left, then right id merges first (Sennrich et al. 2016; as HF tokenizers);
 *   wordpiece  [UNK] is id 0, characters, then merges as in bpe, continuations "##ing" (BERT);
 *   unigram    <unk> is id 0, pieces by falling score, "▁" for a blank (Kudo 2018; SentencePiece).
 * Returns new (free with tok_free), or NULL and e; ERR_INTERRUPTED where the observer stopped it.
 */
tokenizer *tok_train(const tok_training *how, const tok_text *texts, size_t n_texts, err *e);

#endif
