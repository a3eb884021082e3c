/* Any bytes are named vectors of finite numbers, no more than the file can hold, or one message.
 * What follows the line "names:" is the list that stands beside the file. */
#define _GNU_SOURCE /* memmem */
#include "base/check.h"
#include "io/vectors_layout.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_numbers(const real *rows, int64_t n) {
    for (int64_t i = 0; i < n; i++) CHECK(isfinite(rows[i]), "number %lld", (long long)i);
}

static void check_vectors(const io_vectors *v, size_t size) {
    CHECK(v->n > 0 && v->width > 0, "%lld x %lld", (long long)v->n, (long long)v->width);
    CHECK((size_t)v->n * (size_t)v->width <= size, "more numbers than bytes");
    check_numbers(v->rows, v->n * v->width);
    size_t bytes = 0;
    for (int64_t i = 0; i < v->n; i++) {
        bytes += strlen(v->names[i]);
        CHECK(!strchr(v->names[i], '\n'), "a line break in a name");
    }
    CHECK(bytes <= size, "longer names than the file");
    const io_subwords *s = &v->subwords;
    if (s->rows) check_numbers(s->rows, s->bucket * v->width);
}

static void parse_vectors(const vectors_source *s, size_t size) {
    io_vectors v;
    err e = {0};
    if (vectors_parse(&v, s, &e)) {
        check_vectors(&v, size);
        CHECK(v.n <= s->limit, "beyond the limit");
    } else {
        CHECK(e.code == ERR_INPUT && *e.message, "refused without a message");
        CHECK(!strpbrk(e.message, "\r\n"), "more than one line");
        CHECK(str_utf8_valid(e.message, strlen(e.message)) == strlen(e.message), "not UTF-8");
    }
    io_vectors_free(&v);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const char line[] = "names:\n";
    const char *bytes = (const char *)data, *list = memmem(data, size, line, sizeof line - 1);
    vectors_source s = {.path = "fuzz", .list_path = "list", .limit = INT64_MAX};
    s.file = (vectors_span){bytes, list ? (size_t)(list - bytes) : size};
    if (list) {
        list += sizeof line - 1;
        s.list = (vectors_span){list, (size_t)(bytes + size - list)};
    }
    parse_vectors(&s, size);
    s.limit = 2;
    parse_vectors(&s, size);
    s.folder = true;
    parse_vectors(&s, size);
    return 0;
}
