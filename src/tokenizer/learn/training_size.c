#include "tokenizer/learn/training_size.h"

#include "tokenizer/parts.h"

#include <inttypes.h>

enum { DEFAULT_SIZE = 8192 }; /* for the types that need one */

int64_t training_vocab_size(const tok_training *how) {
    bool keeps_all = how->type == TOK_BYTE || how->type == TOK_CHAR || how->type == TOK_WORD;
    if (how->vocab_size) return how->vocab_size;
    return keeps_all ? VOCAB_MAX_SIZE : DEFAULT_SIZE;
}

/* The number of different names in how->special, which are checked before the work begins. */
static bool count_special(const tok_training *how, int64_t *n, err *e) {
    *n = 0;
    if (!how->special || !*how->special) return true;
    tokenizer *probe = tok_new(TOK_BYTE);
    bool ok = tok_add_special(probe, how->special, e);
    *n = probe->vocab.size;
    tok_free(probe);
    return ok;
}

bool training_fits(const tok_training *how, int64_t size, int64_t needed, const char *what,
                   err *e) {
    if (needed <= size) return true;
    int64_t all = training_vocab_size(how), special = all - size;
    return err_set(e, ERR_INPUT,
                   "vocab_size %" PRId64 " is too small: %s and %" PRId64
                   " special token%s, %" PRId64,
                   all, what, special, special == 1 ? "" : "s", needed + special);
}

bool training_model_size(const tok_training *how, int64_t *size, err *e) {
    int64_t special;
    if (!count_special(how, &special, e)) return false;
    *size = training_vocab_size(how) - special;
    switch (how->type) {
    case TOK_BYTE:
        return training_fits(how, *size, 256, "byte needs 256 bytes", e);
    case TOK_CHAR:
        return training_fits(how, *size, 2, "char needs " TOK_UNK_PIECE ", 1 character", e);
    case TOK_WORD:
        return training_fits(how, *size, 2, "word needs " TOK_UNK_PIECE ", 1 word", e);
    case TOK_BPE:
        return training_fits(how, *size, 256, "byte-level bpe needs 256 bytes", e);
    default:
        return true; /* depends on the characters of the text: their trainers see to it */
    }
}
