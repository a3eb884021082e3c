/* SentencePiece's .model, mapped onto the parts of a tokenizer. */
#include "tokenizer/file/read_lines.h"
#include "tokenizer/file/readers.h"
#include "tokenizer/file/sentencepiece.h"
#include "tokenizer/model/unigram.h"
#include "tokenizer/text/charsmap.h"

#include "base/mem.h"

#include <math.h>
#include <string.h>

/* Whether the map turns all white space into blanks, or nothing. */
static bool maps_white_space(const charsmap *map) {
    static const char spaces[] =
        "\t\n\v\f\r\xC2\x85\u00A0\u1680\u2000\u2001\u2002\u2003\u2004\u2005"
        "\u2006\u2007\u2008\u2009\u200A\u2028\u2029\u202F\u205F\u3000";
    str out = {0};
    charsmap_apply(map, spaces, strlen(spaces), &out);
    bool all = strspn(out.data ? out.data : "", " ") == out.len;
    str_free(&out);
    return all;
}

/* Blanks at the ends go, runs of them become one. */
static bool trim_blanks(tokenizer *tok, const charsmap *map, const char *name, err *e) {
    bool ok = true;
    if (map && maps_white_space(map)) {
        norm_step *strip = normalizer_add(&tok->normalizer, NORM_STRIP);
        strip->left = strip->right = true;
    } else { /* other white space stays */
        ok = normalizer_add_replace(&tok->normalizer, NORM_LEADING_BLANKS, false, "", name, e) &&
             normalizer_add_replace(&tok->normalizer, NORM_TRAILING_BLANKS, false, "", name, e);
    }
    return ok && normalizer_add_replace(&tok->normalizer, NORM_BLANK_RUNS, false, " ", name, e);
}

/* A BPE model looks for user-defined pieces before it merges: they are added tokens here. For a
 * unigram model they are pieces like others, with a score that lets them win. */
static bool is_added(const spm_model *m, const spm_piece *piece) {
    return m->algorithm == SPM_BPE && piece->type == SPM_USER_DEFINED;
}

static bool any_added(const spm_model *m) {
    for (size_t id = 0; id < m->n; id++)
        if (is_added(m, &m->pieces[id])) return true;
    return false;
}

/* Blanks as "▁", and one before the text. Where added tokens cut the text, that must wait until
 * they are found. */
static bool mark_blanks(tokenizer *tok, const spm_model *m, const char *name, err *e) {
    if (m->add_dummy_prefix && any_added(m)) {
        split_step *split = splitter_add(&tok->splitter, SPLIT_METASPACE);
        split->prepend = SPLIT_PREPEND_FIRST;
        str_append(&split->replacement, SPLIT_METASPACE_CHAR, strlen(SPLIT_METASPACE_CHAR));
        return true;
    }
    if (m->add_dummy_prefix) {
        norm_step *prepend = normalizer_add(&tok->normalizer, NORM_PREPEND);
        str_append(&prepend->text, SPLIT_METASPACE_CHAR, strlen(SPLIT_METASPACE_CHAR));
    }
    return normalizer_add_replace(&tok->normalizer, " ", true, SPLIT_METASPACE_CHAR, name, e);
}

static bool make_normalizer(tokenizer *tok, const spm_model *m, const char *name, err *e) {
    charsmap *map = NULL;
    if (m->charsmap.n) {
        if (!(map = charsmap_new(m->charsmap.data, m->charsmap.n, name, e))) return false;
        normalizer_add(&tok->normalizer, NORM_PRECOMPILED)->map = map;
    }
    if (m->remove_extra_whitespaces && !trim_blanks(tok, map, name, e)) return false;
    return mark_blanks(tok, m, name, e);
}

static void make_decoder(tokenizer *tok, const spm_model *m) {
    tok->decoder.kind = DECODE_METASPACE;
    tok->decoder.strip = m->add_dummy_prefix || m->remove_extra_whitespaces;
    str_append(&tok->decoder.space, SPLIT_METASPACE_CHAR, strlen(SPLIT_METASPACE_CHAR));
}

/* The text with blanks for "▁", as it stands where added tokens are looked for. */
static void append_with_blanks(spm_bytes text, str *out) {
    size_t n = strlen(SPLIT_METASPACE_CHAR);
    for (size_t i = 0; i < text.n;) {
        bool blank = text.n - i >= n && memcmp(text.data + i, SPLIT_METASPACE_CHAR, n) == 0;
        str_append(out, blank ? " " : text.data + i, 1);
        i += blank ? n : 1;
    }
}

static void add_token(tokenizer *tok, int32_t id, bool special) {
    size_t len;
    const char *text = vocab_piece(&tok->vocab, id, &len);
    special_token *token = special_add(&tok->specials, id, text, len);
    token->special = special;
    token->normalized = !special;
}

