/* Words and numbers in lines of text: word2vec's with "V D" before them, fastText's .vec likewise,
 * GloVe's without. */
#include "base/decimal.h"
#include "base/file.h"
#include "io/vectors_layout.h"

#include <stdlib.h>
#include <string.h>

/* The lines of a text that is being read. */
typedef struct text {
    vectors_header header; /* n is 0 where there is no header; width is known in either case */
    vectors_span *lines;
    int64_t n;
} text;

/* The field between blanks at *p, which moves behind it; empty at the end. */
static vectors_span take_field(const char **p, const char *end) {
    while (*p < end && **p == ' ') ++*p;
    const char *start = *p;
    while (*p < end && **p != ' ') ++*p;
    return (vectors_span){start, (size_t)(*p - start)};
}

static bool is_number(vectors_span field) {
    float x;
    return decimal_to_float(field.text, field.text + field.n, &x) == field.text + field.n;
}

/* The name ends at the first blank behind which there are `width` numbers and nothing else. So it
 * may hold blanks, as some of GloVe's 840B do, but no number behind one: those would be too many.
 */
static bool read_row(vectors_span line, int64_t width, real *out, vectors_span *name) {
    const char *end = line.text + line.n, *blank = memchr(line.text, ' ', line.n);
    while (blank) {
        *name = (vectors_span){line.text, (size_t)(blank - line.text)};
        if (vectors_read_numbers(blank, end, ' ', width, out)) return true;
        if (is_number(take_field(&blank, end))) return false;
        blank = memchr(blank, ' ', (size_t)(end - blank));
    }
    return false;
}

/* The count of numbers behind the word that the line begins with, 0 where something else stands. */
static int64_t count_numbers(vectors_span line) {
    const char *end = line.text + line.n, *p = memchr(line.text, ' ', line.n);
    int64_t n = 0;
    while (p) {
        vectors_span field = take_field(&p, end);
        if (!field.n) return n;
        if (!is_number(field)) return 0;
        n++;
    }
    return 0;
}

static vectors_span first_line(vectors_span body) {
    const char *newline = body.n ? memchr(body.text, '\n', body.n) : NULL;
    vectors_span line = {body.text, newline ? (size_t)(newline - body.text) : body.n};
    if (line.n && line.text[line.n - 1] == '\r') line.n--;
    return line;
}

/* Whether what follows a header can only be text, if not a good one: no float32 looks so. */
static bool only_printable(vectors_span body) {
    enum { FEWEST = 16, ENOUGH = 64 };
    size_t n = body.n < ENOUGH ? body.n : ENOUGH;
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)body.text[i];
        if ((c < 0x20 || c >= 0x7F) && c != '\n' && c != '\r' && c != '\t') return false;
    }
    return n >= FEWEST;
}

/* Sets header and width, and the body below the header. */
static bool open_text(vectors_span file, text *t, vectors_span *body) {
    *t = (text){0};
    *body = file;
    if (vectors_take_header(file, &t->header)) {
        *body = (vectors_span){file.text + t->header.length, file.n - t->header.length};
        return true;
    }
    /* one number alone is a list of counts */
    t->header = (vectors_header){.width = count_numbers(first_line(file))};
    return t->header.width > 1;
}

bool vectors_is_text(const vectors_source *s) {
    text t;
    vectors_span body;
    if (!open_text(s->file, &t, &body)) return false;
    return t.header.n == 0 || count_numbers(first_line(body)) == t.header.width ||
           only_printable(body);
}

/* Says what is wrong with a row that read_row refuses. */
static bool refuse_row(const vectors_source *s, const text *t, int64_t row, err *e) {
    vectors_span line = t->lines[row];
    const char *end = line.text + line.n, *p = memchr(line.text, ' ', line.n);
    if (!p) p = end;
    vectors_quoted name = vectors_quote((vectors_span){line.text, (size_t)(p - line.text)});
    long long number = row + 1 + (t->header.n > 0), width = t->header.width, n = 0;
    bool last = end == s->file.text + s->file.n; /* and without its line break */
    for (vectors_span field; (field = take_field(&p, end)).n; n++)
        if (!is_number(field) && !(last && p == end))
            return err_set(e, ERR_INPUT, "%s:%lld: '%s' in the vector of '%s', expected a number",
                           s->path, number, vectors_quote(field).text, name.text);
    if (last && n <= width)
        return err_set(e, ERR_INPUT, "%s: ends inside the vector of '%s' (row %lld of %lld)",
                       s->path, name.text, (long long)row + 1,
                       (long long)(t->header.n ? t->header.n : t->n));
    return err_set(e, ERR_INPUT, "%s:%lld: %lld numbers for '%s', expected %lld", s->path, number,
                   n, name.text, width);
}

