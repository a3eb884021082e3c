#include "tokenizer/learn/count.h"

#include "base/mem.h"
#include "base/rng.h"
#include "base/thread.h"
#include "folder.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

/* The observer's side. */
typedef struct seen {
    int n_progress, stop_after;
    double last;
    str warning;
} seen;

static bool on_progress(void *context, const char *stage, double done) {
    seen *s = context;
    assert_string_equal(stage, "counting");
    assert_true(done >= s->last && done <= 1);
    s->last = done;
    return ++s->n_progress != s->stop_after;
}

static void on_warned(void *context, const char *message) {
    seen *s = context;
    str_append(&s->warning, message, strlen(message));
}

/* A tokenizer that has what counting needs: GPT-2's splitting. */
static tokenizer *gpt2_parts(void) {
    tokenizer *tok = tok_new(TOK_BPE);
    splitter_add(&tok->splitter, SPLIT_BYTE_LEVEL)->use_regex = true;
    return tok;
}

static counted_pieces counted(const tokenizer *tok, const tok_text *texts, size_t n, size_t memory,
                              seen *s) {
    counted_pieces c;
    err e = {0};
    tok_observer observer = {on_progress, on_warned, s};
    tok_training how = {.type = tok->type, .memory = memory, .observer = s ? &observer : NULL};
    if (!count_pieces(&c, tok, &how, texts, n, &e)) fail_msg("%s", e.message);
    return c;
}

/* The pieces as "piece count|". */
static void assert_counted(const tokenizer *tok, const tok_text *texts, size_t n,
                           const char *expected) {
    counted_pieces c = counted(tok, texts, n, 0, NULL);
    str out = {0};
    int64_t total = 0;
    for (size_t i = 0; i < c.n; i++) {
        str_append(&out, c.pieces[i].bytes, c.pieces[i].length);
        str_printf(&out, " %d|", (int)c.pieces[i].count);
        total += c.pieces[i].count;
    }
    assert_string_equal(out.data ? out.data : "", expected);
    assert_int_equal(c.total, total);
    str_free(&out);
    counted_free(&c);
}

static void test_pieces_come_by_count_then_by_bytes(void **state) {
    (void)state;
    tokenizer *tok = gpt2_parts();
    tok_text texts[] = {{"a dog, a cat", 12}, {NULL, 0}, {"b a", 3}};
    assert_counted(tok, texts, 3, " a 2| cat 1| dog 1|, 1|a 1|b 1|");
    assert_counted(tok, texts + 1, 1, "");
    assert_counted(tok, texts, 0, "");
    tok_free(tok);
}

static void test_characters_are_pieces_of_type_char(void **state) {
    (void)state;
    tokenizer *tok = tok_new(TOK_CHAR);
    assert_counted(tok, &(tok_text){"abé\xFF\xFF é", 9}, 1, "é 2|\xFF 2|  1|a 1|b 1|");
    tok_free(tok);
}

/* Words of small letters with many different ones, and what text has beside them. */
static str random_text(size_t n_words, uint32_t different) {
    str text = {0};
    rng_stream random = {.key = rng_from_seed(1)};
    for (size_t i = 0; i < n_words; i++) {
        uint32_t word = rng_next_below(&random, 1 + rng_next_below(&random, different));
        for (uint32_t rest = word; rest; rest /= 26)
            str_append(&text, &(char){(char)('a' + rest % 26)}, 1);
        str_printf(&text, "%s", i % 11 == 0 ? ".\n" : i % 17 == 0 ? " é\xE2 " : " ");
    }
    return text;
}

static void assert_same(const counted_pieces *a, const counted_pieces *b) {
    assert_int_equal(a->n, b->n);
    assert_int_equal(a->total, b->total);
    for (size_t i = 0; i < a->n; i++) {
        assert_int_equal(a->pieces[i].count, b->pieces[i].count);
        assert_int_equal(a->pieces[i].length, b->pieces[i].length);
        assert_memory_equal(a->pieces[i].bytes, b->pieces[i].bytes, a->pieces[i].length);
    }
}

/* Runs in temporary files give what memory would have, at any number of threads. */
static void test_spilling_changes_nothing(void **state) {
    (void)state;
    tokenizer *tok = gpt2_parts();
    str text = random_text(500000, 20000);
    tok_text texts[] = {{text.data, text.len}, {text.data, text.len / 2}};
    thread_set_count(1);
    counted_pieces expected = counted(tok, texts, 2, 0, NULL);
    assert_true(expected.n > 20000);
    for (int threads = 1; threads <= 3; threads++) {
        thread_set_count(threads);
        seen s = {0};
        /* room for all pieces in one table, but not in one for each of several threads */
        counted_pieces c = counted(tok, texts, 2, expected.n * 2 * 100, &s);
        assert_same(&expected, &c);
        assert_null(s.warning.data);
        assert_true(s.last == 1);
        counted_free(&c);
    }
    counted_free(&expected);
    str_free(&text);
    tok_free(tok);
}