/* Makes piece number `id` a vocabulary entry. */
static bool add_piece(tokenizer *tok, const spm_model *m, int32_t id, const char *name, err *e) {
    const spm_piece *piece = &m->pieces[id];
    str text = {0};
    if (is_added(m, piece))
        append_with_blanks(piece->text, &text);
    else
        str_append(&text, piece->text.data, piece->text.n);
    const char *wrong = vocab_add(&tok->vocab, text.data, text.len) != id ? "is there twice"
                        : piece->type == SPM_UNKNOWN && tok->unk >= 0 ? "is a second unknown piece"
                        : piece->type == SPM_BYTE && byte_of_piece(text.data, text.len) < 0
                            ? "is no byte <0xNN>"
                        : piece->type == SPM_UNUSED && m->algorithm == SPM_BPE
                            ? "is of type unused, which gradus does not know for BPE"
                            : NULL;
    if (wrong)
        err_set(e, ERR_INPUT, "%s: piece %d '%s' %s", name, (int)id,
                quote(text.data, text.len).text, wrong);
    str_free(&text);
    if (wrong) return false;
    if (piece->type == SPM_UNKNOWN) tok->unk = id;
    if (piece->type == SPM_UNKNOWN || piece->type == SPM_CONTROL) add_token(tok, id, true);
    if (is_added(m, piece)) add_token(tok, id, false);
    return true;
}

static bool make_vocab(tokenizer *tok, const spm_model *m, const char *name, err *e) {
    for (size_t id = 0; id < m->n; id++)
        if (!add_piece(tok, m, (int32_t)id, name, e)) return false;
    tok->byte_fallback = m->byte_fallback;
    tok->fuse_unk = true;
    return tok->unk >= 0 || err_set(e, ERR_INPUT, "%s: no unknown piece", name);
}

static int32_t find_control(const tokenizer *tok, const spm_model *m, spm_bytes text) {
    int32_t id = vocab_find(&tok->vocab, text.data, text.n);
    return id >= 0 && m->pieces[id].type == SPM_CONTROL ? id : -1;
}

/* The file does not say what goes around a text; transformers puts <s> before it where there is one
 * (Llama), else </s> behind (T5). */
static void make_template(tokenizer *tok, const spm_model *m) {
    int32_t bos = find_control(tok, m, m->bos), eos = find_control(tok, m, m->eos);
    if (bos >= 0)
        tok_ids_append(&tok->before, bos);
    else if (eos >= 0)
        tok_ids_append(&tok->after, eos);
}

/* A user-defined piece scores as in SentencePiece: better than any other way to cut its bytes. */
static void make_unigram(tokenizer *tok, const spm_model *m) {
    unigram *u = tok->unigram = unigram_new();
    double highest = -INFINITY;
    u->n = m->n;
    u->scores = mem_new(m->n, sizeof *u->scores);
    u->usable = mem_new(m->n, sizeof *u->usable);
    for (size_t id = 0; id < m->n; id++)
        if (m->pieces[id].type == SPM_NORMAL) highest = fmax(highest, m->pieces[id].score);
    for (size_t id = 0; id < m->n; id++) {
        const spm_piece *piece = &m->pieces[id];
        bool wins = piece->type == SPM_USER_DEFINED && highest > -INFINITY;
        u->usable[id] = piece->type == SPM_NORMAL || piece->type == SPM_USER_DEFINED;
        u->scores[id] = wins ? (double)piece->text.n * highest - 0.1 : piece->score;
    }
}

static bool check_known(const spm_model *m, const char *name, err *e) {
    static const char *const algorithms[] = {"?", "unigram", "bpe", "word", "char"};
    bool known = m->algorithm == SPM_UNIGRAM || m->algorithm == SPM_BPE;
    if (!known)
        return err_set(e, ERR_INPUT, "%s: model_type is %s, gradus reads unigram and bpe", name,
                       algorithms[m->algorithm < 0 || m->algorithm > SPM_CHAR ? 0 : m->algorithm]);
    const char *unknown = m->blank_as_suffix       ? "treat_whitespace_as_suffix"
                          : !m->escape_whitespaces ? "escape_whitespaces = false"
                          : m->denormalizes        ? "a denormalizer"
                                                   : NULL;
    return !unknown || err_set(e, ERR_INPUT, "%s: gradus does not know %s", name, unknown);
}

static bool make_parts(tokenizer *tok, const spm_model *m, const char *name, err *e) {
    if (!make_normalizer(tok, m, name, e) || !make_vocab(tok, m, name, e)) return false;
    make_decoder(tok, m);
    make_template(tok, m);
    if (m->algorithm == SPM_UNIGRAM)
        make_unigram(tok, m);
    else
        tok->bpe = spm_merges(m);
    return true;
}

tokenizer *read_sentencepiece(const char *content, size_t n, const char *name, err *e) {
    spm_model m;
    tokenizer *tok = NULL;
    if (!read_fits(n, name, e)) return NULL;
    if (spm_read(&m, content, n, name, e) && check_known(&m, name, e)) {
        tok = tok_new(m.algorithm == SPM_UNIGRAM ? TOK_UNIGRAM : TOK_BPE);
        if (!make_parts(tok, &m, name, e)) {
            tok_free(tok);
            tok = NULL;
        }
    }
    spm_free(&m);
    return tok ? tok_finish(tok, name, e) : NULL;
}
