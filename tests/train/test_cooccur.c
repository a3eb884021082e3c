#include "train/cooccur.h"

#include "base/mem.h"
#include "base/thread.h"
#include "folder.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(a) (sizeof(a) / sizeof *(a))

/* How a text is counted; what must not matter for the result, apart from window and seed. */
typedef struct way {
    int64_t window;
    uint64_t seed;
    size_t max_bytes;
    int n_threads;
    int64_t piece; /* ids per call */
} way;

static const way plain = {.window = 3, .seed = 1, .max_bytes = 1 << 24, .n_threads = 1, 1 << 20};

static void count(const int32_t *ids, int64_t n, const way *how, const char *name) {
    err e = {0};
    thread_set_count(how->n_threads);
    cooccur *c = cooccur_new(how->window, rng_from_seed(how->seed), how->max_bytes, folder);
    for (int64_t i = 0; i < n; i += how->piece)
        if (!cooccur_add(c, ids + i, n - i < how->piece ? n - i : how->piece, &e))
            fail_msg("%s", e.message);
    if (!cooccur_finish(c, folder_path(name), &e)) fail_msg("%s", e.message);
    cooccur_free(c);
}

static cooccur_file open_file(const char *name, int64_t n_words) {
    cooccur_file f;
    err e = {0};
    if (!cooccur_open(&f, folder_path(name), n_words, &e)) fail_msg("%s", e.message);
    return f;
}

/* Returns new (free with free) all records of the file. */
static ag_cooccurrence *read_all(const char *name, int64_t n_words, int64_t *n) {
    cooccur_file f = open_file(name, n_words);
    err e = {0};
    ag_cooccurrence *records = mem_new((size_t)f.n, sizeof *records);
    if (!cooccur_read(&f, 0, f.n, records, &e)) fail_msg("%s", e.message);
    *n = f.n;
    cooccur_close(&f);
    return records;
}

static void assert_same_files(const char *a, const char *b) {
    file_map ma, mb;
    err e = {0};
    assert_true(file_open_map(&ma, folder_path(a), &e) && file_open_map(&mb, folder_path(b), &e));
    assert_int_equal(ma.size, mb.size);
    assert_memory_equal(ma.data, mb.data, ma.size);
    file_close_map(&ma);
    file_close_map(&mb);
}

/* "a b a c | b b": windows end with the line. */
static void test_counted_by_hand(void **state) {
    (void)state;
    static const int32_t ids[] = {1, 2, 1, 3, 0, 2, 2};
    /* a b, b a, a c at distance 1; a a, b c at 2; a c at 3; b b at 1, from either place. */
    static const ag_cooccurrence expected[] = {
        {1, 1, 2.0 / 2},     {1, 2, 2},       {2, 1, 2},       {1, 3, 1 + 1.0 / 3},
        {3, 1, 1 + 1.0 / 3}, {2, 3, 1.0 / 2}, {3, 2, 1.0 / 2}, {2, 2, 2}};
    count(ids, COUNT(ids), &plain, "hand");
    int64_t n;
    ag_cooccurrence *records = read_all("hand", 4, &n);
    assert_int_equal(n, COUNT(expected));
    for (size_t k = 0; k < COUNT(expected); k++) {
        int64_t r = 0;
        while (r < n && (records[r].i != expected[k].i || records[r].j != expected[k].j)) r++;
        if (r == n) fail_msg("no record (%d, %d)", expected[k].i, expected[k].j);
        assert_true(records[r].x == expected[k].x);
    }
    free(records);
}

enum { N_IDS = 150000, N_WORDS = 301 };

/* Words of a Zipf-like law with line ends among them. Returns new (free with free). */
static int32_t *some_text(void) {
    int32_t *ids = mem_new(N_IDS, sizeof *ids);
    rng_stream s = {.key = rng_from_seed(5)};
    for (int i = 0; i < N_IDS; i++) {
        double u = rng_next_unit(&s);
        ids[i] = (int32_t)(u * u * u * N_WORDS);
        if (ids[i] == 0 && rng_next_below(&s, 20)) ids[i] = 1;
    }
    return ids;
}

/* The definition, word by word; the matrix (N_WORDS, N_WORDS) is new (free with free). */
static double *count_slowly(const int32_t *ids, int64_t window) {
    double *x = mem_new(N_WORDS * N_WORDS, sizeof *x);
    for (int64_t i = 0; i < N_IDS; i++)
        for (int64_t j = i - 1; ids[i] && j >= 0 && j >= i - window && ids[j]; j--) {
            x[ids[i] * N_WORDS + ids[j]] += 1 / (double)(i - j);
            x[ids[j] * N_WORDS + ids[i]] += 1 / (double)(i - j);
        }
    return x;
}

