/* Files that are no word vectors, or not whole, are one line that says so. */
#include "io/vectors.h"

#include "base/file.h"
#include "folder.h"
#include "io/safetensors.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(a) (sizeof(a) / sizeof *(a))
#define GOLDEN   "tests/golden/vectors/"

static void write_file(const char *name, const char *bytes, size_t n) {
    err e = {0};
    if (!file_write(folder_path(name), bytes, n, &e)) fail_msg("%s", e.message);
}

static void assert_refused(const char *path, const char *reason) {
    io_vectors v;
    err e = {0};
    if (io_vectors_read(&v, path, 0, &e)) fail_msg("accepted, expected: %s", reason);
    assert_int_equal(e.code, ERR_INPUT);
    if (!strstr(e.message, reason)) fail_msg("said: %s\n  expected: %s", e.message, reason);
    assert_null(strchr(e.message, '\n'));
    assert_null(v.rows);
    io_vectors_free(&v);
}

static void assert_bytes_refused(const char *bytes, size_t n, const char *reason) {
    write_file("x", bytes, n);
    assert_refused(folder_path("x"), reason);
}

static void test_other_files(void **state) {
    (void)state;
    static const struct {
        const char *text, *reason;
    } cases[] = {
        {"", "x: not word vectors, expected a file of word2vec"},
        {"\xff\xd8\xff\xe0 JFIF", "not word vectors"},
        {"Chapter 1\nIt was a dark night.\n", "not word vectors"},
        {"the 1061396\nof 593677\n", "not word vectors"},
        {"0 5\n", "not word vectors"},
        {"0.5\t1\n", "not word vectors"},
        {"\x1f\x8b\x08", "compressed with gzip"},
        {"PK\x03\x04", "compressed with zip"},
        {"\xfd\x37zXZ", "compressed with xz"},
    };
    for (size_t i = 0; i < COUNT(cases); i++)
        assert_bytes_refused(cases[i].text, strlen(cases[i].text), cases[i].reason);
    assert_refused(folder_path("absent"), "absent: No such file");
}

static void test_texts(void **state) {
    (void)state;
    static const struct {
        const char *text, *reason;
    } cases[] = {
        {"a 1 2\nb 3\n", "x:2: 1 numbers for 'b', expected 2"},
        {"a 1 2\n\nb 3 4\n", "x:2: 0 numbers for '', expected 2"},
        {"a 1 2\nb 3 4 5\n", "x:2: 3 numbers for 'b', expected 2"},
        {"a 1 2\nb 3 nan\n", "x:2: 'nan' in the vector of 'b', expected a number"},
        {"a 1 2\nb 3 0x4\n", "x:2: '0x4' in the vector of 'b'"},
        {"a 1 2\nb -1e99 4\n", "x: the vector of 'b' (row 2) is not finite"},
        {"a 1 2\nb 3 4\nc", "x: ends inside the vector of 'c' (row 3 of 3)"},
        {"3 2\na 1 2\nb 3 ", "x: ends inside the vector of 'b' (row 2 of 3)"},
        {"3 2\na 1 2\nb 3 -", "x: ends inside the vector of 'b' (row 2 of 3)"},
        {"3 2\na 1 2\nb 3 4\n", "x: ends after row 2 of 3"},
        {"1 2\na 1 2\nb 3 4\n", "x: more than the 1 rows that its first line names"},
        {"2 2\na 1 2 3\nb 3 4 5\n", "x:2: 3 numbers for 'a', expected 2"},
        {"9999999999999 2\na 1 2\n", "x: ends after row 1 of 9999999999999"},
        {"1 999999999999999999\na 0.1 0.2 0.3 0.4\n", "x:2: 4 numbers for 'a', expected 99999"},
        {"2 2\n", "x: ends after row 0 of 2"},
        {"2 2\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r", "x: ends after row 0 of 2"},
    };
    for (size_t i = 0; i < COUNT(cases); i++)
        assert_bytes_refused(cases[i].text, strlen(cases[i].text), cases[i].reason);
    assert_bytes_refused("a\0b 1 2\n", 8, "the name 'a?b' (row 1) holds a NUL byte");
}

