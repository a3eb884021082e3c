#include "tokenizer/file/readers.h"

#include "tokenizer/file/protobuf.h"
#include "tokenizer/file/sentencepiece.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

/* A message is written byte by byte. */
static void put_varint(str *out, uint64_t value) {
    for (; value >= 0x80; value >>= 7) str_append(out, &(char){(char)(value | 0x80)}, 1);
    str_append(out, &(char){(char)value}, 1);
}

static void put_int(str *out, int number, uint64_t value) {
    put_varint(out, (uint64_t)number << 3 | PROTO_VARINT);
    put_varint(out, value);
}

static void put_bytes(str *out, int number, const char *bytes, size_t n) {
    put_varint(out, (uint64_t)number << 3 | PROTO_BYTES);
    put_varint(out, n);
    str_append(out, bytes, n);
}

static void put_float(str *out, int number, float value) {
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    put_varint(out, (uint64_t)number << 3 | PROTO_FIXED32);
    for (int i = 0; i < 4; i++) str_append(out, &(char){(char)(bits >> 8 * i)}, 1);
}

static void put_piece(str *out, const char *text, float score, spm_type type) {
    str piece = {0};
    put_bytes(&piece, 1, text, strlen(text));
    put_float(&piece, 2, score);
    if (type != SPM_NORMAL) put_int(&piece, 3, type);
    put_bytes(out, 1, piece.data, piece.len);
    str_free(&piece);
}

typedef struct piece {
    const char *text;
    float score;
    spm_type type;
} piece;

static const piece common[] = {
    {"<unk>", 0, SPM_UNKNOWN}, {"<s>", 0, SPM_CONTROL}, {"</s>", 0, SPM_CONTROL}};

typedef struct layout {
    int algorithm;
    bool bytes, dummy_prefix, trims;
} layout;

/* <unk> <s> </s>, with bytes their 256, then the pieces; returns new (free with str_free). */
static str make_file(layout l, const piece *pieces, size_t n) {
    str file = {0}, trainer = {0}, norm = {0};
    for (int i = 0; i < 3; i++) put_piece(&file, common[i].text, common[i].score, common[i].type);
    for (int byte = 0; l.bytes && byte < 256; byte++) {
        char text[] = {'<', '0', 'x', "0123456789ABCDEF"[byte / 16], "0123456789ABCDEF"[byte % 16],
                       '>', 0};
        put_piece(&file, text, 0, SPM_BYTE);
    }
    for (size_t i = 0; i < n; i++)
        put_piece(&file, pieces[i].text, pieces[i].score, pieces[i].type);
    put_int(&trainer, 3, (uint64_t)l.algorithm);
    put_int(&trainer, 35, l.bytes);
    put_bytes(&file, 2, trainer.data, trainer.len);
    put_bytes(&norm, 1, "identity", 8);
    put_int(&norm, 3, l.dummy_prefix);
    put_int(&norm, 4, l.trims);
    put_bytes(&file, 3, norm.data, norm.len);
    str_free(&trainer);
    str_free(&norm);
    return file;
}

static tokenizer *read(const str *file, err *e) {
    return read_sentencepiece(file->data, file->len, "x.model", e);
}

static tokenizer *make(layout l, const piece *pieces, size_t n) {
    err e = {0};
    str file = make_file(l, pieces, n);
    tokenizer *tok = read(&file, &e);
    assert_string_equal(e.message, "");
    str_free(&file);
    return tok;
}
#define MAKE(layout, pieces) make(layout, pieces, sizeof(pieces) / sizeof *(pieces))

/* The pieces of the text, each with a | behind it. */
static void assert_pieces(const tokenizer *tok, const char *text, const char *expected) {
    tok_ids ids = {0};
    str out = {0};
    tok_encode(tok, text, strlen(text), NULL, &ids);
    for (size_t i = 0; i < ids.len; i++) {
        size_t len;
        const char *found = tok_piece(tok, ids.data[i], &len);
        str_append(&out, found, len);
        str_append(&out, "|", 1);
    }
    assert_string_equal(out.len ? out.data : "", expected);
    tok_ids_free(&ids);
    str_free(&out);
}

static const piece words[] = {
    {"▁", -2, SPM_NORMAL}, {"▁he", -3, SPM_NORMAL},  {"llo", -4, SPM_NORMAL},
    {"h", -5, SPM_NORMAL}, {"e", -5, SPM_NORMAL},    {"l", -5, SPM_NORMAL},
    {"o", -5, SPM_NORMAL}, {"hell", -1, SPM_UNUSED}, {"<x>", 0, SPM_USER_DEFINED}};

