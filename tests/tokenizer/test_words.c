#include "tokenizer/words/words.h"

#include "base/file.h"
#include "base/rng.h"
#include "base/str.h"
#include "base/thread.h"
#include "folder.h"
#include "tokenizer/words/text_blocks.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <omp.h>
#include <string.h>

enum { PLENTY = 1 << 30 };

static const char *put(const char *name, const char *text, size_t n) {
    err e = {0};
    const char *path = folder_path(name);
    if (!file_write(path, text, n, &e)) fail_msg("%s", e.message);
    return path;
}

static words counted(const char *path, int64_t min_count) {
    words w;
    err e = {0};
    bool pruned = true;
    if (!words_count(&w, path, min_count, PLENTY, &pruned, &e)) fail_msg("%s", e.message);
    assert_false(pruned);
    return w;
}

/* The words as "name count|". */
static void assert_words(const words *w, const char *expected) {
    str out = {0};
    int64_t total = 0;
    for (int64_t i = 0; i < w->n; i++) {
        str_printf(&out, "%s %d|", w->names[i], (int)w->counts[i]);
        assert_int_equal(words_find(w, w->names[i], strlen(w->names[i])), i);
        total += w->counts[i];
    }
    assert_string_equal(out.data, expected);
    assert_int_equal(w->total, total);
    str_free(&out);
}

static void assert_counted(const char *text, size_t n, const char *expected) {
    words w = counted(put("text", text, n), 1);
    assert_words(&w, expected);
    words_free(&w);
}

#define ASSERT_COUNTED(text, expected) assert_counted(text, sizeof text - 1, expected)

static void test_what_ends_a_word(void **state) {
    (void)state;
    ASSERT_COUNTED("b a b\tc\n", "</s> 1|b 2|a 1|c 1|");
    ASSERT_COUNTED("  b\t\ta  b ", "</s> 0|b 2|a 1|");
    ASSERT_COUNTED("\n\n a\n\t\n", "</s> 4|a 1|");
    ASSERT_COUNTED("a b\r\nb\r\n", "</s> 2|b 2|a 1|");
    ASSERT_COUNTED("a\rb a", "</s> 0|a 2|b 1|");
    ASSERT_COUNTED("a\0b\0\0a", "</s> 0|a 2|b 1|");
    ASSERT_COUNTED("a </s> b\n", "</s> 2|a 1|b 1|");
    ASSERT_COUNTED("\xC3\xA9 \xFF a\vb \xC3\xA9", "</s> 0|\xC3\xA9 2|a\vb 1|\xFF 1|");
}

static void test_equals_are_ordered_by_bytes(void **state) {
    (void)state;
    ASSERT_COUNTED("b ab a B \xC3\xA9 z z", "</s> 0|z 2|B 1|a 1|ab 1|b 1|\xC3\xA9 1|");
}

static void test_long_words_are_cut(void **state) {
    (void)state;
    char text[600], expected[600], x[WORDS_LONGEST + 3];
    memset(x, 'x', sizeof x);
    int cut = WORDS_LONGEST;
    snprintf(text, sizeof text, "%.*s %.*s %.*sy\n%.*s", cut - 1, x, cut, x, cut, x, cut + 2, x);
    snprintf(expected, sizeof expected, "</s> 1|%.*s 3|%.*s 1|", cut, x, cut - 1, x);
    assert_counted(text, strlen(text), expected);
}

static void test_min_count(void **state) {
    (void)state;
    static const char text[] = "a a a b b c d\n";
    words w = counted(put("text", text, strlen(text)), 2);
    assert_words(&w, "</s> 1|a 3|b 2|");
    assert_int_equal(words_find(&w, "c", 1), -1);
    assert_int_equal(words_find(&w, "", 0), -1);
    assert_int_equal(words_find(&w, "abc", 1), 1);
    words_free(&w);
}

