#include "tokenizer/file/write_json.h"
#include "tokenizer/model/bpe.h"
#include "tokenizer/model/unigram.h"
#include "tokenizer/model/wordpiece.h"

#include <string.h>

/* Added tokens that follow all others are not the model's, unless it needs one as unknown. */
static int32_t size_of_model(const tokenizer *tok) {
    if (tok->unigram) return (int32_t)tok->unigram->n;
    int32_t n = tok->vocab.size;
    while (n > 0 && n - 1 != tok->unk && special_of(&tok->specials, n - 1)) n--;
    return n;
}

/* All tokens, the added ones too, as the file spells them, which must be text, each another one. */
static bool spell_all(const tokenizer *tok, vocab *spelled, const char *name, err *e) {
    bool ok = true;
    str text = {0};
    for (int32_t id = 0; ok && id < tok->vocab.size; id++) {
        json_spell(tok, id, &text);
        int32_t first = vocab_add(spelled, text.data, text.len);
        if (first != id)
            ok = err_set(e, ERR_INPUT,
                         "%s: tokens %d and %d are spelled alike, which tokenizer.json cannot hold",
                         name, (int)first, (int)id);
        else if (memchr(text.data, '\0', text.len) ||
                 str_utf8_valid(text.data, text.len) < text.len)
            ok = err_set(e, ERR_INPUT, "%s: token %d is not text, which tokenizer.json cannot hold",
                         name, (int)id);
    }
    str_free(&text);
    return ok;
}

static void write_piece(json_writer *w, const vocab *spelled, int32_t id) {
    size_t n;
    const char *text = vocab_piece(spelled, id, &n);
    json_string(w, text, n);
}

static void write_vocab(json_writer *w, const tokenizer *tok, const vocab *spelled) {
    json_key(w, "vocab");
    json_open(w, '{');
    for (int32_t id = 0, n = size_of_model(tok); id < n; id++) {
        size_t len;
        json_key(w, vocab_piece(spelled, id, &len));
        json_int(w, id);
    }
    json_close(w, '}');
}

static void write_unknown(json_writer *w, const tokenizer *tok, const vocab *spelled) {
    json_key(w, "unk_token");
    if (tok->unk >= 0)
        write_piece(w, spelled, tok->unk);
    else
        json_null(w);
}

/* Byte and char are BPE that merges nothing. */
static void write_merges(json_writer *w, const bpe *b, const vocab *spelled) {
    json_key(w, "merges");
    json_open(w, '[');
    for (size_t i = 0; b && i < b->n; i++) {
        json_open(w, '[');
        write_piece(w, spelled, b->merges[i].left);
        write_piece(w, spelled, b->merges[i].right);
        json_close(w, ']');
    }
    json_close(w, ']');
}

static void write_bpe(json_writer *w, const tokenizer *tok, const vocab *spelled) {
    const bpe *b = tok->bpe;
    json_key(w, "dropout");
    json_null(w);
    write_unknown(w, tok, spelled);
    json_key_string(w, "continuing_subword_prefix", b ? b->continuing_prefix.data : NULL);
    json_key_string(w, "end_of_word_suffix", b ? b->end_suffix.data : NULL);
    json_key_bool(w, "fuse_unk", tok->fuse_unk);
    json_key_bool(w, "byte_fallback", tok->byte_fallback);
    json_key_bool(w, "ignore_merges", b && b->ignore_merges);
    write_vocab(w, tok, spelled);
    write_merges(w, b, spelled);
}

static void write_wordpiece(json_writer *w, const tokenizer *tok, const vocab *spelled) {
    const wordpiece *p = tok->wordpiece;
    write_unknown(w, tok, spelled);
    json_key_string(w, "continuing_subword_prefix", p->prefix.data);
    json_key(w, "max_input_chars_per_word");
    json_int(w, p->longest);
    write_vocab(w, tok, spelled);
}

static void write_wordlevel(json_writer *w, const tokenizer *tok, const vocab *spelled) {
    write_vocab(w, tok, spelled);
    write_unknown(w, tok, spelled);
}

static void write_unigram(json_writer *w, const tokenizer *tok, const vocab *spelled) {
    json_key(w, "unk_id");
    if (tok->unk >= 0)
        json_int(w, tok->unk);
    else
        json_null(w);
    json_key(w, "vocab");
    json_open(w, '[');
    for (int32_t id = 0, n = size_of_model(tok); id < n; id++) {
        json_open(w, '[');
        write_piece(w, spelled, id);
        json_double(w, tok->unigram->scores[id]);
        json_close(w, ']');
    }
    json_close(w, ']');
    json_key_bool(w, "byte_fallback", tok->byte_fallback);
}

bool json_write_model(json_writer *w, const tokenizer *tok, const char *name, err *e) {
    static const struct {
        const char *type;
        void (*write)(json_writer *w, const tokenizer *tok, const vocab *spelled);
    } models[] = {
        [TOK_BYTE] = {"BPE", write_bpe},
        [TOK_CHAR] = {"BPE", write_bpe},
        [TOK_WORD] = {"WordLevel", write_wordlevel},
        [TOK_BPE] = {"BPE", write_bpe},
        [TOK_WORDPIECE] = {"WordPiece", write_wordpiece},
        [TOK_UNIGRAM] = {"Unigram", write_unigram},
    };
    vocab spelled = {0};
    bool ok = spell_all(tok, &spelled, name, e);
    if (ok) {
        json_open_part(w, models[tok->type].type);
        models[tok->type].write(w, tok, &spelled);
        json_close(w, '}');
    }
    vocab_free(&spelled);
    return ok;
}