/* Also where distances go beyond those that are exact. */
static void test_a_text_against_the_definition(void **state) {
    (void)state;
    static const int64_t windows[] = {1, 10, 40};
    int32_t *ids = some_text();
    for (size_t k = 0; k < COUNT(windows); k++) {
        way how = plain;
        how.window = windows[k];
        double tolerance = how.window <= 24 ? 1e-12 : 1e-8;
        count(ids, N_IDS, &how, "text");
        double *x = count_slowly(ids, how.window);
        int64_t n, left = 0;
        ag_cooccurrence *records = read_all("text", N_WORDS, &n);
        for (int64_t r = 0; r < n; r++) {
            double *expected = &x[records[r].i * N_WORDS + records[r].j];
            if (!(fabs(records[r].x - *expected) <= tolerance * *expected))
                fail_msg("(%d, %d): %.17g, expected %.17g", records[r].i, records[r].j,
                         records[r].x, *expected);
            *expected = 0; /* a record that came twice would differ now */
        }
        for (int64_t i = 0; i < N_WORDS * N_WORDS; i++) left += x[i] != 0;
        assert_int_equal(left, 0);
        free(records);
        free(x);
    }
    free(ids);
}

/* 90,000 pairs in tables of a few hundred: hundreds of spills. */
static void test_the_bytes_depend_on_text_window_and_key(void **state) {
    (void)state;
    static const way ways[] = {
        {5, 1, 1, 1, 1 << 20}, {5, 1, 1, 2, 1000}, {5, 1, 200000, 3, 65536}, {5, 1, 1 << 24, 2, 7}};
    int32_t *ids = some_text();
    count(ids, N_IDS, &(way){5, 1, 1 << 24, 1, 1 << 20}, "reference");
    for (size_t k = 0; k < COUNT(ways); k++) {
        count(ids, N_IDS, &ways[k], "other");
        assert_same_files("reference", "other");
    }
    free(ids);
}

static int by_pair(const void *a, const void *b) {
    const ag_cooccurrence *x = a, *y = b;
    if (x->i != y->i) return x->i < y->i ? -1 : 1;
    return x->j < y->j ? -1 : x->j > y->j;
}

/* Two keys: the same records, hardly one of them in the same place; and in every tenth of the file
 * the words are as frequent as in the whole. */
static void test_the_key_determines_the_order(void **state) {
    (void)state;
    int32_t *ids = some_text();
    int64_t n, n_other, same = 0;
    way other = plain;
    other.seed = 2;
    count(ids, N_IDS, &plain, "first");
    count(ids, N_IDS, &other, "second");
    free(ids);
    ag_cooccurrence *a = read_all("first", N_WORDS, &n), *b = read_all("second", N_WORDS, &n_other);
    assert_int_equal(n, n_other);
    for (int64_t r = 0; r < n; r++) same += by_pair(&a[r], &b[r]) == 0;
    assert_true(same < 20);
    double mean = 0;
    for (int64_t r = 0; r < n; r++) mean += (double)a[r].i / (double)n;
    for (int part = 0; part < 10; part++) {
        double part_mean = 0;
        for (int64_t r = part * n / 10; r < (part + 1) * n / 10; r++)
            part_mean += (double)a[r].i / ((double)n / 10);
        assert_true(part_mean > 0.95 * mean && part_mean < 1.05 * mean);
    }
    qsort(a, (size_t)n, sizeof *a, by_pair);
    qsort(b, (size_t)n, sizeof *b, by_pair);
    assert_memory_equal(a, b, (size_t)n * sizeof *a);
    free(a);
    free(b);
}

static int files_in_folder(void) {
    int n = 0;
    DIR *d = opendir(folder);
    for (struct dirent *entry; (entry = readdir(d));) n += entry->d_name[0] != '.';
    closedir(d);
    return n;
}

/* Neither while it counts, nor when it is given up, nor on an error is there a file too many. */
static void test_no_temporary_file_is_seen(void **state) {
    (void)state;
    int32_t *ids = some_text();
    int before = files_in_folder();
    err e = {0};
    cooccur *c = cooccur_new(5, rng_from_seed(1), 1, folder);
    assert_true(cooccur_add(c, ids, N_IDS, &e));
    assert_int_equal(files_in_folder(), before);
    assert_false(cooccur_finish(c, folder_path("absent/text"), &e));
    assert_int_equal(e.code, ERR_INPUT);
    assert_non_null(strstr(e.message, "/absent/text: No such file"));
    cooccur_free(c);
    assert_int_equal(files_in_folder(), before);
    free(ids);
}