/* At every border of blocks, or up to 3 bytes before it, begins a word, a line break or a blank. */
static str text_over_borders(void) {
    static const char filler[] = "this_is_of_no_importance_and_therefore_long\n";
    char x[WORDS_LONGEST + 2], longest[2 * sizeof x];
    memset(x, 'x', sizeof x);
    snprintf(longest, sizeof longest, " %.*sy", (int)sizeof x - 1, x);
    const char *const pieces[] = {"ab", " ab", "\n", "\n\nab", "\r\nab", longest, longest + 1};
    str text = {0};
    for (size_t i = 0; i < 4 * sizeof pieces / sizeof *pieces; i++) {
        size_t place = (i + 1) * TEXT_BLOCK - i % 4;
        while (text.len + sizeof filler <= place) str_append(&text, filler, sizeof filler - 1);
        while (text.len < place) str_append(&text, " ", 1);
        str_append(&text, pieces[i / 4], strlen(pieces[i / 4]));
        str_append(&text, " ", 1);
    }
    return text;
}

/* The text's words by the plain rule, one byte after another, each with a | behind it. */
static str plain_words(const str *text) {
    str out = {0};
    size_t length = 0;
    for (size_t i = 0; i < text->len; i++) {
        char c = text->data[i];
        bool ends = c == ' ' || c == '\t' || c == '\r' || c == '\n';
        if (ends && length) str_append(&out, "|", 1);
        if (c == '\n') str_append(&out, "</s>|", 5);
        if (!ends && length < WORDS_LONGEST) str_append(&out, &c, 1);
        length = ends ? 0 : length + 1;
    }
    return out;
}

typedef struct reading {
    const words *w;
    str text;
    int64_t n_calls, n_ids;
} reading;

static bool append_names(void *context, const int32_t *ids, int64_t n) {
    reading *r = context;
    assert_true(n > 0 && !omp_in_parallel());
    for (int64_t i = 0; i < n; i++) {
        str_append(&r->text, r->w->names[ids[i]], strlen(r->w->names[ids[i]]));
        str_append(&r->text, "|", 1);
    }
    r->n_calls++;
    r->n_ids += n;
    return true;
}

static void test_words_over_the_borders_of_blocks(void **state) {
    (void)state;
    str text = text_over_borders(), expected = plain_words(&text);
    const char *path = put("text", text.data, text.len);
    uint64_t fingerprint = 0;
    for (int n_threads = 1; n_threads <= 3; n_threads += 2) {
        err e = {0};
        thread_set_count(n_threads);
        words w = counted(path, 1);
        if (n_threads == 1) fingerprint = words_fingerprint(&w);
        assert_true(words_fingerprint(&w) == fingerprint);
        reading r = {.w = &w};
        assert_true(words_read(&w, path, append_names, &r, &e));
        assert_int_equal(r.n_ids, w.total);
        assert_true(r.n_calls > 4);
        assert_int_equal(r.text.len, expected.len);
        assert_memory_equal(r.text.data, expected.data, expected.len);
        str_free(&r.text);
        words_free(&w);
    }
    thread_set_count(0);
    str_free(&expected);
    str_free(&text);
}

/* A text of a few rounds, in which every 16th word is "often" and most others occur once. */
static str text_of_rare_words(void) {
    rng_stream s = {.key = rng_from_seed(4)};
    str text = {0};
    for (int i = 0; text.len < 2 * TEXT_ROUND * TEXT_BLOCK + TEXT_BLOCK; i++) {
        static const char padding[] = "________________________________________________";
        if (i % 16 == 0)
            str_append(&text, "often ", 6);
        else
            str_printf(&text, "%s%u\n", padding, rng_next(&s) >> (i % 32));
    }
    return text;
}

static void test_rare_words_are_forgotten_alike_by_any_number_of_threads(void **state) {
    (void)state;
    str text = text_of_rare_words();
    const char *path = put("text", text.data, text.len);
    words all = counted(path, 1);
    uint64_t fingerprint = 0;
    for (int n_threads = 1; n_threads <= 3; n_threads++) {
        words w;
        err e = {0};
        bool pruned = false;
        thread_set_count(n_threads);
        assert_true(words_count(&w, path, 1, 4 << 20, &pruned, &e));
        assert_true(pruned);
        assert_in_range(w.n, 100, all.n / 2);
        int32_t often = words_find(&w, "often", 5), always = words_find(&all, "often", 5);
        assert_int_equal(w.counts[often], all.counts[always]);
        assert_int_equal(w.counts[0], all.counts[0]);
        if (n_threads == 1) fingerprint = words_fingerprint(&w);
        assert_true(words_fingerprint(&w) == fingerprint);
        words_free(&w);
    }
    thread_set_count(0);
    words_free(&all);
    str_free(&text);
}