static void test_word2vec_binaries(void **state) {
    (void)state;
#define ONE "\0\0\x80\x3f"
    static const struct {
        const char *bytes;
        size_t n;
        const char *reason;
    } cases[] = {
        {"2 2\na " ONE ONE "\nb " ONE, 21, "x: ends inside the vector of 'b' (row 2 of 2)"},
        {"2 2\na " ONE ONE "\nbc", 17, "x: ends inside the name of 'bc' (row 2 of 2)"},
        {"2 2\na " ONE ONE "\n", 15, "x: ends after row 1 of 2"},
        {"1 2\na " ONE ONE "\nbc", 17, "x: 2 bytes behind the last of 1 vectors of 2 numbers"},
        {"1 1\na \0\0\xc0\x7f", 10, "x: the vector of 'a' (row 1) is not finite"},
        {"1 1\na \0\0\x80\xff", 10, "x: the vector of 'a' (row 1) is not finite"},
        {"1 1\na\0 " ONE, 11, "x: the name 'a?' (row 1) holds a NUL byte"},
        {"1 1\na\nb " ONE, 12, "x: the name 'a?b' (row 1) holds a line break"},
        {"999999999999999999 1\na " ONE, 27, "x: ends after row 1 of 999999999999999999"},
        {"1 999999999999999999\na " ONE, 27, "x: ends inside the vector of 'a' (row 1 of 1)"},
    };
    for (size_t i = 0; i < COUNT(cases); i++)
        assert_bytes_refused(cases[i].bytes, cases[i].n, cases[i].reason);
}

/* A copy of a file in memory (free with free). */
static char *copy_of(const char *path, size_t *n) {
    file_map m;
    err e = {0};
    if (!file_open_map(&m, path, &e)) fail_msg("%s", e.message);
    char *bytes = malloc(m.size);
    memcpy(bytes, m.data, m.size);
    *n = m.size;
    file_close_map(&m);
    return bytes;
}

static void assert_patched_refused(size_t at, char byte, const char *reason) {
    size_t n;
    char *bytes = copy_of(GOLDEN "fasttext.bin", &n);
    bytes[at] = byte;
    assert_bytes_refused(bytes, n, reason);
    free(bytes);
}

/* The dictionary begins at byte 64, its entries at 92; the matrix behind the 18th. */
static void test_fasttext_models(void **state) {
    (void)state;
    assert_patched_refused(4, 11, "x: a fastText model of version 11, expected 12");
    assert_patched_refused(8, 0, "x: impossible settings: dim 0, bucket 97, minn 2, maxn 4");
    assert_patched_refused(91, 0, "x: a pruned fastText model");
    assert_patched_refused(68, 99, "x: 99 words and 0 labels of 18 do not fit the file");
    assert_patched_refused(104, 1, "x: entry 1 of the dictionary is a label among words");
    size_t n;
    char *bytes = copy_of(GOLDEN "fasttext.bin", &n), *quantised = NULL;
    const char rows[8] = {18 + 97};
    for (size_t i = 92; i + 8 < n && !quantised; i++)
        if (memcmp(bytes + i, rows, 8) == 0) quantised = bytes + i - 1;
    assert_non_null(quantised);
    size_t at = (size_t)(quantised - bytes);
    assert_patched_refused(at, 1, "x: a quantised fastText model");
    assert_patched_refused(at + 1, 7, "x: a matrix of 7 x 4, expected 18 + 97 x 4");
    memcpy(bytes + at + 17, "\0\0\xc0\x7f", 4);
    assert_bytes_refused(bytes, n, "x: the vector of 'the' (row 1) is not finite");
    assert_bytes_refused(bytes, at + 17 + 2 * 16 + 3,
                         "ends inside the vector of '.' (row 3 of 115)");
    assert_bytes_refused(bytes, at + 17 + 100 * 16, "of an n-gram behind '");
    free(bytes);
}

/* Whatever is cut off the end of a binary is missed. */
static void test_cut_files(void **state) {
    (void)state;
    static const struct {
        const char *path;
        size_t needless; /* bytes at the end that nothing reads */
    } cases[] = {
        {GOLDEN "word2vec.bin", 1}, {GOLDEN "gensim.bin", 0}, {GOLDEN "fasttext.bin", 305}};
    for (size_t i = 0; i < COUNT(cases); i++) {
        size_t n;
        char *bytes = copy_of(cases[i].path, &n);
        for (size_t kept = 0; kept < n - cases[i].needless; kept += 1 + kept / 20)
            assert_bytes_refused(bytes, kept, "x: ");
        assert_bytes_refused(bytes, n - cases[i].needless - 1, "x: ends inside the vector of");
        free(bytes);
    }
}

