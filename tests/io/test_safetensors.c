#include "io/safetensors.h"

#include "folder.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#define COUNT(a) (sizeof(a) / sizeof *(a))

/* Returns new bytes (free with free): a file with this header and n zero bytes of data. */
static char *make_file(const char *header, size_t n, size_t *size) {
    size_t length = strlen(header);
    *size = 8 + length + n;
    char *bytes = calloc(*size, 1);
    for (int i = 0; i < 8; i++) bytes[i] = (char)(length >> 8 * i & 0xFF);
    memcpy(bytes + 8, header, length);
    return bytes;
}

static void assert_refused(const char *header, size_t n, const char *reason) {
    size_t size;
    char *bytes = make_file(header, n, &size);
    io_safetensors f;
    err e = {0};
    if (io_safetensors_parse(&f, bytes, size, "a file", &e)) fail_msg("accepted: %s", header);
    assert_int_equal(e.code, ERR_INPUT);
    if (strncmp(e.message, "a file: ", 8) != 0 || !strstr(e.message, reason))
        fail_msg("%s\n  said:     %s\n  expected: %s", header, e.message, reason);
    assert_null(strchr(e.message, '\n'));
    io_safetensors_close(&f);
    free(bytes);
}

static void test_reads_a_file_by_hand(void **state) {
    (void)state;
    size_t size;
    char *bytes = make_file("{\"b\":{\"dtype\":\"U8\",\"shape\":[3],\"data_offsets\":[4,7]},"
                            "\"a\":{\"data_offsets\":[0,4],\"shape\":[],\"dtype\":\"F32\"},"
                            "\"__metadata__\":{\"format\":\"pt\",\"k\\u00e9\":\"\\\"\"}}   ",
                            7, &size);
    bytes[size - 1] = 42;
    io_safetensors f;
    err e = {0};
    assert_true(io_safetensors_parse(&f, bytes, size, "a file", &e));
    assert_int_equal(f.n_tensors, 2);
    assert_string_equal(f.tensors[0].name, "a");
    assert_string_equal(f.tensors[0].dtype, "F32");
    assert_int_equal(f.tensors[0].n_dim, 0);
    assert_int_equal(f.tensors[0].bytes, 4);
    const io_tensor *b = io_safetensors_find(&f, "b");
    assert_ptr_equal(b, &f.tensors[1]);
    assert_int_equal(b->n_dim, 1);
    assert_int_equal(b->shape[0], 3);
    assert_int_equal(((const uint8_t *)b->data)[2], 42);
    assert_null(io_safetensors_find(&f, "c"));
    assert_int_equal(f.n_meta, 2);
    assert_string_equal(io_safetensors_meta(&f, "format"), "pt");
    assert_string_equal(io_safetensors_meta(&f, "k\xc3\xa9"), "\"");
    assert_null(io_safetensors_meta(&f, "a"));
    io_safetensors_close(&f);
    free(bytes);
}

static const float weights[6] = {1.5f, -2, 3, 4, 5, 6e-30f};
static const int64_t steps = 1ll << 40;
static const io_tensor tensors[] = {
    {"h.0.weight", "F32", 2, {2, 3}, weights, sizeof weights},
    {"empty", "F16", 2, {0, 9}, NULL, 0},
    {"a \"quoted\"\n\xe2\x82\xac name", "I64", 0, {0}, &steps, sizeof steps},
};
static const io_meta meta[] = {{"config", "[model]\nn_layer = 4\n"}, {"format", "pt"}};

static void test_writes_what_it_reads(void **state) {
    (void)state;
    err e = {0};
    assert_true(io_safetensors_write(folder_path("m"), tensors, COUNT(tensors), meta, 2, &e));
    io_safetensors f;
    assert_true(io_safetensors_open(&f, folder_path("m"), &e));
    assert_int_equal(f.n_tensors, COUNT(tensors));
    for (size_t i = 0; i < COUNT(tensors); i++) {
        const io_tensor *written = &tensors[i], *t = io_safetensors_find(&f, written->name);
        assert_non_null(t);
        assert_string_equal(t->dtype, written->dtype);
        assert_int_equal(t->n_dim, written->n_dim);
        assert_memory_equal(t->shape, written->shape, sizeof t->shape);
        assert_int_equal(t->bytes, written->bytes);
        if (t->bytes) assert_memory_equal(t->data, written->data, t->bytes);
    }
    assert_string_equal(io_safetensors_meta(&f, "config"), meta[0].value);
    assert_string_equal(io_safetensors_meta(&f, "format"), "pt");
    assert_int_equal(((const char *)f.tensors[0].data - f.map.data) % 64, 0);
    io_safetensors_close(&f);
    assert_int_equal(access(folder_path("m.tmp"), F_OK), -1);
}

