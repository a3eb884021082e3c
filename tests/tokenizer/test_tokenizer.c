#include "tokenizer/tokenizer.h"

#include "base/file.h"
#include "base/rng.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define COUNT(a) (sizeof(a) / sizeof *(a))

static char folder[] = "/tmp/gradus-tokenizer-XXXXXX";
static char path[sizeof folder + 16];

static int make_folder(void **state) {
    (void)state;
    if (!mkdtemp(folder)) return -1;
    snprintf(path, sizeof path, "%s/tok.json", folder);
    return 0;
}

static int remove_folder(void **state) {
    (void)state;
    unlink(path);
    return rmdir(folder);
}

static tokenizer *trained(tok_type type, const char *text, size_t n, int64_t min_count) {
    err e = {0};
    tokenizer *tok = tok_train(type, text, n, min_count, &e);
    assert_string_equal(e.message, "");
    assert_non_null(tok);
    return tok;
}

/* The pieces of the text, each with a | behind it. */
static void assert_pieces(const tokenizer *tok, const char *text, const char *expected) {
    tok_ids ids = {0};
    str out = {0};
    tok_encode(tok, text, strlen(text), &ids);
    for (size_t i = 0; i < ids.len; i++) {
        tok_printable(tok, ids.data[i], &out);
        str_append(&out, "|", 1);
    }
    assert_string_equal(out.data, expected);
    tok_ids_free(&ids);
    str_free(&out);
}

static void assert_decoded(const tokenizer *tok, const char *text, const char *expected) {
    tok_ids ids = {0};
    str out = {0};
    tok_encode(tok, text, strlen(text), &ids);
    tok_decode(tok, ids.data, ids.len, &out);
    assert_string_equal(out.data, expected);
    tok_ids_free(&ids);
    str_free(&out);
}

static void append_random(str *out, rng_stream *s) {
    static const char *const pieces[] = {"é", "Ж",  "你好", "😀",     "'",    "’",        "(",
                                         "“", "\n", " ",    "don't", "\xC3", "\xF0\x9F", "Ünï"};
    for (uint32_t i = rng_next_below(s, 24); i > 0; i--) {
        if (rng_next_below(s, 3) == 0) {
            const char *piece = pieces[rng_next_below(s, COUNT(pieces))];
            str_append(out, piece, strlen(piece));
        } else {
            str_append(out, &(char){(char)rng_next_below(s, 256)}, 1);
        }
    }
    str_append(out, "\n", 1);
}

enum { N_RANDOM = 10000 };

/* N_RANDOM random byte strings that end with a newline, one behind the other; start[i] .. start[i +
 * 1] is the i-th. */
static str random_strings(size_t start[N_RANDOM + 1]) {
    rng_stream s = {.key = rng_from_seed(7)};
    str all = {0};
    for (int i = 0; i < N_RANDOM; i++) {
        start[i] = all.len;
        append_random(&all, &s);
    }
    start[N_RANDOM] = all.len;
    return all;
}

static void test_byte_and_char_restore_any_text(void **state) {
    (void)state;
    static size_t start[N_RANDOM + 1];
    str all = random_strings(start), out = {0};
    tok_ids ids = {0};
    for (int type = TOK_BYTE; type <= TOK_CHAR; type++) {
        tokenizer *tok = trained((tok_type)type, all.data, all.len, 1);
        for (int i = 0; i < N_RANDOM; i++) {
            size_t n = start[i + 1] - start[i];
            ids.len = out.len = 0;
            tok_encode(tok, all.data + start[i], n, &ids);
            tok_decode(tok, ids.data, ids.len, &out);
            assert_int_equal(out.len, n);
            assert_memory_equal(out.data, all.data + start[i], n);
        }
        tok_free(tok);
    }
    tok_ids_free(&ids);
    str_free(&out);
    str_free(&all);
}

static void test_decoded_words_encode_to_the_same_ids(void **state) {
    (void)state;
    static size_t start[N_RANDOM + 1];
    str all = random_strings(start), out = {0};
    tok_ids ids = {0}, again = {0};
    tokenizer *tok = trained(TOK_WORD, all.data, all.len, 1);
    for (int i = 0; i < N_RANDOM; i++) {
        ids.len = again.len = out.len = 0;
        tok_encode(tok, all.data + start[i], start[i + 1] - start[i], &ids);
        tok_decode(tok, ids.data, ids.len, &out);
        tok_encode(tok, out.data, out.len, &again);
        assert_int_equal(again.len, ids.len);
        assert_memory_equal(again.data, ids.data, ids.len * sizeof *ids.data);
        for (size_t j = 0; j < ids.len; j++) assert_int_not_equal(ids.data[j], 0);
    }
    tok_free(tok);
    tok_ids_free(&ids);
    tok_ids_free(&again);
    str_free(&out);
    str_free(&all);
}