static void test_npy_files(void **state) {
    (void)state;
#define NPY(header, n) "\x93NUMPY\1\0" n "\0" header
    static const struct {
        const char *bytes;
        size_t n;
        const char *reason;
    } cases[] = {
        {"\x93NUMPY\4\0", 8, "not a .npy file of version 1 to 3"},
        {NPY("{}", "\x09"), 12, "ends inside the .npy header"},
        {NPY("{}", "\2"), 12, "the .npy header is not of a matrix"},
        {NPY("{'descr':'<i4','fortran_order':False,'shape':(1,1)}", "\x33"), 65, "another type"},
        {NPY("{'descr':'<f4','fortran_order':True,'shape':(1,1)}", "\x32"), 64, "in C order"},
        {NPY("{'descr':'<f4','fortran_order':False,'shape':(1,)}", "\x32"), 64, "not of a matrix"},
        {NPY("{'descr':'<f4','fortran_order':False,'shape':(0,1)}", "\x33"), 61, "not of a matrix"},
        {NPY("{'descr':'<f4','fortran_order':False,'shape':(1,2)}", "\x33"), 65,
         "4 bytes of numbers, expected 1 x 2 of 4"},
        {NPY("{'descr':'<f4','fortran_order':False,'shape':(99999999999999,99999999999999)}",
             "\x4d"),
         91, "4 bytes of numbers, expected 99999999999999 x"},
        {NPY("{'descr':'<f4','fortran_order':False,'shape':(1,1)}", "\x33"), 65,
         "no-list.npy: no "},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        char bytes[128] = "";
        memcpy(bytes, cases[i].bytes, cases[i].n - (cases[i].n > 60 ? 4 : 0));
        write_file("no-list.npy", bytes, cases[i].n);
        assert_refused(folder_path("no-list.npy"), cases[i].reason);
    }
    write_file("no-list.words.txt", "a\nb\n", 4);
    assert_refused(folder_path("no-list.npy"), "no-list.words.txt: 2 names, expected 1");
}

static void test_safetensors_of_something_else(void **state) {
    (void)state;
    err e = {0};
    static const float x[2] = {1, 2};
    static const io_tensor other[] = {{"wte.weight", "F32", 2, {2, 1}, x, sizeof x}};
    assert_true(io_safetensors_write(folder_path("s"), other, 1, NULL, 0, &e));
    assert_refused(folder_path("s"), "expected the tensors 'vectors' (V, D) F32 and 'words' U8");
    static const io_tensor two[] = {{"vectors", "F32", 2, {2, 1}, x, sizeof x},
                                    {"words", "U8", 1, {4}, "one\n", 4}};
    assert_true(io_safetensors_write(folder_path("s"), two, 2, NULL, 0, &e));
    assert_refused(folder_path("s"), "s: 1 names, expected 2");
}

static void test_projector_folders(void **state) {
    (void)state;
    err e = {0};
    assert_true(file_remove(folder_path("vectors.tsv"), &e));
    assert_refused(folder, "a folder without vectors.tsv");
    write_file("vectors.tsv", "1\t2\n3\t4\n", 8);
    assert_refused(folder, "metadata.tsv: not found");
    write_file("metadata.tsv", "a\n", 2);
    assert_refused(folder, "metadata.tsv: 1 names, expected 2");
    write_file("metadata.tsv", "a\nb\n", 4);
    write_file("vectors.tsv", "1\t2\n3\n", 6);
    assert_refused(folder, "vectors.tsv:2: 1 numbers, expected 2");
    write_file("vectors.tsv", "1\t2\n3\tx\n", 8);
    assert_refused(folder, "vectors.tsv:2: not a line of 2 numbers");
    write_file("vectors.tsv", "", 0);
    assert_refused(folder, "vectors.tsv: empty");
}

static void test_names_that_a_layout_cannot_hold(void **state) {
    (void)state;
    static const struct {
        const char *name;
        io_vector_format format;
        const char *reason;
    } cases[] = {
        {"New York", IO_WORD2VEC_BIN, "the name 'New York' (row 1): a blank in it"},
        {"New York", IO_GLOVE_TEXT, "a blank in it"},
        {"a\nb", IO_WORD2VEC_TEXT, "the name 'a?b' (row 1): a line break in it"},
        {"a\nb", IO_NPY, "a line break in it"},
        {"a\r", IO_SAFETENSORS, "a line break in it"},
        {"a\tb", IO_PROJECTOR, "a tab in it"},
    };
    real row[1] = {1};
    for (size_t i = 0; i < COUNT(cases); i++) {
        char *names[1] = {(char *)cases[i].name};
        err e = {0};
        io_vectors v = {.n = 1, .width = 1, .rows = row, .names = names};
        assert_false(io_vectors_write(&v, folder_path("unwritten"), cases[i].format, &e));
        if (!strstr(e.message, cases[i].reason)) fail_msg("said: %s", e.message);
        assert_false(file_exists(folder_path("unwritten")));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_other_files),
        cmocka_unit_test(test_texts),
        cmocka_unit_test(test_word2vec_binaries),
        cmocka_unit_test(test_fasttext_models),
        cmocka_unit_test(test_cut_files),
        cmocka_unit_test(test_npy_files),
        cmocka_unit_test(test_safetensors_of_something_else),
        cmocka_unit_test(test_projector_folders),
        cmocka_unit_test(test_names_that_a_layout_cannot_hold),
    };
    return cmocka_run_group_tests(tests, folder_make, folder_remove);
}
