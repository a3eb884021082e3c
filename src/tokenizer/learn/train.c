#include "tokenizer/training.h"

#include "tokenizer/learn/trainers.h"
#include "tokenizer/learn/training_observer.h"
#include "tokenizer/learn/training_size.h"

#include <inttypes.h>

static bool check_settings(const tok_training *how, err *e) {
    if (how->vocab_size < 0 || how->vocab_size > VOCAB_MAX_SIZE)
        return err_set(e, ERR_USAGE, "vocab_size is %" PRId64 ", expected 0 (default) to %d",
                       how->vocab_size, VOCAB_MAX_SIZE);
    if (how->min_frequency < 0)
        return err_set(e, ERR_USAGE, "min_frequency is %" PRId64 ", expected 0 or more",
                       how->min_frequency);
    if (!(how->character_coverage >= 0 && how->character_coverage <= 1))
        return err_set(e, ERR_USAGE, "character_coverage is %g, expected a share from 0 to 1",
                       how->character_coverage);
    return true;
}

static bool train_byte(tokenizer *tok) {
    for (int byte = 0; byte < 256; byte++) vocab_add(&tok->vocab, &(char){(char)byte}, 1);
    return true;
}

static bool train_model(tokenizer *tok, const tok_training *how, const counted_pieces *c,
                        int64_t size, err *e) {
    switch (how->type) {
    case TOK_CHAR:
        return train_char(tok, how, c, size, e);
    case TOK_WORD:
        return train_word(tok, how, c, size, e);
    case TOK_BPE:
        return train_bpe(tok, how, c, size, e);
    case TOK_WORDPIECE:
        return train_wordpiece(tok, how, c, size, e);
    case TOK_UNIGRAM:
        return train_unigram(tok, how, c, size, e);
    default:
        return false;
    }
}

static bool count_and_train(tokenizer *tok, const tok_training *how, const tok_text *texts,
                            size_t n_texts, int64_t size, err *e) {
    if (how->type == TOK_BYTE) return train_byte(tok);
    counted_pieces counted;
    bool ok = count_pieces(&counted, tok, how, texts, n_texts, e);
    if (ok && counted.n == 0) ok = err_set(e, ERR_INPUT, "the texts hold nothing to learn from");
    ok = ok && train_model(tok, how, &counted, size, e);
    counted_free(&counted);
    bool fills = how->type == TOK_BPE || how->type == TOK_WORDPIECE || how->type == TOK_UNIGRAM;
    if (ok && fills && tok->vocab.size < size)
        training_warn(how, "the texts give only %" PRId64 " tokens of the %" PRId64 " asked for",
                      training_vocab_size(how) - size + tok->vocab.size, training_vocab_size(how));
    return ok;
}

tokenizer *tok_train(const tok_training *how, const tok_text *texts, size_t n_texts, err *e) {
    int64_t size;
    if (!check_settings(how, e) || !training_model_size(how, &size, e)) return NULL;
    tokenizer *tok = tok_new(how->type);
    bool has_special = how->special && *how->special;
    if (training_parts(tok, how, e) && count_and_train(tok, how, texts, n_texts, size, e) &&
        (!has_special || tok_add_special(tok, how->special, e)))
        return tok_finish(tok, "the texts", e);
    tok_free(tok);
    return NULL;
}
