#include "io/npy.h"

#include "base/file.h"
#include "base/str.h"
#include "io/vectors_layout.h"

#include <stdio.h>
#include <string.h>

static const char MAGIC[] = "\x93NUMPY";
enum { MAGIC_BYTES = 6, VERSION_BYTES = 2, ALIGNMENT = 64, MAX_HEADER = 65535 };

/* The text of the dict that is left. */
typedef struct dict {
    const char *at, *end;
} dict;

static void skip_blanks(dict *d) {
    while (d->at < d->end && (*d->at == ' ' || *d->at == '\n')) d->at++;
}

/* Takes one character, with the blanks before it. */
static bool take(dict *d, char c) {
    skip_blanks(d);
    bool there = d->at < d->end && *d->at == c;
    d->at += there;
    return there;
}

/* Takes a string in either kind of quotes, without escapes. */
static bool take_string(dict *d, char *out, size_t size) {
    skip_blanks(d);
    if (d->at == d->end || (*d->at != '\'' && *d->at != '"')) return false;
    const char *start = d->at + 1, *close = memchr(start, *d->at, (size_t)(d->end - start));
    size_t n = close ? (size_t)(close - start) : size;
    if (n >= size || memchr(start, '\n', n)) return false;
    memcpy(out, start, n);
    out[n] = '\0';
    d->at = close + 1;
    return true;
}

static bool take_word(dict *d, const char *word) {
    skip_blanks(d);
    size_t n = strlen(word);
    bool there = (size_t)(d->end - d->at) >= n && memcmp(d->at, word, n) == 0;
    d->at += there ? n : 0;
    return there;
}

/* Takes a whole number from 1 to 10^18. */
static bool take_count(dict *d, int64_t *out) {
    skip_blanks(d);
    int64_t value = 0;
    for (int i = 0; i < 18 && d->at < d->end && (unsigned char)(*d->at - '0') < 10; i++)
        value = value * 10 + (*d->at++ - '0');
    *out = value;
    return value > 0;
}

static bool take_shape(dict *d, io_npy *m) {
    if (!take(d, '(') || !take_count(d, &m->n) || !take(d, ',') || !take_count(d, &m->width))
        return false;
    take(d, ',');
    return take(d, ')');
}

/* Reads {'descr': '<f4', 'fortran_order': False, 'shape': (V, D), }, in any order. */
static bool read_dict(dict d, io_npy *m, const char *file, err *e) {
    char key[20], descr[20];
    unsigned seen = 0;
    bool ok = take(&d, '{');
    while (ok && !take(&d, '}')) {
        ok = take_string(&d, key, sizeof key) && take(&d, ':');
        if (ok && strcmp(key, "descr") == 0 && take_string(&d, descr, sizeof descr)) {
            m->f64 = strcmp(descr, "<f8") == 0;
            if (!m->f64 && strcmp(descr, "<f4") != 0)
                return err_set(e, ERR_INPUT, "%s: numbers of another type, expected '<f4' or '<f8'",
                               file);
            seen |= 1;
        } else if (ok && strcmp(key, "fortran_order") == 0 && take_word(&d, "False")) {
            seen |= 2;
        } else if (ok && strcmp(key, "shape") == 0 && take_shape(&d, m)) {
            seen |= 4;
        } else {
            ok = false;
        }
        ok = ok && (take(&d, ',') || (d.at < d.end && *d.at == '}'));
    }
    skip_blanks(&d);
    return (ok && seen == 7 && d.at == d.end) ||
           err_set(e, ERR_INPUT,
                   "%s: the .npy header is not of a matrix in C order, expected {'descr': '<f4', "
                   "'fortran_order': False, 'shape': (V, D)}",
                   file);
}

bool io_npy_is(const void *bytes, size_t n) {
    return n >= MAGIC_BYTES && memcmp(bytes, MAGIC, MAGIC_BYTES) == 0;
}

bool io_npy_parse(io_npy *m, const void *bytes, size_t n, const char *name, err *e) {
    *m = (io_npy){0};
    const unsigned char *b = bytes;
    size_t start = MAGIC_BYTES + VERSION_BYTES, length = 0;
    unsigned version = n > start && io_npy_is(bytes, n) ? b[MAGIC_BYTES] : 0;
    size_t length_bytes = version == 1 ? 2 : 4;
    if (version < 1 || version > 3 || n < start + length_bytes)
        return err_set(e, ERR_INPUT, "%s: not a .npy file of version 1 to 3", name);
    for (size_t i = length_bytes; i-- > 0;) length = length << 8 | b[start + i];
    start += length_bytes;
    if (length > n - start) return err_set(e, ERR_INPUT, "%s: ends inside the .npy header", name);

    dict d = {(const char *)bytes + start, (const char *)bytes + start + length};
    if (!read_dict(d, m, name, e)) return false;
    uint64_t expected = m->f64 ? sizeof(double) : sizeof(float), got = n - start - length;
    bool fits = !__builtin_mul_overflow(expected, (uint64_t)m->n, &expected) &&
                !__builtin_mul_overflow(expected, (uint64_t)m->width, &expected);
    if (!fits || expected != got)
        return err_set(e, ERR_INPUT, "%s: %llu bytes of numbers, expected %lld x %lld of %d", name,
                       (unsigned long long)got, (long long)m->n, (long long)m->width,
                       m->f64 ? 8 : 4);
    m->data = d.end;
    return true;
}

bool io_npy_write(const char *path, const real *rows, int64_t n, int64_t width, err *e) {
    file_writer w;
    if (!file_begin(&w, path, e)) return false;
    str header = {0};
    str_printf(&header, "{'descr': '<f4', 'fortran_order': False, 'shape': (%lld, %lld), }",
               (long long)n, (long long)width);
    size_t before = MAGIC_BYTES + VERSION_BYTES + 2;
    size_t total = (before + header.len + 1 + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    size_t length = total - before;
    fprintf(w.stream, "%s%c%c%c%c%-*s\n", MAGIC, 1, 0, (int)(length & 0xFF), (int)(length >> 8),
            (int)length - 1, header.data);
    str_free(&header);
    vectors_put_floats(w.stream, rows, n * width);
    return file_commit(&w, e);
}