static void test_unigram(void **state) {
    (void)state;
    tokenizer *tok = MAKE(((layout){SPM_UNIGRAM, false, true, true}), words);
    assert_int_equal(tok_type_of(tok), TOK_UNIGRAM);
    assert_pieces(tok, "  hello   he  ", "▁he|llo|▁he|");
    assert_pieces(tok, "hell<x>o<s>", "▁he|l|l|<x>|o|<unk>|");
    assert_pieces(tok, "", "");
    assert_pieces(tok, "   ", "");
    assert_int_equal(tok_role_id(tok, TOK_BOS), 1);
    tok_ids ids = {0};
    tok_encode(tok, "h", 1, &(tok_options){.add_special = true}, &ids);
    assert_int_equal(ids.len, 3);
    assert_int_equal(ids.data[0], 1);
    tok_ids_free(&ids);
    tok_free(tok);
}

static void test_blanks_stay_where_the_model_keeps_them(void **state) {
    (void)state;
    tokenizer *tok = MAKE(((layout){SPM_UNIGRAM, false, false, false}), words);
    assert_pieces(tok, "he  l", "h|e|▁|▁|l|");
    tok_free(tok);
    tok = MAKE(((layout){SPM_UNIGRAM, false, true, false}), words);
    assert_pieces(tok, " he", "▁|▁he|");
    assert_pieces(tok, "▁he", "▁|▁he|");
    tok_free(tok);
}

/* Scores order the merges, and a pair of equal score is merged at the left first. */
static void test_bpe(void **state) {
    (void)state;
    static const piece pieces[] = {
        {"bd", -1, SPM_NORMAL},  {"ab", -1, SPM_NORMAL},       {"bc", -1, SPM_NORMAL},
        {"abc", -3, SPM_NORMAL}, {"cd", 0, SPM_NORMAL},        {"▁", -9, SPM_NORMAL},
        {"a", -9, SPM_NORMAL},   {"b", -9, SPM_NORMAL},        {"c", -9, SPM_NORMAL},
        {"d", -9, SPM_NORMAL},   {"<x>", 0, SPM_USER_DEFINED}, {"▁a", -4, SPM_NORMAL}};
    tokenizer *tok = MAKE(((layout){SPM_BPE, true, true, false}), pieces);
    assert_int_equal(tok_type_of(tok), TOK_BPE);
    assert_pieces(tok, "abc", "▁|abc|");
    assert_pieces(tok, "abd", "▁|ab|d|");
    assert_pieces(tok, "abcd", "▁|ab|cd|");
    assert_pieces(tok, "bcd a", "▁|b|cd|▁a|");
    assert_pieces(tok, "aé", "▁a|<0xC3>|<0xA9>|");
    assert_pieces(tok, "ab<x>ab", "▁|ab|<x>|ab|");
    tok_free(tok);
}

static void test_every_truncation_is_one_error(void **state) {
    (void)state;
    str file =
        make_file((layout){SPM_UNIGRAM, false, true, true}, words, sizeof words / sizeof *words);
    for (size_t n = 0; n < file.len; n++) {
        err e = {0};
        char *cut = malloc(n + 1);
        memcpy(cut, file.data, n);
        assert_null(read_sentencepiece(cut, n, "x.model", &e));
        assert_int_equal(e.code, ERR_INPUT);
        assert_true(strncmp(e.message, "x.model: ", 9) == 0);
        assert_null(strchr(e.message, '\n'));
        free(cut);
    }
    str_free(&file);
}

static void assert_refused(layout l, piece last, const char *expected) {
    err e = {0};
    str file = make_file(l, &last, 1);
    assert_null(read(&file, &e));
    if (!strstr(e.message, expected)) fail_msg("said: %s", e.message);
    str_free(&file);
}

static void test_refuses_by_name_what_it_does_not_know(void **state) {
    (void)state;
    const layout unigram = {SPM_UNIGRAM, false, true, true}, bpe = {SPM_BPE, false, true, true};
    piece fine = {"a", -1, SPM_NORMAL};
    assert_refused((layout){.algorithm = SPM_WORD}, fine, "model_type is word");
    assert_refused((layout){.algorithm = SPM_CHAR}, fine, "model_type is char");
    assert_refused(unigram, (piece){"<s>", 0, SPM_NORMAL}, "piece 3 '<s>' is there twice");
    assert_refused(unigram, (piece){"?", 0, SPM_UNKNOWN}, "a second unknown piece");
    assert_refused(unigram, (piece){"<0xG0>", 0, SPM_BYTE}, "is no byte");
    assert_refused(unigram, (piece){"", 0, SPM_NORMAL}, "a piece without text");
    assert_refused(unigram, (piece){"\xFF", 0, SPM_NORMAL}, "not UTF-8");
    assert_refused(unigram, (piece){"a", 0.0f / 0.0f, SPM_NORMAL}, "not a finite number");
    assert_refused(unigram, (piece){"a", 0, (spm_type)9}, "unknown type");
    assert_refused(bpe, (piece){"a", 0, SPM_UNUSED}, "of type unused");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_unigram),
        cmocka_unit_test(test_blanks_stay_where_the_model_keeps_them),
        cmocka_unit_test(test_bpe),
        cmocka_unit_test(test_every_truncation_is_one_error),
        cmocka_unit_test(test_refuses_by_name_what_it_does_not_know),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