static void test_no_tensors_at_all(void **state) {
    (void)state;
    err e = {0};
    io_safetensors f;
    assert_true(io_safetensors_write(folder_path("none"), NULL, 0, NULL, 0, &e));
    assert_true(io_safetensors_open(&f, folder_path("none"), &e));
    assert_int_equal(f.n_tensors, 0);
    io_safetensors_close(&f);
}

static void test_thousands_of_tensors(void **state) {
    (void)state;
    enum { N = 20000 };
    static char names[N][16];
    static int32_t values[N];
    io_tensor *many = calloc(N, sizeof *many);
    for (int i = 0; i < N; i++) {
        snprintf(names[i], sizeof names[i], "t.%d", i * 7919 % N);
        values[i] = i;
        many[i] = (io_tensor){names[i], "I32", 1, {1}, &values[i], 4};
    }
    err e = {0};
    io_safetensors f;
    assert_true(io_safetensors_write(folder_path("many"), many, N, NULL, 0, &e));
    assert_true(io_safetensors_open(&f, folder_path("many"), &e));
    for (int i = 0; i < N; i++) assert_string_equal(f.tensors[i].name, names[i]);
    assert_memory_equal(f.tensors[0].data, values, sizeof values);
    io_safetensors_close(&f);
    free(many);
}

#define TENSOR(name, dtype, shape, offsets)                                                        \
    "\"" name "\":{\"dtype\":\"" dtype "\",\"shape\":" shape ",\"data_offsets\":" offsets "}"

static void test_refuses_bad_headers(void **state) {
    (void)state;
    static const struct {
        const char *header;
        size_t data;
        const char *reason;
    } cases[] = {
        {"", 0, "not a safetensors file"},
        {"[]", 0, "not a JSON object"},
        {" {}", 0, "not a JSON object"},
        {"{\"a\":1,}", 0, "not a JSON object"},
        {"{} x", 0, "not a JSON object"},
        {"{\"\xff\":1}", 0, "not valid UTF-8"},
        {"{\"a\\u0000b\":1}", 0, "NUL"},
        {"{\"a\":1}", 0, "'a': expected dtype, shape and data_offsets"},
        {"{\"a\":{\"dtype\":\"U8\",\"shape\":[1]}}", 1, "expected dtype, shape and data_offsets"},
        {"{\"a\":{\"dtype\":\"U8\",\"dtype\":\"I8\",\"shape\":[1],\"data_offsets\":[0,1]}}", 1,
         "expected dtype, shape and data_offsets"},
        {"{" TENSOR("a", "F33", "[1]", "[0,4]") "}", 4, "unknown dtype 'F33'"},
        {"{\"a\":{\"dtype\":5,\"shape\":[1],\"data_offsets\":[0,1]}}", 1, "unknown dtype"},
        {"{" TENSOR("a", "U8", "[-1]", "[0,1]") "}", 1, "shape is not"},
        {"{" TENSOR("a", "U8", "[0.5]", "[0,1]") "}", 1, "shape is not"},
        {"{" TENSOR("a", "U8", "[9007199254740993]", "[0,1]") "}", 1, "shape is not"},
        {"{" TENSOR("a", "U8", "[\"1\"]", "[0,1]") "}", 1, "shape is not"},
        {"{" TENSOR("a", "U8", "{\"x\":1}", "[0,1]") "}", 1, "shape is not"},
        {"{" TENSOR("a", "U8", "[1,1,1,1,1,1,1,1,1]", "[0,1]") "}", 1, "at most 8"},
        {"{" TENSOR("a", "U8", "[4294967296,4294967296,1]", "[0,0]") "}", 0, "impossible shape"},
        {"{" TENSOR("a", "F4", "[3]", "[0,1]") "}", 1, "impossible shape"},
        {"{" TENSOR("a", "U8", "[1]", "[0]") "}", 1, "data_offsets are not"},
        {"{" TENSOR("a", "U8", "[1]", "[0,1,2]") "}", 1, "data_offsets are not"},
        {"{" TENSOR("a", "U8", "[1]", "[1,0]") "}", 1, "data_offsets are not"},
        {"{" TENSOR("a", "U8", "[1]", "[-1,0]") "}", 1, "data_offsets are not"},
        {"{" TENSOR("a", "F32", "[2]", "[0,4]") "}", 4, "'a': 4 bytes of data, expected 8"},
        {"{" TENSOR("a", "U8", "[9]", "[0,9]") "}", 8, "ends at byte 9 of the data, but the file"},
        {"{" TENSOR("a", "U8", "[4]", "[0,4]") "}", 5, "5 bytes of data, expected 4"},
        {"{}", 1, "1 bytes of data, expected 0"},
        {"{" TENSOR("a", "U8", "[1]", "[0,1]") "," TENSOR("b", "U8", "[1]", "[2,3]") "}", 3,
         "'b' begins at byte 2 of the data, expected 1 (hole)"},
        {"{" TENSOR("a", "U8", "[2]", "[0,2]") "," TENSOR("b", "U8", "[2]", "[1,3]") "}", 3,
         "'b' begins at byte 1 of the data, expected 2 (overlap)"},
        {"{" TENSOR("a", "U8", "[1]", "[0,1]") "," TENSOR("b", "U8", "[1]", "[0,1]") "}", 1,
         "overlap"},
        {"{" TENSOR("a", "U8", "[1]", "[0,1]") "," TENSOR("a", "U8", "[1]", "[1,2]") "}", 2,
         "'a' stands twice"},
        {"{" TENSOR("a", "U8", "[0]", "[0,0]") "," TENSOR("b", "U8", "[0]", "[0,0]") "," TENSOR(
             "a", "U8", "[0]", "[0,0]") "}",
         0, "'a' stands twice"},
        {"{\"__metadata__\":[]}", 0, "__metadata__ is not an object"},
        {"{\"__metadata__\":{\"n\":1}}", 0, "'n' is not a string"},
        {"{\"__metadata__\":{\"n\":\"\",\"n\":\"\"}}", 0, "'n' twice"},
        {"{\"__metadata__\":{},\"__metadata__\":{}}", 0, "'__metadata__' stands twice"},
    };
    for (size_t i = 0; i < COUNT(cases); i++)
        assert_refused(cases[i].header, cases[i].data, cases[i].reason);
}