static void test_byte_ids_are_the_bytes(void **state) {
    (void)state;
    tokenizer *tok = trained(TOK_BYTE, "", 0, 1);
    tok_ids ids = {0};
    tok_encode(tok, "\0a\xFF", 3, &ids);
    assert_int_equal(tok_vocab_size(tok), 256);
    assert_int_equal(ids.len, 3);
    assert_memory_equal(ids.data, ((int32_t[]){0, 97, 255}), 3 * sizeof(int32_t));
    tok_ids_free(&ids);
    tok_free(tok);
}

static void test_char_vocabulary_is_in_code_point_order(void **state) {
    (void)state;
    static const char *const pieces[] = {"\n", "A", "b", "é", "Ж", "你", "😀", "\xE9", "<unk>"};
    static const char text[] = "你bbA\n😀Жé\xE9";
    tokenizer *tok = trained(TOK_CHAR, text, strlen(text), 1);
    assert_int_equal(tok_vocab_size(tok), COUNT(pieces));
    for (int32_t id = 0; id < (int32_t)COUNT(pieces); id++) {
        size_t len;
        assert_string_equal(tok_piece(tok, id, &len), pieces[id]);
        assert_int_equal(len, strlen(pieces[id]));
        assert_int_equal(tok_find(tok, pieces[id], len), id);
    }
    assert_pieces(tok, "bé?\xE9\xE8ж\n", "b|é|<unk>|\\xE9|<unk>|<unk>|\\n|");
    assert_int_equal(tok_find(tok, "c", 1), -1);
    assert_int_equal(tok_find(tok, "", 0), -1);
    tok_free(tok);
}