static void test_no_folder_to_spill_to(void **state) {
    (void)state;
    int32_t *ids = some_text();
    err e = {0};
    cooccur *c = cooccur_new(5, rng_from_seed(1), 1, "/nowhere");
    assert_false(cooccur_add(c, ids, N_IDS, &e) && cooccur_finish(c, folder_path("none"), &e));
    assert_int_equal(e.code, ERR_INPUT);
    assert_non_null(
        strstr(e.message, "/nowhere: a temporary file of co-occurrences: No such file"));
    assert_false(file_exists(folder_path("none")));
    cooccur_free(c);
    free(ids);
}

static void test_blocks(void **state) {
    (void)state;
    static const int32_t ids[] = {1, 2, 3, 4, 5};
    count(ids, COUNT(ids), &plain, "small");
    int64_t n;
    ag_cooccurrence *all = read_all("small", 6, &n), block[3];
    cooccur_file f = open_file("small", 6);
    err e = {0};
    for (int64_t first = 0; first + 3 <= n; first++) {
        assert_true(cooccur_read(&f, first, 3, block, &e));
        assert_memory_equal(block, all + first, sizeof block);
    }
    assert_true(cooccur_read(&f, n, 0, block, &e));
    cooccur_close(&f);
    free(all);
}

/* Opening or reading these bytes must fail with one line that has the reason in it. */
static void assert_refused(const void *bytes, size_t n, const char *reason) {
    err e = {0};
    cooccur_file f;
    ag_cooccurrence records[4];
    assert_true(file_write(folder_path("bad"), bytes, n, &e));
    if (cooccur_open(&f, folder_path("bad"), 10, &e)) {
        assert_false(cooccur_read(&f, 0, f.n, records, &e));
        cooccur_close(&f);
    }
    assert_int_equal(e.code, ERR_INPUT);
    if (!strstr(e.message, "/bad: ") || !strstr(e.message, reason))
        fail_msg("said: %s\n  expected: %s", e.message, reason);
    assert_null(strchr(e.message, '\n'));
}

static void test_files_that_are_none(void **state) {
    (void)state;
    static const ag_cooccurrence good[] = {{1, 9, 1}, {9, 1, 1}};
    static const ag_cooccurrence bad[][2] = {
        {{1, 9, 1}, {10, 1, 1}},       {{1, 9, 1}, {1, 10, 1}}, {{1, 0, 1}, {1, 9, 1}},
        {{-1, 3, 1}, {1, 9, 1}},       {{1, 9, 1}, {1, 9, 0}},  {{1, 9, 1}, {1, 9, -2}},
        {{1, 9, 1}, {1, 9, INFINITY}}, {{1, 9, 1}, {1, 9, NAN}}};
    assert_refused(good, sizeof good - 1,
                   "31 bytes, expected co-occurrences of 16 bytes each: truncated, or another");
    assert_refused(good, 0, "empty: no word of the text has another one near it");
    for (size_t k = 0; k < COUNT(bad); k++) assert_refused(bad[k], sizeof bad[k], "expected ids");
    assert_refused(bad[0], sizeof bad[0], "record 1 is (10, 1, 1), expected ids from 1 to 9");
    assert_refused("words and words, not numbers....", 32, "not of this vocabulary");
    err e = {0};
    cooccur_file f;
    assert_false(cooccur_open(&f, folder_path("missing"), 10, &e));
    assert_non_null(strstr(e.message, "/missing: No such file"));
}

/* A text without pairs makes a file that the reader refuses. */
static void test_a_text_without_pairs(void **state) {
    (void)state;
    static const int32_t ids[] = {0, 1, 0, 2, 0, 0};
    err e = {0};
    cooccur_file f;
    count(ids, COUNT(ids), &plain, "single");
    assert_false(cooccur_open(&f, folder_path("single"), 3, &e));
    assert_non_null(strstr(e.message, "/single: empty: no word of the text has another"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_counted_by_hand),
        cmocka_unit_test(test_a_text_against_the_definition),
        cmocka_unit_test(test_the_bytes_depend_on_text_window_and_key),
        cmocka_unit_test(test_the_key_determines_the_order),
        cmocka_unit_test(test_no_temporary_file_is_seen),
        cmocka_unit_test(test_no_folder_to_spill_to),
        cmocka_unit_test(test_blocks),
        cmocka_unit_test(test_files_that_are_none),
        cmocka_unit_test(test_a_text_without_pairs),
    };
    return cmocka_run_group_tests(tests, folder_make, folder_remove);
}
