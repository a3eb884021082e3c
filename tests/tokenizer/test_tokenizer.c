#include "tokenizer/parts.h"

#include "base/array.h"
#include "base/rng.h"
#include "tokenizer/training.h"
#include "tokenizer_files.h"
#include "tokenizer_parts.h"

#include <stdlib.h>
#include <string.h>

static tokenizer *trained_with(const tok_training *how, const char *text, size_t n) {
    err e = {0};
    tokenizer *tok = tok_train(how, &(tok_text){text, n}, 1, &e);
    assert_string_equal(e.message, "");
    assert_non_null(tok);
    return tok;
}

static tokenizer *trained(tok_type type, const char *text) {
    return trained_with(&(tok_training){.type = type}, text, strlen(text));
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
        tokenizer *tok = trained_with(&(tok_training){.type = (tok_type)type}, all.data, all.len);
        for (int i = 0; i < N_RANDOM; i++) {
            size_t n = start[i + 1] - start[i];
            ids.len = out.len = 0;
            tok_encode(tok, all.data + start[i], n, NULL, &ids);
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
    for (size_t i = 0; i < all.len; i++) all.data[i] = all.data[i] ? all.data[i] : ' ';
    tokenizer *tok = trained_with(&(tok_training){.type = TOK_WORD}, all.data, all.len);
    for (int i = 0; i < N_RANDOM; i++) {
        size_t n = str_utf8_valid(all.data + start[i], start[i + 1] - start[i]);
        ids.len = again.len = out.len = 0;
        tok_encode(tok, all.data + start[i], n, NULL, &ids);
        tok_decode(tok, ids.data, ids.len, &out);
        tok_encode(tok, out.data, out.len, NULL, &again);
        assert_int_equal(again.len, ids.len);
        if (ids.len) assert_memory_equal(again.data, ids.data, ids.len * sizeof *ids.data);
    }
    tok_free(tok);
    tok_ids_free(&ids);
    tok_ids_free(&again);
    str_free(&out);
    str_free(&all);
}

static void test_byte_ids_are_the_bytes(void **state) {
    (void)state;
    tokenizer *tok = trained(TOK_BYTE, "a");
    tok_ids ids = {0};
    tok_encode(tok, "\0a\xFF", 3, NULL, &ids);
    assert_int_equal(tok_vocab_size(tok), 256);
    assert_int_equal(tok_unknown(tok), -1);
    assert_int_equal(ids.len, 3);
    assert_memory_equal(ids.data, ((int32_t[]){0, 97, 255}), 3 * sizeof(int32_t));
    tok_ids_free(&ids);
    tok_free(tok);
}

/* A new tokenizer of these pieces; NULL and the message where that is refused. */
static tokenizer *char_tokenizer(const char *const *pieces, int32_t unk, err *e) {
    tokenizer *tok = tok_new(TOK_CHAR);
    tok->unk = unk;
    for (; *pieces; pieces++) vocab_append(&tok->vocab, *pieces, strlen(*pieces));
    return tok_finish(tok, "x.json", e);
}

static void test_char_pieces_spell_lone_bytes(void **state) {
    (void)state;
    err e = {0};
    tokenizer *tok =
        char_tokenizer((const char *[]){"<0xE9>", "?", "é", "<0x00>", "b", NULL}, 1, &e);
    tok_ids ids = {0};
    str out = {0};
    tok_encode(tok, "b\xE9é\0x?", 7, NULL, &ids);
    assert_int_equal(ids.len, 6);
    assert_memory_equal(ids.data, ((int32_t[]){4, 0, 2, 3, 1, 1}), 6 * sizeof(int32_t));
    tok_decode(tok, ids.data, 4, &out);
    assert_int_equal(out.len, 5);
    assert_memory_equal(out.data, "b\xE9é\0", 5);
    tok_free(tok);
    tok = char_tokenizer((const char *[]){"a", "b", NULL}, -1, &e);
    assert_pieces(tok, "a?b\xE9", "a|b|"); /* nothing stands for what is unknown */
    tok_free(tok);
    tok_ids_free(&ids);
    str_free(&out);
}

static void test_wrong_vocabularies_are_refused(void **state) {
    (void)state;
    static const struct {
        const char *pieces[3];
        int32_t unk;
        const char *message;
    } wrong[] = {
        {{NULL}, -1, "x.json: the vocabulary is empty"},
        {{"a", "bc", NULL}, -1, "x.json: vocab entry 1 is not one character"},
        {{"a", "", NULL}, -1, "x.json: vocab entry 1 is not one character"},
        {{"a", "a", NULL}, -1, "x.json: vocab entry 1 repeats an earlier one"},
        {{"a", "b", NULL}, 2, "x.json: the unknown token's id 2 is outside a vocabulary of 2"},
    };
    for (size_t i = 0; i < COUNT(wrong); i++) {
        err e = {0};
        assert_null(char_tokenizer(wrong[i].pieces, wrong[i].unk, &e));
        assert_int_equal(e.code, ERR_INPUT);
        assert_string_equal(e.message, wrong[i].message);
    }
    err e = {0};
    tokenizer *tok = tok_new(TOK_BYTE);
    vocab_add(&tok->vocab, "a", 1);
    assert_null(tok_finish(tok, "x.json", &e));
    assert_string_equal(e.message, "x.json: vocab does not begin with the 256 bytes in order");
    err f = {0};
    tok = tok_new(TOK_WORD);
    vocab_add(&tok->vocab, "a", 1);
    tok_ids_append(&tok->before, 1);
    assert_null(tok_finish(tok, "x.json", &f));
    assert_string_equal(f.message, "x.json: the template's id 1 is outside a vocabulary of 1");
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
        {"a\u00A0b\u3000你好。x×y—z", "a|b|你好|。|x|×|y|—|z|"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        tokenizer *tok = trained(TOK_WORD, cases[i].text);
        assert_pieces(tok, cases[i].text, cases[i].pieces);
        tok_free(tok);
    }
}

static void test_word_vocabulary_knows_its_pieces_alone(void **state) {
    (void)state;
    tokenizer *tok = trained(TOK_WORD, "c ab b C a ab");
    err e = {0};
    assert_true(tok_add_special(tok, "zz,a.b", &e));
    assert_pieces(tok, "a d c a.b zz", "a|<unk>|c|a|<unk>|b|<unk>|");
    tok_free(tok);
}

static void test_words_are_joined_as_one_writes_them(void **state) {
    (void)state;
    static const char text[] =
        "So , he said : \" no ( really ) ; [ a ] { b } 5 % ! \" \n  \n Why ? dogs ' « oui » .";
    tokenizer *tok = trained(TOK_WORD, text);
    assert_decodes(tok, text, "so, he said: \" no (really); [a] {b} 5%! \"\n\nwhy? dogs' «oui».");
    tok_free(tok);
}

static void test_printable(void **state) {
    (void)state;
    tokenizer *tok = trained(TOK_BYTE, "a");
    str out = {0};
    for (const char *c = "\na\t \\\xE9\x7F~"; *c; c++) tok_printable(tok, (unsigned char)*c, &out);
    tok_printable(tok, 0, &out);
    assert_string_equal(out.data, "\\na\\t \\\\\\xE9\\x7F~\\x00");
    str_free(&out);
    tok_free(tok);
    tok = trained(TOK_CHAR, "\xE9");
    assert_pieces(tok, "\xE9?", "\\xE9|<unk>|");
    tok_free(tok);
}

static void test_no_text_is_a_text(void **state) {
    (void)state;
    for (int type = TOK_BYTE; type <= TOK_WORD; type++) {
        tokenizer *tok = trained((tok_type)type, "a");
        tok_ids ids = {0};
        str out = {0};
        tok_encode(tok, NULL, 0, NULL, &ids);
        tok_decode(tok, NULL, 0, &out);
        assert_int_equal(ids.len + out.len, 0);
        tok_free(tok);
    }
}

static void test_encode_and_decode_append(void **state) {
    (void)state;
    tokenizer *tok = trained(TOK_CHAR, "ab");
    tok_ids ids = {0};
    str out = {0};
    tok_ids_append(&ids, 1);
    tok_encode(tok, "ab", 2, NULL, &ids);
    assert_int_equal(ids.len, 3);
    str_append(&out, "x", 1);
    tok_decode(tok, ids.data, ids.len, &out);
    assert_string_equal(out.data, "xbab");
    tok_ids_free(&ids);
    str_free(&out);
    tok_free(tok);
}

static void test_special_tokens_are_added_once(void **state) {
    (void)state;
    err e = {0};
    tokenizer *tok = trained(TOK_CHAR, "ab<s>");
    int32_t size = tok_vocab_size(tok);
    uint64_t before = tok_fingerprint(tok);
    assert_true(tok_add_special(tok, "<s>,<|user|>,<s>", &e));
    assert_true(tok_add_special(tok, "<|user|>", &e));
    assert_int_equal(tok_vocab_size(tok), size + 2);
    assert_int_equal(tok_find(tok, "<s>", 3), size);
    assert_int_equal(tok_find(tok, "<|user|>", 8), size + 1);
    assert_true(tok_is_special(tok, size + 1));
    assert_false(tok_is_special(tok, size - 1));
    assert_true(tok_fingerprint(tok) != before);
    assert_pieces(tok, "a<s>", "a|<|s|>|"); /* outside text does not become one */
    tok_ids ids = {0};
    str out = {0};
    tok_encode(tok, "a<s>", 4, &(tok_options){.allow_special = true}, &ids);
    assert_int_equal(ids.len, 2);
    assert_int_equal(ids.data[1], size);
    tok_decode(tok, ids.data, 2, &out);
    assert_string_equal(out.data, "a<s>");
    tok_ids_free(&ids);
    str_free(&out);
    assert_true(tok_add_special(tok, "<unk>", &e)); /* keeps its id */
    assert_int_equal(tok_vocab_size(tok), size + 2);
    assert_true(tok_is_special(tok, tok_unknown(tok)));
    tok_free(tok);
}

static void test_wrong_special_names_are_refused(void **state) {
    (void)state;
    char longest[260];
    memset(longest, 'x', sizeof longest);
    longest[257] = '\0';
    const struct {
        const char *names, *message;
    } wrong[] = {
        {"", "special token '' has 0 bytes, expected 1 to 256"},
        {"<s>,,<e>", "special token '' has 0 bytes, expected 1 to 256"},
        {"<s>,", "special token '' has 0 bytes, expected 1 to 256"},
        {"<s>, <e>", "special token ' <e>' begins or ends with a blank"},
        {"<s>\n", "special token '<s> ' begins or ends with a blank"},
        {"<\xE9>", "special token '<\xE9>' is not UTF-8"},
        {"a", "special token 'a' is an ordinary token already"},
        {longest, NULL},
    };
    for (size_t i = 0; i < COUNT(wrong); i++) {
        err e = {0};
        tokenizer *tok = trained(TOK_CHAR, "ab");
        assert_false(tok_add_special(tok, wrong[i].names, &e));
        assert_int_equal(e.code, ERR_USAGE);
        if (wrong[i].message) assert_string_equal(e.message, wrong[i].message);
        assert_pieces(tok, "a<s>", "a|<unk>|<unk>|<unk>|"); /* still works */
        tok_free(tok);
    }
}

static void test_roles_have_many_names(void **state) {
    (void)state;
    static const struct {
        tok_role role;
        const char *name;
    } cases[] = {{TOK_BOS, "<|bos|>"},
                 {TOK_BOS, "[CLS]"},
                 {TOK_EOS, "</s>"},
                 {TOK_EOS, "<|endoftext|>"},
                 {TOK_PAD, "[PAD]"},
                 {TOK_SYSTEM, "<|system|>"},
                 {TOK_USER, "<|user_start|>"},
                 {TOK_ASSISTANT, "<|assistant|>"}};
    for (size_t i = 0; i < COUNT(cases); i++) {
        err e = {0};
        tokenizer *tok = trained(TOK_CHAR, "ab");
        for (int role = 0; role < TOK_ROLES; role++)
            assert_int_equal(tok_role_id(tok, (tok_role)role), role == TOK_UNK ? 2 : -1);
        assert_true(tok_add_special(tok, cases[i].name, &e));
        for (int role = 0; role < TOK_ROLES; role++)
            assert_int_equal(tok_role_id(tok, (tok_role)role), role == TOK_UNK              ? 2
                                                               : (int)cases[i].role == role ? 3
                                                                                            : -1);
        tok_free(tok);
    }
    assert_string_equal(tok_role_name(TOK_ASSISTANT), "<|assistant|>");
    tokenizer *tok = tok_new(TOK_WORD);
    err e = {0};
    vocab_add(&tok->vocab, "<s>", 3); /* not special: text becomes it */
    tok = tok_finish(tok, "test", &e);
    assert_int_equal(tok_role_id(tok, TOK_BOS), -1);
    tok_free(tok);
}

/* Returns a new tokenizer whose variant number i differs from the others in one part. */
static tokenizer *variant(int i) {
    err e = {0};
    tokenizer *tok = tok_new(i == 1 ? TOK_CHAR : TOK_WORD);
    for (const char *c = i == 2 ? "abd" : "abc"; *c; c++) vocab_add(&tok->vocab, c, 1);
    if (i == 3) tok->unk = 0;
    if (i == 4) normalizer_add(&tok->normalizer, NORM_NFC);
    if (i == 5) normalizer_add(&tok->normalizer, NORM_NFD);
    if (i == 6) normalizer_add(&tok->normalizer, NORM_STRIP)->left = true;
    if (i == 7) normalizer_add(&tok->normalizer, NORM_STRIP)->right = true;
    if (i == 8) splitter_add(&tok->splitter, SPLIT_WHITESPACE);
    if (i == 9) splitter_add(&tok->splitter, SPLIT_DIGITS);
    if (i == 10) splitter_add(&tok->splitter, SPLIT_DIGITS)->individual_digits = true;
    if (i == 11 || i == 12) {
        special_token *token = special_add(&tok->specials, 2, "c", 1);
        token->special = true;
        token->lstrip = i == 12;
    }
    if (i == 13) tok_ids_append(&tok->before, 1);
    if (i == 14) tok_ids_append(&tok->after, 1);
    tok = tok_finish(tok, "test", &e);
    assert_non_null(tok);
    return tok;
}

static void test_fingerprints_differ(void **state) {
    (void)state;
    enum { N = 15 };
    uint64_t found[N];
    for (int i = 0; i < N; i++) {
        tokenizer *tok = variant(i), *again = variant(i);
        found[i] = tok_fingerprint(tok);
        assert_true(tok_fingerprint(again) == found[i]);
        for (int j = 0; j < i; j++) assert_true(found[i] != found[j]);
        tok_free(tok);
        tok_free(again);
    }
}

static void test_duplicate_pieces_keep_their_ids(void **state) {
    (void)state;
    vocab v = {0};
    for (int i = 0; i < 1000; i++) {
        assert_int_equal(vocab_append(&v, "same", 4), 2 * i);
        assert_int_equal(vocab_add(&v, (char *)&i, sizeof i), 2 * i + 1);
    }
    assert_int_equal(vocab_find(&v, "same", 4), 0);
    assert_int_equal(vocab_add(&v, "same", 4), 0);
    vocab_free(&v);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_byte_and_char_restore_any_text),
        cmocka_unit_test(test_decoded_words_encode_to_the_same_ids),
        cmocka_unit_test(test_byte_ids_are_the_bytes),
        cmocka_unit_test(test_char_pieces_spell_lone_bytes),
        cmocka_unit_test(test_wrong_vocabularies_are_refused),
        cmocka_unit_test(test_word_splits_text),
        cmocka_unit_test(test_word_vocabulary_knows_its_pieces_alone),
        cmocka_unit_test(test_words_are_joined_as_one_writes_them),
        cmocka_unit_test(test_printable),
        cmocka_unit_test(test_no_text_is_a_text),
        cmocka_unit_test(test_encode_and_decode_append),
        cmocka_unit_test(test_special_tokens_are_added_once),
        cmocka_unit_test(test_wrong_special_names_are_refused),
        cmocka_unit_test(test_roles_have_many_names),
        cmocka_unit_test(test_fingerprints_differ),
        cmocka_unit_test(test_duplicate_pieces_keep_their_ids),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