static void test_refuses_deep_nesting(void **state) {
    (void)state;
    enum { DEPTH = 100000 };
    static char header[DEPTH + 8] = "{\"a\":";
    memset(header + 5, '[', DEPTH);
    assert_refused(header, 0, "not a JSON object");
}

static void test_refuses_long_headers(void **state) {
    (void)state;
    static const unsigned char lengths[][8] = {
        {3}, {1, 0, 0, 0, 0, 0, 0, 0x80}, {255, 255, 255, 255, 255, 255, 255, 255}};
    for (size_t i = 0; i < COUNT(lengths); i++) {
        char bytes[10] = "........{}";
        memcpy(bytes, lengths[i], 8);
        io_safetensors f;
        err e = {0};
        assert_false(io_safetensors_parse(&f, bytes, sizeof bytes, "a file", &e));
        assert_non_null(strstr(e.message, "not a safetensors file"));
    }
}

/* Every shorter file is refused; a file with one byte changed is refused or read, never more. */
static void test_damaged_files(void **state) {
    (void)state;
    err e = {0};
    file_map map;
    assert_true(io_safetensors_write(folder_path("m"), tensors, COUNT(tensors), meta, 2, &e));
    assert_true(file_open_map(&map, folder_path("m"), &e));
    for (size_t n = 0; n < map.size; n++) {
        char *bytes = malloc(n + 1); /* exact, so that a sanitizer sees a step beyond */
        memcpy(bytes, map.data, n);
        io_safetensors f;
        e = (err){0};
        assert_false(io_safetensors_parse(&f, bytes, n, "a file", &e));
        assert_int_equal(e.code, ERR_INPUT);
        free(bytes);
    }
    char *bytes = malloc(map.size);
    for (size_t i = 0; i < map.size; i++) {
        memcpy(bytes, map.data, map.size);
        bytes[i] ^= (char)(1 << i % 8);
        io_safetensors f;
        e = (err){0};
        bool ok = io_safetensors_parse(&f, bytes, map.size, "a file", &e);
        assert_int_equal(ok, e.code == ERR_NONE);
        io_safetensors_close(&f);
    }
    free(bytes);
    file_close_map(&map);
}

static void test_names_the_missing_file(void **state) {
    (void)state;
    io_safetensors f;
    err e = {0};
    assert_false(io_safetensors_open(&f, folder_path("absent"), &e));
    assert_non_null(strstr(e.message, "absent: No such file"));
    io_safetensors_close(&f);
}

static void test_failed_write_keeps_the_old_file(void **state) {
    (void)state;
    static const io_meta bad[] = {{"title", "caf\xe9"}};
    err e = {0};
    assert_true(io_safetensors_write(folder_path("old"), tensors, 1, NULL, 0, &e));
    assert_false(io_safetensors_write(folder_path("old"), tensors, 1, bad, 1, &e));
    assert_non_null(strstr(e.message, "valid UTF-8"));
    io_safetensors f;
    e = (err){0};
    assert_true(io_safetensors_open(&f, folder_path("old"), &e));
    io_safetensors_close(&f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reads_a_file_by_hand),
        cmocka_unit_test(test_writes_what_it_reads),
        cmocka_unit_test(test_no_tensors_at_all),
        cmocka_unit_test(test_thousands_of_tensors),
        cmocka_unit_test(test_refuses_bad_headers),
        cmocka_unit_test(test_refuses_deep_nesting),
        cmocka_unit_test(test_refuses_long_headers),
        cmocka_unit_test(test_damaged_files),
        cmocka_unit_test(test_names_the_missing_file),
        cmocka_unit_test(test_failed_write_keeps_the_old_file),
    };
    return cmocka_run_group_tests(tests, folder_make, folder_remove);
}