static void test_word_splits_text(void **state) {
    (void)state;
    static const struct {
        const char *text, *pieces;
    } cases[] = {
        {"The king's men DON'T, won't!", "the|king's|men|don't|,|won't|!|"},
        {"'tis the dogs' bone''s", "'|tis|the|dogs|'|bone|'|'|s|"},
        {"it’s “so”", "it’s|“|so|”|"},
        {"a\t b\r\n\n c\v\fd", "a|b|\\n|\\n|c|d|"},
        {"3.14 e-mail snake_case", "3|.|14|e|-|mail|snake|_|case|"},
        {"ÉCOLE Straße ŁÓDŹ Ÿ", "école|straße|łódź|ÿ|"},
        {"ΆΛΦΑ ΏΜΕΓΑ ЁЖИК ҐАНОК", "άλφα|ώμεγα|ёжик|ґанок|"},
        {"a\xC2\xA0"
         "b\xE3\x80\x80你好。x×y—z",
         "a|b|你好|。|x|×|y|—|z|"},
        {"caf\xE9!\x01", "caf|\\xE9|!|\\x01|"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        tokenizer *tok = trained(TOK_WORD, cases[i].text, strlen(cases[i].text), 1);
        assert_pieces(tok, cases[i].text, cases[i].pieces);
        tok_free(tok);
    }
}

/* Training checks that each piece, alone, is that piece again: so small letters stay small. */
static void test_word_takes_every_character(void **state) {
    (void)state;
    str text = {0};
    for (uint32_t code = 0x80; code < 0x110000; code++) {
        char utf8[5] = {(char)(0xF0 | code >> 18), (char)(0x80 | (code >> 12 & 0x3F)),
                        (char)(0x80 | (code >> 6 & 0x3F)), (char)(0x80 | (code & 0x3F)), ' '};
        int skip = code < 0x800 ? 2 : code < 0x10000 ? 1 : 0;
        if (skip == 2) utf8[2] = (char)(0xC0 | code >> 6);
        if (skip == 1) utf8[1] = (char)(0xE0 | code >> 12);
        str_append(&text, utf8 + skip, (size_t)(5 - skip));
    }
    tok_free(trained(TOK_WORD, text.data, text.len, 1));
    str_free(&text);
}

static void test_word_vocabulary_is_by_count_then_bytes(void **state) {
    (void)state;
    static const char *const pieces[] = {"<unk>", "c", "a", "ab", "b"};
    static const char text[] = "c ab b C a ab d b a c e";
    tokenizer *tok = trained(TOK_WORD, text, strlen(text), 2);
    assert_int_equal(tok_vocab_size(tok), COUNT(pieces));
    for (int32_t id = 0; id < (int32_t)COUNT(pieces); id++) {
        size_t len;
        assert_string_equal(tok_piece(tok, id, &len), pieces[id]);
    }
    assert_pieces(tok, "a d c", "a|<unk>|c|");
    tok_free(tok);
}

static void test_words_are_joined_as_one_writes_them(void **state) {
    (void)state;
    static const char text[] =
        "So , he said : \" no ( really ) ; [ a ] { b } 5 % ! \" \n  \n Why ? dogs ' « oui » .";
    tokenizer *tok = trained(TOK_WORD, text, strlen(text), 1);
    assert_decoded(tok, text, "so, he said: \" no (really); [a] {b} 5%! \"\n\nwhy? dogs' «oui».");
    tok_free(tok);
}

static void test_printable(void **state) {
    (void)state;
    tokenizer *tok = trained(TOK_BYTE, "", 0, 1);
    str out = {0};
    for (const char *c = "\na\t \\\xE9\x7F~"; *c; c++) tok_printable(tok, (unsigned char)*c, &out);
    tok_printable(tok, 0, &out);
    assert_string_equal(out.data, "\\na\\t \\\\\\xE9\\x7F~\\x00");
    str_free(&out);
    tok_free(tok);
}

static void test_no_text_is_a_text(void **state) {
    (void)state;
    for (int type = TOK_BYTE; type <= TOK_WORD; type++) {
        tokenizer *tok = trained((tok_type)type, NULL, 0, 1);
        tok_ids ids = {0};
        str out = {0};
        tok_encode(tok, NULL, 0, &ids);
        tok_decode(tok, NULL, 0, &out);
        assert_int_equal(ids.len + out.len, 0);
        assert_int_equal(tok_vocab_size(tok), type == TOK_BYTE ? 256 : 1);
        tok_free(tok);
    }
}

static void test_encode_and_decode_append(void **state) {
    (void)state;
    tokenizer *tok = trained(TOK_CHAR, "ab", 2, 1);
    tok_ids ids = {0};
    str out = {0};
    tok_ids_append(&ids, 1);
    tok_encode(tok, "ab", 2, &ids);
    assert_int_equal(ids.len, 3);
    str_append(&out, "x", 1);
    tok_decode(tok, ids.data, ids.len, &out);
    assert_string_equal(out.data, "xbab");
    tok_ids_free(&ids);
    str_free(&out);
    tok_free(tok);
}

static void assert_equal_tokenizers(const tokenizer *a, const tokenizer *b) {
    assert_int_equal(tok_type_of(a), tok_type_of(b));
    assert_int_equal(tok_vocab_size(a), tok_vocab_size(b));
    assert_true(tok_fingerprint(a) == tok_fingerprint(b));
    for (int32_t id = 0; id < tok_vocab_size(a); id++) {
        size_t len_a, len_b;
        const char *piece_a = tok_piece(a, id, &len_a), *piece_b = tok_piece(b, id, &len_b);
        assert_int_equal(len_a, len_b);
        assert_memory_equal(piece_a, piece_b, len_a + 1);
        assert_int_equal(tok_find(b, piece_a, len_a), id);
    }
}

static void test_what_is_saved_is_loaded(void **state) {
    (void)state;
    static const char text[] = "To \"be\", or not\\ to be?\n\tdon't \0 \x7F é \xE9\xFF 你 ";
    for (int type = TOK_BYTE; type <= TOK_WORD; type++) {
        err e = {0};
        tokenizer *tok = trained((tok_type)type, text, sizeof text - 1, 1);
        assert_true(tok_save(tok, path, &e));
        tokenizer *loaded = tok_load(path, &e);
        assert_string_equal(e.message, "");
        assert_equal_tokenizers(tok, loaded);
        tok_ids a = {0}, b = {0};
        tok_encode(tok, text, sizeof text - 1, &a);
        tok_encode(loaded, text, sizeof text - 1, &b);
        assert_int_equal(a.len, b.len);
        assert_memory_equal(a.data, b.data, a.len * sizeof *a.data);
        tok_ids_free(&a);
        tok_ids_free(&b);
        tok_free(tok);
        tok_free(loaded);
    }
}

static void test_the_file_is_as_described(void **state) {
    (void)state;
    err e = {0};
    file_map file;
    tokenizer *tok = trained(TOK_CHAR, "b\né\xE9", 5, 3);
    assert_true(tok_save(tok, path, &e));
    assert_true(file_open_map(&file, path, &e));
    static const char expected[] = "{\"type\":\"char\",\"version\":1,\"min_count\":3,"
                                   "\"vocab\":[\"\\n\",\"b\",\"é\",{\"bytes\":\"e9\"},\"<unk>\"]}";
    assert_int_equal(file.size, strlen(expected));
    assert_memory_equal(file.data, expected, file.size);
    file_close_map(&file);
    tok_free(tok);
}

static void test_fingerprints_differ(void **state) {
    (void)state;
    tokenizer *all[] = {trained(TOK_BYTE, "a", 1, 1),   trained(TOK_CHAR, "a", 1, 1),
                        trained(TOK_CHAR, "b", 1, 1),   trained(TOK_CHAR, "ab", 2, 1),
                        trained(TOK_WORD, "a b", 3, 1), trained(TOK_WORD, "ab", 2, 1),
                        trained(TOK_WORD, "ac", 2, 1),  trained(TOK_WORD, "b b a", 5, 1),
                        trained(TOK_CHAR, "", 0, 1)};
    for (size_t i = 0; i < COUNT(all); i++)
        for (size_t j = 0; j < i; j++)
            assert_true(tok_fingerprint(all[i]) != tok_fingerprint(all[j]));
    for (size_t i = 0; i < COUNT(all); i++) tok_free(all[i]);
}

static void assert_refused(const char *json, size_t n, const char *message) {
    err e = {0};
    assert_null(tok_parse(json, n, "x.json", &e));
    assert_int_equal(e.code, ERR_INPUT);
    if (message)
        assert_string_equal(e.message, message);
    else
        assert_ptr_equal(strstr(e.message, "x.json: "), e.message);
    assert_null(strchr(e.message, '\n'));
}

static void test_corrupt_files_are_refused(void **state) {
    (void)state;
#define CHAR "{\"type\":\"char\",\"version\":1,\"min_count\":1"
#define WORD "{\"type\":\"word\",\"version\":1,\"min_count\":1"
    static const struct {
        const char *json, *message;
    } cases[] = {
        {"", "x.json: broken JSON at byte 0"},
        {CHAR ",\"vocab\":[\"<unk>\"]} x", "x.json: broken JSON at byte 60"},
        {"[1]", "x.json: not a tokenizer: no \"type\""},
        {"{\"type\":7}", "x.json: not a tokenizer: no \"type\""},
        {"{\"type\":\"b\\npe\"}", "x.json: tokenizer type 'b pe' is not one of byte|char|word"},
        {"{\"type\":\"char\"}", "x.json: \"version\" is not a whole number from 1 to 1"},
        {"{\"type\":\"char\",\"version\":2}",
         "x.json: \"version\" is not a whole number from 1 to 1"},
        {"{\"type\":\"char\",\"version\":1,\"min_count\":0.5}",
         "x.json: \"min_count\" is not a whole number from 1 to 9007199254740992"},
        {"{\"type\":\"char\",\"version\":1,\"min_count\":1e99}",
         "x.json: \"min_count\" is not a whole number from 1 to 9007199254740992"},
        {CHAR "}", "x.json: no list \"vocab\""},
        {CHAR ",\"vocab\":{\"a\":1}}", "x.json: no list \"vocab\""},
        {CHAR ",\"vocab\":[]}", "x.json: vocab does not end with <unk>"},
        {CHAR ",\"vocab\":[\"<unk>\",\"a\"]}", "x.json: vocab does not end with <unk>"},
        {CHAR ",\"vocab\":[\"a\",\"bc\",\"<unk>\"]}", "x.json: vocab entry 1 is not one character"},
        {CHAR ",\"vocab\":[\"a\",\"a\",\"<unk>\"]}",
         "x.json: vocab entry 1 repeats an earlier one"},
        {CHAR ",\"vocab\":[\"a\",{\"bytes\":\"61\"}]}",
         "x.json: vocab entry 1 repeats an earlier one"},
        {CHAR ",\"vocab\":[\"\",\"<unk>\"]}", "x.json: vocab entry 0 is no text"},
        {CHAR ",\"vocab\":[\"a\",3]}", "x.json: vocab entry 1 is no text"},
        {CHAR ",\"vocab\":[\"\xE9\"]}", "x.json: vocab entry 0 is no text"},
        {CHAR ",\"vocab\":[{\"bytes\":\"e\"}]}", "x.json: vocab entry 0 is no text"},
        {CHAR ",\"vocab\":[{\"bytes\":\"xy\"}]}", "x.json: vocab entry 0 is no text"},
        {CHAR ",\"vocab\":[{\"bytes\":\"\"}]}", "x.json: vocab entry 0 is no text"},
        {CHAR ",\"vocab\":[{\"hex\":\"e9\"}]}", "x.json: vocab entry 0 is no text"},
        {WORD ",\"vocab\":[]}", "x.json: vocab does not begin with <unk>"},
        {WORD ",\"vocab\":[\"a\",\"<unk>\"]}", "x.json: vocab does not begin with <unk>"},
        {WORD ",\"vocab\":[\"<unk>\",\"a\",\"b c\"]}", "x.json: vocab entry 2 is not one word"},
        {WORD ",\"vocab\":[\"<unk>\",\"King\"]}", "x.json: vocab entry 1 is not one word"},
        {WORD ",\"vocab\":[\"<unk>\",\" \"]}", "x.json: vocab entry 1 is not one word"},
        {"{\"type\":\"byte\",\"version\":1,\"min_count\":1,\"vocab\":[\"a\"]}",
         "x.json: vocab is not the 256 bytes in order"},
    };
    for (size_t i = 0; i < COUNT(cases); i++)
        assert_refused(cases[i].json, strlen(cases[i].json), cases[i].message);
    assert_refused(CHAR "\0}", sizeof CHAR "\0}", "x.json: not a tokenizer: holds a zero byte");
}

static void test_byte_vocabulary_has_no_extra_entry(void **state) {
    (void)state;
    str json = {0};
    str_printf(&json, "{\"type\":\"byte\",\"version\":1,\"min_count\":1,\"vocab\":[");
    for (int byte = 0; byte < 256; byte++) str_printf(&json, "{\"bytes\":\"%02x\"},", byte);
    str_printf(&json, "\"ab\"]}");
    assert_refused(json.data, json.len, "x.json: vocab is not the 256 bytes in order");
    str_free(&json);
}

static void test_truncated_and_missing_files_are_refused(void **state) {
    (void)state;
    err e = {0}, missing = {0};
    file_map file;
    tokenizer *tok = trained(TOK_WORD, "to be \xE9 or not", 14, 1);
    assert_true(tok_save(tok, path, &e));
    assert_true(file_open_map(&file, path, &e));
    for (size_t n = 0; n < file.size; n++) assert_refused(file.data, n, NULL);
    file_close_map(&file);
    tok_free(tok);
    unlink(path);
    assert_null(tok_load(path, &missing));
    assert_int_equal(missing.code, ERR_INPUT);
    assert_ptr_equal(strstr(missing.message, path), missing.message);
}

static void test_unwritable_path_and_bad_min_count_are_refused(void **state) {
    (void)state;
    err e = {0}, f = {0};
    tokenizer *tok = trained(TOK_CHAR, "a", 1, 1);
    assert_false(tok_save(tok, "/nowhere/tok.json", &e));
    assert_int_equal(e.code, ERR_INPUT);
    tok_free(tok);
    assert_null(tok_train(TOK_WORD, "a", 1, 0, &f));
    assert_string_equal(f.message, "min_count is 0, it must be 1 or more");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_byte_and_char_restore_any_text),
        cmocka_unit_test(test_decoded_words_encode_to_the_same_ids),
        cmocka_unit_test(test_byte_ids_are_the_bytes),
        cmocka_unit_test(test_char_vocabulary_is_in_code_point_order),
        cmocka_unit_test(test_word_splits_text),
        cmocka_unit_test(test_word_takes_every_character),
        cmocka_unit_test(test_word_vocabulary_is_by_count_then_bytes),
        cmocka_unit_test(test_words_are_joined_as_one_writes_them),
        cmocka_unit_test(test_printable),
        cmocka_unit_test(test_no_text_is_a_text),
        cmocka_unit_test(test_encode_and_decode_append),
        cmocka_unit_test(test_what_is_saved_is_loaded),
        cmocka_unit_test(test_the_file_is_as_described),
        cmocka_unit_test(test_fingerprints_differ),
        cmocka_unit_test(test_corrupt_files_are_refused),
        cmocka_unit_test(test_byte_vocabulary_has_no_extra_entry),
        cmocka_unit_test(test_truncated_and_missing_files_are_refused),
        cmocka_unit_test(test_unwritable_path_and_bad_min_count_are_refused),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
