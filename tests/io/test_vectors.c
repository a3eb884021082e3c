#include "io/vectors.h"

#include "base/file.h"
#include "base/mem.h"
#include "base/ngram.h"
#include "base/rng.h"
#include "base/thread.h"
#include "folder.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define GOLDEN "tests/golden/vectors/"

/* Release with io_vectors_free. */
static io_vectors read_vectors(const char *path, int64_t limit) {
    io_vectors v;
    err e = {0};
    if (!io_vectors_read(&v, path, limit, &e)) fail_msg("%s", e.message);
    return v;
}

static int64_t find(const io_vectors *v, const char *name) {
    for (int64_t i = 0; i < v->n; i++)
        if (strcmp(v->names[i], name) == 0) return i;
    fail_msg("no '%s'", name);
    return -1;
}

static void assert_row(const real *x, const real *y, int64_t width, double tolerance) {
    for (int64_t j = 0; j < width; j++)
        if (!(fabs((double)x[j] - (double)y[j]) <= tolerance))
            fail_msg("number %d: %.9g and %.9g", (int)j, (double)x[j], (double)y[j]);
}

/* The same names and numbers, found by name: files are sorted differently. */
static void assert_same(const io_vectors *a, const io_vectors *b, double tolerance) {
    assert_int_equal(a->n, b->n);
    assert_int_equal(a->width, b->width);
    for (int64_t i = 0; i < a->n; i++) {
        int64_t k = find(b, a->names[i]);
        assert_row(a->rows + i * a->width, b->rows + k * b->width, a->width, tolerance);
    }
}

static void assert_golden(const char *path, const char *as_path, int64_t n, int64_t width,
                          double tolerance) {
    io_vectors v = read_vectors(path, 0), as = read_vectors(as_path, 0);
    assert_int_equal(v.n, n);
    assert_int_equal(v.width, width);
    assert_same(&v, &as, tolerance);
    find(&v, "k\xc3\xb6nig");
    find(&v, "2003");
    io_vectors_free(&v);
    io_vectors_free(&as);
}

static void test_reads_word2vec(void **state) {
    (void)state;
    assert_golden(GOLDEN "word2vec.bin", GOLDEN "word2vec.txt", 18, 6, 5.1e-7);
    io_vectors v = read_vectors(GOLDEN "word2vec.txt", 0);
    assert_string_equal(v.names[0], "</s>");
    assert_true((float)v.rows[0] == 0.066711f);
    io_vectors_free(&v);
}

static void test_reads_gensim(void **state) {
    (void)state;
    assert_golden(GOLDEN "gensim.bin", GOLDEN "gensim.txt", 17, 5, 0);
    io_vectors v = read_vectors(GOLDEN "gensim.bin", 0);
    assert_string_equal(v.names[0], "the");
    assert_true((float)v.rows[0] == -0.02061596f);
    io_vectors_free(&v);
}

/* The text has the row of <unk>, the binary has not. */
static void test_reads_glove(void **state) {
    (void)state;
    io_vectors text = read_vectors(GOLDEN "glove.txt", 0),
               bin = read_vectors(GOLDEN "glove.bin", 0);
    assert_int_equal(text.n, 18);
    assert_int_equal(text.width, 5);
    assert_string_equal(text.names[17], "<unk>");
    text.n--;
    assert_same(&text, &bin, 5.1e-7);
    io_vectors_free(&text);
    io_vectors_free(&bin);
}

static void test_reads_fasttext(void **state) {
    (void)state;
    assert_golden(GOLDEN "fasttext.vec", GOLDEN "fasttext_words.txt", 18, 4, 1e-5);
    assert_golden(GOLDEN "fasttext.bin", GOLDEN "fasttext_words.txt", 18, 4, 1e-7);
    io_vectors v = read_vectors(GOLDEN "fasttext.bin", 0);
    assert_int_equal(v.subwords.min_n, 2);
    assert_int_equal(v.subwords.max_n, 4);
    assert_int_equal(v.subwords.bucket, 97);
    io_vectors_free(&v);
}

/* Unseen words are the mean of their n-grams, as fastText's own get_word_vector says. */
static void test_fasttext_of_unseen_words(void **state) {
    (void)state;
    enum { CAPACITY = 100, WIDTH = 4 };
    io_vectors v = read_vectors(GOLDEN "fasttext.bin", 0);
    io_vectors unseen = read_vectors(GOLDEN "fasttext_unseen.txt", 0);
    const io_subwords *s = &v.subwords;
    for (int64_t i = 0; i < unseen.n; i++) {
        const char *word = unseen.names[i];
        if (strcmp(word, "</s>") == 0) continue;
        int32_t buckets[CAPACITY];
        real mean[WIDTH] = {0};
        int64_t n =
            ngram_buckets(word, strlen(word), s->min_n, s->max_n, s->bucket, buckets, CAPACITY);
        assert_in_range(n, 1, CAPACITY);
        for (int64_t k = 0; k < n; k++)
            for (int j = 0; j < WIDTH; j++) mean[j] += s->rows[buckets[k] * WIDTH + j] / (real)n;
        assert_row(mean, unseen.rows + i * WIDTH, WIDTH, 1e-7);
    }
    io_vectors_free(&v);
    io_vectors_free(&unseen);
}