static void test_reading_leaves_out_what_is_unknown(void **state) {
    (void)state;
    static const char text[] = "x a b\n </s> b q";
    words w;
    err e = {0};
    words_of(&w, (const char *const[]){"a", "b"}, (const int64_t[]){2, 1}, 2);
    reading r = {.w = &w};
    assert_true(words_read(&w, put("text", text, strlen(text)), append_names, &r, &e));
    assert_string_equal(r.text.data, "a|b|</s>|</s>|b|");
    assert_true(words_read(&w, put("text", "q q", 3), append_names, &r, &e));
    assert_true(words_read(&w, put("text", "", 0), append_names, &r, &e));
    assert_int_equal(r.n_calls, 1);
    str_free(&r.text);
    words_free(&w);
}

static bool refuse(void *context, const int32_t *ids, int64_t n) {
    (void)ids, (void)n;
    return ++*(int *)context < 2;
}

static void test_reading_ends_where_take_refuses(void **state) {
    (void)state;
    str text = text_over_borders();
    const char *path = put("text", text.data, text.len);
    words w = counted(path, 1);
    err e = {0};
    int n_calls = 0;
    assert_false(words_read(&w, path, refuse, &n_calls, &e));
    assert_int_equal(n_calls, 2);
    assert_int_equal(e.code, ERR_NONE);
    words_free(&w);
    str_free(&text);
}

static void test_words_that_are_known(void **state) {
    (void)state;
    words w;
    words_of(&w, (const char *const[]){"b", "a", "</s>", "b"}, (const int64_t[]){1, 5, 3, 2}, 4);
    assert_words(&w, "</s> 3|b 3|a 5|");
    words_free(&w);
    words_of(&w, NULL, NULL, 0);
    assert_words(&w, "</s> 0|");
    words_free(&w);
}

static void test_fingerprint_sees_every_change(void **state) {
    (void)state;
    static const char *const names[][2] = {{"a", "b"}, {"b", "a"}, {"ab", "c"}, {"a", "bc"}};
    uint64_t seen[5];
    for (int i = 0; i < 5; i++) {
        words w;
        words_of(&w, names[i % 4], (const int64_t[]){2, 1 + i / 4}, 2);
        seen[i] = words_fingerprint(&w);
        for (int j = 0; j < i; j++) assert_true(seen[j] != seen[i]);
        words_free(&w);
    }
}

static void test_saved_words_load(void **state) {
    (void)state;
    words w, back;
    err e = {0};
    words_of(&w, (const char *const[]){"the", ". .", "\xFF"}, (const int64_t[]){9, 4, 4}, 3);
    assert_true(words_save(&w, folder_path("vocab"), &e));
    file_map file;
    assert_true(file_open_map(&file, folder_path("vocab"), &e));
    static const char expected[] = "</s> 0\nthe 9\n. . 4\n\xFF 4\n";
    assert_int_equal(file.size, strlen(expected));
    assert_memory_equal(file.data, expected, file.size);
    file_close_map(&file);
    assert_true(words_load(&back, folder_path("vocab"), &e));
    assert_true(words_fingerprint(&back) == words_fingerprint(&w));
    assert_words(&back, "</s> 0|the 9|. . 4|\xFF 4|");
    words_free(&back);
    words_free(&w);
}

static void test_a_name_that_fits_no_line_is_not_saved(void **state) {
    (void)state;
    static const char *const bad[] = {"", "a\nb"};
    for (int i = 0; i < 2; i++) {
        words w;
        err e = {0};
        words_of(&w, &bad[i], (const int64_t[]){1}, 1);
        assert_false(words_save(&w, folder_path("refused"), &e));
        assert_non_null(strstr(e.message, "word 2 is"));
        assert_false(file_exists(folder_path("refused")));
        words_free(&w);
    }
}

