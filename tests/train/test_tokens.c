#include "train/tokens.h"

#include "base/file.h"
#include "folder.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#define COUNT(a) (sizeof(a) / sizeof *(a))

enum { HEADER_BYTES = 256 * 4, NARROW_LIMIT = 65536 };

static const int32_t ids[] = {0, 7, 65535, 256, 3};

static void write_ids(int32_t vocab_size) {
    err e = {0};
    assert_true(train_tokens_write(folder_path("t.bin"), ids, COUNT(ids), vocab_size, &e));
}

static void assert_reads_back(int32_t vocab_size, bool wide) {
    err e = {0};
    train_tokens t;
    write_ids(vocab_size);
    assert_true(train_tokens_open(&t, folder_path("t.bin"), vocab_size, &e));
    assert_int_equal(t.n, COUNT(ids));
    assert_int_equal(t.wide, wide);
    int32_t read[COUNT(ids)];
    train_tokens_copy(&t, 0, COUNT(ids), read);
    assert_memory_equal(read, ids, sizeof ids);
    train_tokens_copy(&t, 2, 2, read);
    assert_memory_equal(read, ids + 2, 2 * sizeof *ids);
    train_tokens_close(&t);
}

static void test_reads_what_it_writes(void **state) {
    (void)state;
    assert_reads_back(NARROW_LIMIT, false);
    assert_reads_back(NARROW_LIMIT + 1, true);
}

/* The layout that llm.c reads: 256 int32, then uint16 (GPT-2) or uint32 (Llama 3). */
static void test_the_layout_is_that_of_llm_c(void **state) {
    (void)state;
    static const struct {
        int32_t vocab_size, header[3];
        size_t width;
    } cases[] = {{NARROW_LIMIT, {20240520, 1, COUNT(ids)}, 2},
                 {NARROW_LIMIT + 1, {20240801, 7, COUNT(ids)}, 4}};
    for (size_t i = 0; i < COUNT(cases); i++) {
        err e = {0};
        file_map map;
        write_ids(cases[i].vocab_size);
        assert_true(file_open_map(&map, folder_path("t.bin"), &e));
        assert_int_equal(map.size, HEADER_BYTES + COUNT(ids) * cases[i].width);
        assert_memory_equal(map.data, cases[i].header, sizeof cases[i].header);
        for (size_t k = sizeof cases[i].header; k < HEADER_BYTES; k++)
            assert_int_equal(map.data[k], 0);
        for (size_t k = 0; k < COUNT(ids); k++)
            assert_memory_equal(map.data + HEADER_BYTES + k * cases[i].width, &ids[k],
                                cases[i].width); /* little-endian */
        file_close_map(&map);
    }
}

static void test_no_tokens_at_all(void **state) {
    (void)state;
    err e = {0};
    train_tokens t;
    assert_true(train_tokens_write(folder_path("t.bin"), NULL, 0, 10, &e));
    assert_true(train_tokens_open(&t, folder_path("t.bin"), 10, &e));
    assert_int_equal(t.n, 0);
    train_tokens_close(&t);
}

static void test_the_fingerprint_tells_texts_apart(void **state) {
    (void)state;
    err e = {0};
    train_tokens file, memory = train_tokens_of(ids, COUNT(ids));
    write_ids(NARROW_LIMIT);
    assert_true(train_tokens_open(&file, folder_path("t.bin"), NARROW_LIMIT, &e));
    uint64_t print = train_tokens_fingerprint(&file);
    assert_true(print == train_tokens_fingerprint(&memory)); /* of the ids, not of their width */
    train_tokens_close(&file);
    static const int32_t other[] = {0, 7, 65535, 3, 256};
    train_tokens swapped = train_tokens_of(other, COUNT(other));
    train_tokens shorter = train_tokens_of(ids, COUNT(ids) - 1);
    assert_true(print != train_tokens_fingerprint(&swapped));
    assert_true(print != train_tokens_fingerprint(&shorter));
}

/* Opening the bytes must fail with one line that names the file and has the reason in it. */
static void assert_refused(const void *bytes, size_t n, int32_t vocab_size, const char *reason) {
    err e = {0};
    train_tokens t;
    assert_true(file_write(folder_path("bad.bin"), bytes, n, &e));
    assert_false(train_tokens_open(&t, folder_path("bad.bin"), vocab_size, &e));
    assert_int_equal(e.code, ERR_INPUT);
    if (!strstr(e.message, "bad.bin: ") || !strstr(e.message, reason))
        fail_msg("said: %s\n  expected: %s", e.message, reason);
    assert_null(strchr(e.message, '\n'));
}

/* The header of a file of n tokens, and room for some ids behind it. */
typedef struct image {
    int32_t header[256];
    uint16_t ids[8];
} image;