static void test_a_limit_stops_early(void **state) {
    (void)state;
    static const char *const paths[] = {GOLDEN "word2vec.bin", GOLDEN "word2vec.txt",
                                        GOLDEN "gensim.bin",   GOLDEN "glove.txt",
                                        GOLDEN "glove.bin",    GOLDEN "fasttext.bin"};
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        io_vectors all = read_vectors(paths[i], 0), some = read_vectors(paths[i], 3);
        assert_int_equal(some.n, 3);
        all.n = 3;
        assert_same(&some, &all, 0);
        io_vectors_free(&all);
        io_vectors_free(&some);
    }
}

enum { N = 6, WIDTH = 7 };

/* Release with io_vectors_free: floats of every size, names of every kind. */
static io_vectors make_vectors(void) {
    static const char *const names[N] = {
        "</s>", "caf\xe9", "",
        "2003", "twice",   "a-name-that-is-longer-than-the-fifty-bytes-which-word2vec-allows"};
    static const float special[] = {0, -0.0f, FLT_MAX, -FLT_MIN, 1e-45f, 0.1f, 1.0f / 3};
    io_vectors v = {.n = N, .width = WIDTH, .rows = mem_new_aligned(N * WIDTH * sizeof(real))};
    rng_stream s = {rng_from_seed(1), 0};
    for (int i = 0; i < N * WIDTH; i++)
        v.rows[i] =
            i < 7 ? special[i]
                  : ldexpf((float)(rng_next_unit(&s) - 0.5), (int)rng_next_below(&s, 40) - 20);
    v.names = mem_new(N, sizeof *v.names);
    char *at = v.text = mem_new(N * 100, 1);
    for (int i = 0; i < N; i++) {
        v.names[i] = strcpy(at, names[i]);
        at += strlen(names[i]) + 1;
    }
    return v;
}

static void assert_same_bits(const io_vectors *a, const io_vectors *b) {
    assert_int_equal(a->n, b->n);
    assert_int_equal(a->width, b->width);
    assert_memory_equal(a->rows, b->rows, (size_t)(a->n * a->width) * sizeof(real));
    for (int64_t i = 0; i < a->n; i++) assert_string_equal(a->names[i], b->names[i]);
    assert_null(b->subwords.rows);
}

static const char *const format_names[] = {"word2vec-bin", "word2vec-text", "glove-text",
                                           "m.npy",        "safetensors",   "projector"};

/* The file of a format; the projector's is the test's own folder. */
static const char *path_of(int format) {
    return format == IO_PROJECTOR ? folder : folder_path(format_names[format]);
}

static void test_round_trips_are_exact(void **state) {
    (void)state;
    io_vectors v = make_vectors();
    for (int format = IO_WORD2VEC_BIN; format <= IO_PROJECTOR; format++) {
        err e = {0};
        if (!io_vectors_write(&v, path_of(format), format, &e)) fail_msg("%s", e.message);
        io_vectors back = read_vectors(path_of(format), 0);
        assert_same_bits(&v, &back);
        io_vectors_free(&back);
        back = read_vectors(path_of(format), 2);
        assert_int_equal(back.n, 2);
        assert_string_equal(back.names[1], v.names[1]);
        io_vectors_free(&back);
    }
    io_vectors_free(&v);
}

static void test_threads_change_nothing(void **state) {
    (void)state;
    io_vectors one, two = read_vectors(GOLDEN "fasttext.bin", 0);
    thread_set_count(1);
    one = read_vectors(GOLDEN "fasttext.bin", 0);
    assert_same_bits(
        &(io_vectors){.n = two.n, .width = two.width, .rows = two.rows, .names = two.names},
        &(io_vectors){.n = one.n, .width = one.width, .rows = one.rows, .names = one.names});
    thread_set_count(0);
    io_vectors_free(&one);
    io_vectors_free(&two);
}

static void assert_file(const char *path, const char *expected) {
    file_map m;
    err e = {0};
    assert_true(file_open_map(&m, path, &e));
    assert_int_equal(m.size, strlen(expected));
    assert_memory_equal(m.data, expected, m.size);
    file_close_map(&m);
}