/* Where a long text is cut for threads, nothing is stripped and no blank is put. */
static void test_ends_of_blocks_are_no_ends_of_texts(void **state) {
    (void)state;
    tokenizer *tok = tok_new(TOK_UNIGRAM);
    norm_step *strip = normalizer_add(&tok->normalizer, NORM_STRIP);
    strip->left = strip->right = true;
    split_step *step = splitter_add(&tok->splitter, SPLIT_METASPACE);
    step->split = true;
    step->prepend = SPLIT_PREPEND_FIRST;
    str_append(&step->replacement, "▁", strlen("▁"));
    enum { N = 1000000 };
    str text = {0};
    str_append(&text, "  ab", 4);
    for (int i = 1; i < N; i++) str_append(&text, " ab", 3);
    str_append(&text, "\n ", 2);
    assert_counted(tok, &(tok_text){text.data, text.len}, 1, "▁ab 1000000|");
    str_free(&text);
    tok_free(tok);
}

static int64_t count_of(const counted_pieces *c, const counted_piece *piece) {
    for (size_t i = 0; i < c->n; i++)
        if (c->pieces[i].length == piece->length &&
            memcmp(c->pieces[i].bytes, piece->bytes, piece->length) == 0)
            return c->pieces[i].count;
    return 0;
}

/* What is kept has its true count and is more frequent than all that is left out. */
static void test_the_rarest_are_left_out(void **state) {
    (void)state;
    tokenizer *tok = gpt2_parts();
    str text = random_text(200000, 10000);
    tok_text all = {text.data, text.len};
    counted_pieces expected = counted(tok, &all, 1, 0, NULL);
    for (int threads = 1; threads <= 3; threads++) {
        thread_set_count(threads);
        seen s = {0};
        counted_pieces c = counted(tok, &all, 1, 1, &s);
        assert_true(c.n > 100 && c.n < expected.n);
        for (size_t i = 0; i < c.n; i += 17)
            assert_int_equal(count_of(&expected, &c.pieces[i]), c.pieces[i].count);
        assert_true(expected.pieces[c.n].count < c.pieces[c.n - 1].count);
        str warning = {0};
        str_printf(&warning,
                   "%d pieces that occur %d times or less did not fit in the memory and are left "
                   "out",
                   (int)(expected.n - c.n), (int)expected.pieces[c.n].count);
        assert_string_equal(s.warning.data, warning.data);
        str_free(&warning);
        str_free(&s.warning);
        counted_free(&c);
    }
    counted_free(&expected);
    str_free(&text);
    tok_free(tok);
}

/* A run of letters that no word is as long as counts in parts that end between characters. */
static void test_endless_pieces(void **state) {
    (void)state;
    tokenizer *tok = gpt2_parts();
    enum { N = 100000 };
    char *text = mem_new(2 * N, 1);
    for (int i = 0; i < N; i++) memcpy(text + 2 * i, "\xC3\xA9", 2);
    text[0] = text[1] = 'x'; /* an odd place for every é behind it */
    memmove(text + 1, text + 2, 2 * N - 2);
    counted_pieces c = counted(tok, &(tok_text){text, 2 * N - 1}, 1, 0, NULL);
    size_t bytes = 0;
    for (size_t i = 0; i < c.n; i++) {
        assert_int_equal(str_utf8_valid(c.pieces[i].bytes, c.pieces[i].length), c.pieces[i].length);
        bytes += c.pieces[i].length * (size_t)c.pieces[i].count;
    }
    assert_int_equal(bytes, 2 * N - 1);
    assert_true(c.n > 1);
    counted_free(&c);
    free(text);
    tok_free(tok);
}

static void test_the_observer_stops_it(void **state) {
    (void)state;
    tokenizer *tok = gpt2_parts();
    str text = random_text(400000, 100);
    counted_pieces c;
    err e = {0};
    seen s = {.stop_after = 1};
    tok_training how = {.observer = &(tok_observer){on_progress, on_warned, &s}};
    assert_false(count_pieces(&c, tok, &how, &(tok_text){text.data, text.len}, 1, &e));
    assert_int_equal(e.code, ERR_INTERRUPTED);
    counted_free(&c);
    str_free(&text);
    tok_free(tok);
}

static void test_no_room_for_temporary_files(void **state) {
    (void)state;
    tokenizer *tok = gpt2_parts();
    str text = random_text(50000, 20000);
    counted_pieces c;
    err e = {0};
    tok_training how = {.memory = 1};
    setenv("TMPDIR", folder_path("missing"), 1);
    assert_false(count_pieces(&c, tok, &how, &(tok_text){text.data, text.len}, 1, &e));
    unsetenv("TMPDIR");
    assert_int_equal(e.code, ERR_INPUT);
    assert_string_equal(
        e.message, "a temporary file of counted pieces (in TMPDIR): No such file or directory");
    counted_free(&c);
    str_free(&text);
    tok_free(tok);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_pieces_come_by_count_then_by_bytes),
        cmocka_unit_test(test_characters_are_pieces_of_type_char),
        cmocka_unit_test(test_spilling_changes_nothing),
        cmocka_unit_test(test_ends_of_blocks_are_no_ends_of_texts),
        cmocka_unit_test(test_the_rarest_are_left_out),
        cmocka_unit_test(test_endless_pieces),
        cmocka_unit_test(test_the_observer_stops_it),
        cmocka_unit_test(test_no_room_for_temporary_files),
    };
    return cmocka_run_group_tests(tests, folder_make, folder_remove);
}