static image narrow_image(int32_t n) {
    return (image){.header = {20240520, 1, n}, .ids = {1, 2, 3, 4}};
}

static void test_refuses_damaged_files(void **state) {
    (void)state;
    image good = narrow_image(4), bad = good;
    assert_refused("", 0, 10, "not a token file: 0 bytes");
    assert_refused(&good, HEADER_BYTES - 1, 10, "not a token file: 1023 bytes");
    assert_refused(&good, HEADER_BYTES + 7, 10, "1031 bytes where 4 tokens need 1032");
    assert_refused(&good, HEADER_BYTES + 9, 10, "1033 bytes where 4 tokens need 1032");
    bad.header[0] = 1;
    assert_refused(&bad, HEADER_BYTES + 8, 10, "magic 1, version 1");
    bad = good;
    bad.header[1] = 7; /* the version of the other width */
    assert_refused(&bad, HEADER_BYTES + 8, 10, "magic 20240520, version 7");
    bad = narrow_image(-2);
    assert_refused(&bad, HEADER_BYTES, 10, "-2 tokens");
    bad = narrow_image(-1);
    assert_refused(&bad, HEADER_BYTES + 7, 10, "1031 bytes where 3 tokens need 1030");
    assert_refused(&good, HEADER_BYTES + 8, 4, "token 3 is 4, outside the vocabulary of 4");
}

/* Beyond 2^31 - 1 tokens the size of the file counts. */
static void test_minus_one_stands_for_many_tokens(void **state) {
    (void)state;
    image many = narrow_image(-1);
    train_tokens t;
    err e = {0};
    int32_t out[4];
    assert_true(file_write(folder_path("many.bin"), &many, HEADER_BYTES + 8, &e));
    assert_true(train_tokens_open(&t, folder_path("many.bin"), 10, &e));
    assert_int_equal(t.n, 4);
    train_tokens_copy(&t, 0, 4, out);
    assert_int_equal(out[3], 4);
    train_tokens_close(&t);
}

/* Stretches of any length give the file that one write gives. */
static void test_writes_in_stretches(void **state) {
    (void)state;
    static int32_t many[10000];
    for (int32_t i = 0; i < 10000; i++) many[i] = i * 7 % 65000;
    for (int32_t vocab_size = 65000; vocab_size < 80000; vocab_size += 10000) {
        train_tokens_writer w;
        file_map whole, parts;
        err e = {0};
        assert_true(train_tokens_write(folder_path("whole.bin"), many, 10000, vocab_size, &e));
        assert_true(train_tokens_begin(&w, folder_path("parts.bin"), vocab_size, &e));
        for (int64_t i = 0, n = 1; i < 10000; i += n, n *= 3)
            train_tokens_append(&w, many + i, n < 10000 - i ? n : 10000 - i);
        assert_true(train_tokens_commit(&w, &e));
        assert_true(file_open_map(&whole, folder_path("whole.bin"), &e));
        assert_true(file_open_map(&parts, folder_path("parts.bin"), &e));
        assert_int_equal(whole.size, parts.size);
        assert_memory_equal(whole.data, parts.data, whole.size);
        file_close_map(&whole);
        file_close_map(&parts);
    }
}

static void test_refuses_ids_that_are_negative_as_int32(void **state) {
    (void)state;
    image wide = {.header = {20240801, 7, 2}};
    memcpy(wide.ids, (uint32_t[]){5, 0xFFFFFFFFu}, 8);
    assert_refused(&wide, HEADER_BYTES + 8, 10, "token 1 is 4294967295");
}

static void test_names_what_cannot_be_opened(void **state) {
    (void)state;
    train_tokens t;
    err e = {0};
    assert_false(train_tokens_open(&t, folder_path("absent.bin"), 10, &e));
    assert_non_null(strstr(e.message, "absent.bin: No such file"));
    e = (err){0};
    assert_false(train_tokens_write(folder_path("absent/t.bin"), ids, 1, 10, &e));
    assert_non_null(strstr(e.message, "No such file"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reads_what_it_writes),
        cmocka_unit_test(test_the_layout_is_that_of_llm_c),
        cmocka_unit_test(test_no_tokens_at_all),
        cmocka_unit_test(test_the_fingerprint_tells_texts_apart),
        cmocka_unit_test(test_refuses_damaged_files),
        cmocka_unit_test(test_minus_one_stands_for_many_tokens),
        cmocka_unit_test(test_writes_in_stretches),
        cmocka_unit_test(test_refuses_ids_that_are_negative_as_int32),
        cmocka_unit_test(test_names_what_cannot_be_opened),
    };
    return cmocka_run_group_tests(tests, folder_make, folder_remove);
}