/* What others read: word2vec.c's line break behind each vector, the projector's three files. */
static void test_writes_the_forms_of_others(void **state) {
    (void)state;
    real rows[] = {0.5f, -2, 1e-3f, 65792.0078125f};
    char a[] = "a", b[] = "b", *names[] = {a, b};
    io_vectors v = {.n = 2, .width = 2, .rows = rows, .names = names};
    err e = {0};
    assert_true(io_vectors_write(&v, folder_path("two"), IO_WORD2VEC_TEXT, &e));
    assert_file(folder_path("two"), "2 2\na 0.5 -2\nb 0.00100000005 65792.0078\n");
    assert_true(io_vectors_write(&v, folder_path("two"), IO_GLOVE_TEXT, &e));
    assert_file(folder_path("two"), "a 0.5 -2\nb 0.00100000005 65792.0078\n");
    assert_true(io_vectors_write(&v, folder, IO_PROJECTOR, &e));
    assert_file(folder_path("vectors.tsv"), "0.5\t-2\n0.00100000005\t65792.0078\n");
    assert_file(folder_path("metadata.tsv"), "a\nb\n");
    assert_file(folder_path("projector_config.json"),
                "{\n  \"embeddings\": [\n    {\n      \"tensorName\": \"vectors\",\n"
                "      \"tensorShape\": [2, 2],\n      \"tensorPath\": \"vectors.tsv\",\n"
                "      \"metadataPath\": \"metadata.tsv\"\n    }\n  ]\n}\n");
    rows[3] = rows[1];
    assert_true(io_vectors_write(&v, folder_path("two"), IO_WORD2VEC_BIN, &e));
    file_map m;
    assert_true(file_open_map(&m, folder_path("two"), &e));
    assert_int_equal(m.size, 4 + 2 * (2 + 8 + 1));
    assert_memory_equal(m.data, "2 2\na \0\0\0\x3f\0\0\0\xc0\nb ", 4 + 2 + 8 + 1 + 2);
    assert_int_equal(m.data[m.size - 1], '\n');
    file_close_map(&m);
}

static void assert_reads(const char *bytes, int64_t n, int64_t width, const char *last_name,
                         real last) {
    err e = {0};
    assert_true(file_write(folder_path("x"), bytes, strlen(bytes), &e));
    io_vectors v = read_vectors(folder_path("x"), 0);
    assert_int_equal(v.n, n);
    assert_int_equal(v.width, width);
    assert_string_equal(v.names[n - 1], last_name);
    assert_true(v.rows[n * width - 1] == last);
    io_vectors_free(&v);
}

static void test_reads_odd_texts(void **state) {
    (void)state;
    assert_reads("a 1 2\nb 3 4", 2, 2, "b", 4);
    assert_reads("a 1 2\r\nb 3 4\r\n\r\n\n", 2, 2, "b", 4);
    assert_reads("2 2 \r\na 1 2 \r\nb   3  4  \r\n", 2, 2, "b", 4);
    assert_reads("a 1 2\n. . . 3 4\n", 2, 2, ". . .", 4); /* as in GloVe's 840B */
    assert_reads("a 1 2\n 3 4\n", 2, 2, "", 4);
    assert_reads("1 2 3\n4 5 6\n", 2, 2, "4", 6);
    assert_reads("1 1\na 2.5\n", 1, 1, "a", 2.5);
    assert_reads("2 1\n\n\na \1\1\1Ab \1\1\1A\n\n", 2, 1, "b", 8 + 65793 / (real)0x100000);
}

static void test_metadata_of_two_columns_has_a_header(void **state) {
    (void)state;
    err e = {0};
    static const char metadata[] = "word\tcount\nking\t3\nqueen\t2\n";
    assert_true(file_write(folder_path("vectors.tsv"), "1\t2\n3\t4\n", 8, &e));
    assert_true(file_write(folder_path("metadata.tsv"), metadata, sizeof metadata - 1, &e));
    io_vectors v = read_vectors(folder, 0);
    assert_int_equal(v.n, 2);
    assert_string_equal(v.names[0], "king");
    assert_string_equal(v.names[1], "queen");
    assert_true(v.rows[3] == 4);
    io_vectors_free(&v);
}

static void test_reads_an_npy_of_doubles(void **state) {
    (void)state;
    err e = {0};
    char npy[64 + 16] = "\x93NUMPY\x01\0\x36";
    snprintf(npy + 10, 54 + 1, "%-54s", "{\"shape\": (1,2), 'fortran_order':False,'descr':'<f8'}");
    memcpy(npy + 64, (double[]){0.1, -3}, 16);
    assert_true(file_write(folder_path("d.npy"), npy, sizeof npy, &e));
    assert_true(file_write(folder_path("d.words.txt"), "word", 4, &e));
    io_vectors v = read_vectors(folder_path("d.npy"), 0);
    assert_string_equal(v.names[0], "word");
    assert_true(v.rows[0] == (real)0.1 && v.rows[1] == -3);
    io_vectors_free(&v);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reads_word2vec),
        cmocka_unit_test(test_reads_gensim),
        cmocka_unit_test(test_reads_glove),
        cmocka_unit_test(test_reads_fasttext),
        cmocka_unit_test(test_fasttext_of_unseen_words),
        cmocka_unit_test(test_a_limit_stops_early),
        cmocka_unit_test(test_round_trips_are_exact),
        cmocka_unit_test(test_threads_change_nothing),
        cmocka_unit_test(test_writes_the_forms_of_others),
        cmocka_unit_test(test_reads_odd_texts),
        cmocka_unit_test(test_metadata_of_two_columns_has_a_header),
        cmocka_unit_test(test_reads_an_npy_of_doubles),
    };
    return cmocka_run_group_tests(tests, folder_make, folder_remove);
}