static void test_lists_of_others_load(void **state) {
    (void)state;
    static const char glove[] = "the 9\nof\t4\r\n</s> 2\n,  1";
    words w;
    err e = {0};
    assert_true(words_load(&w, put("vocab", glove, strlen(glove)), &e));
    assert_words(&w, "</s> 2|the 9|of 4|,  1|");
    words_free(&w);
}

#define LIST(text, reason)                                                                         \
    { text, sizeof text - 1, reason }

static void test_bad_lists(void **state) {
    (void)state;
    static const struct {
        const char *text;
        size_t n;
        const char *reason;
    } bad[] = {
        LIST("", "vocab: no words"),
        LIST("</s> 3\n", "vocab: no words"),
        LIST("a 1\nb\n", "vocab:2: no word and count"),
        LIST("a 1\n\n", "vocab:2: no word and count"),
        LIST("a x\n", "vocab:1: no word and count"),
        LIST("a -1\n", "vocab:1: no word and count"),
        LIST("a 1.5\n", "vocab:1: no word and count"),
        LIST("a 99999999999999999999\n", "vocab:1: no word and count"),
        LIST("a 00000000000000000000000000001\n", "vocab:1: no word and count"),
        LIST(" 1\n", "vocab:1: no word and count"),
        LIST("a\0b 1\n", "vocab:1: no word and count"),
        LIST("a 1\nb 2\na 1\n", "vocab:3: a word of an earlier line"),
        LIST("</s> 1\nb 2\n</s> 1\n", "vocab:3: a word of an earlier line"),
        LIST("a 9223372036854775807\nb 1\n", "vocab:2: the counts add up"),
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        words w;
        err e = {0};
        assert_false(words_load(&w, put("vocab", bad[i].text, bad[i].n), &e));
        assert_int_equal(e.code, ERR_INPUT);
        if (!strstr(e.message, bad[i].reason))
            fail_msg("said: %s\n  expected: %s", e.message, bad[i].reason);
        words_free(&w);
    }
}

static void assert_uncountable(const char *path, const char *reason) {
    words w;
    err e = {0};
    assert_false(words_count(&w, path, 2, PLENTY, NULL, &e));
    assert_int_equal(e.code, ERR_INPUT);
    if (!strstr(e.message, reason)) fail_msg("said: %s\n  expected: %s", e.message, reason);
    words_free(&w);
}

static void test_texts_without_words(void **state) {
    (void)state;
    assert_uncountable(put("text", "", 0), "text: no word occurs at least 2 times");
    assert_uncountable(put("text", "a b c\n\n", 7), "text: no word occurs at least 2 times");
    assert_uncountable(folder_path("missing"), "missing: No such file");
    assert_uncountable(folder, "not a regular file");
    words w;
    err e = {0};
    words_of(&w, NULL, NULL, 0);
    assert_false(words_read(&w, folder_path("missing"), append_names, NULL, &e));
    assert_non_null(strstr(e.message, "missing: No such file"));
    words_free(&w);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_ends_a_word),
        cmocka_unit_test(test_equals_are_ordered_by_bytes),
        cmocka_unit_test(test_long_words_are_cut),
        cmocka_unit_test(test_min_count),
        cmocka_unit_test(test_words_over_the_borders_of_blocks),
        cmocka_unit_test(test_rare_words_are_forgotten_alike_by_any_number_of_threads),
        cmocka_unit_test(test_reading_leaves_out_what_is_unknown),
        cmocka_unit_test(test_reading_ends_where_take_refuses),
        cmocka_unit_test(test_words_that_are_known),
        cmocka_unit_test(test_fingerprint_sees_every_change),
        cmocka_unit_test(test_saved_words_load),
        cmocka_unit_test(test_a_name_that_fits_no_line_is_not_saved),
        cmocka_unit_test(test_lists_of_others_load),
        cmocka_unit_test(test_bad_lists),
        cmocka_unit_test(test_texts_without_words),
    };
    return cmocka_run_group_tests(tests, folder_make, folder_remove);
}