/* Says that a text ends before the rows that its header names, if not inside one. */
static bool refuse_end(const vectors_source *s, const text *t, err *e) {
    bool whole = t->n == 0 || s->file.text[s->file.n - 1] == '\n' ||
                 count_numbers(t->lines[t->n - 1]) == t->header.width;
    if (!whole) return refuse_row(s, t, t->n - 1, e);
    return err_set(e, ERR_INPUT, "%s: ends after row %lld of %lld", s->path, (long long)t->n,
                   (long long)t->header.n);
}

/* Whether nothing but blanks and line breaks follows the rows. */
static bool ends_here(vectors_span body, vectors_span last) {
    const char *p = last.text + last.n, *end = body.text + body.n;
    while (p < end && (*p == '\n' || *p == '\r' || *p == ' ')) p++;
    return p == end;
}

/* Finds the lines to read, and holds their number and length against the header. */
static bool find_rows(const vectors_source *s, vectors_span body, text *t, err *e) {
    int64_t limit = t->header.n && t->header.n < s->limit ? t->header.n : s->limit;
    t->n = vectors_lines(body, limit, &t->lines);
    while (t->n && t->lines[t->n - 1].n == 0) t->n--;
    for (int64_t i = 0; i < t->n; i++) /* a blank and a digit for each number at least */
        if (t->lines[i].n / 2 < (size_t)t->header.width) return refuse_row(s, t, i, e);
    if (!t->header.n) return true;
    if (t->n < limit) return refuse_end(s, t, e);
    return limit < t->header.n || ends_here(body, t->lines[t->n - 1]) ||
           err_set(e, ERR_INPUT, "%s: more than the %lld rows that its first line names", s->path,
                   (long long)t->header.n);
}

/* Reads the rows with all threads; the lines become the names. */
static bool read_rows(io_vectors *v, const vectors_source *s, text *t, err *e) {
    int64_t width = t->header.width, bad = t->n;
    vectors_new_rows(v, t->n, width);
#pragma omp parallel for schedule(static) reduction(min : bad)
    for (int64_t i = 0; i < t->n; i++) {
        vectors_span name;
        if (read_row(t->lines[i], width, v->rows + i * width, &name))
            t->lines[i] = name;
        else if (i < bad)
            bad = i;
    }
    return bad == t->n || refuse_row(s, t, bad, e);
}

bool vectors_read_text(io_vectors *v, const vectors_source *s, err *e) {
    text t;
    vectors_span body;
    open_text(s->file, &t, &body);
    if (!t.header.n) v->layout = "GloVe text";
    bool ok = find_rows(s, body, &t, e) && read_rows(v, s, &t, e) &&
              vectors_set_names(v, t.lines, s->path, e);
    free(t.lines);
    return ok;
}

static bool write_text(const io_vectors *v, const char *path, bool header, err *e) {
    file_writer w;
    if (!vectors_check_names(v, path, " \n", e) || !file_begin(&w, path, e)) return false;
    if (header) fprintf(w.stream, "%lld %lld\n", (long long)v->n, (long long)v->width);
    for (int64_t i = 0; i < v->n; i++) {
        fprintf(w.stream, "%s ", v->names[i]);
        vectors_put_text(w.stream, v->rows + i * v->width, v->width, ' ');
        putc('\n', w.stream);
    }
    return file_commit(&w, e);
}

bool vectors_write_word2vec_text(const io_vectors *v, const char *path, err *e) {
    return write_text(v, path, true, e);
}

bool vectors_write_glove_text(const io_vectors *v, const char *path, err *e) {
    return write_text(v, path, false, e);
}
