#include "io/csv.h"

#include "base/check.h"
#include "base/file.h"
#include "base/mem.h"
#include "base/str.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A piece of a file. */
typedef struct span {
    const char *text;
    size_t n;
} span;

/* Takes the next whole line off `rest`; a last line without its newline is half-written and counts
 * as none. */
static bool next_line(span *rest, span *line) {
    const char *newline = memchr(rest->text, '\n', rest->n);
    if (!newline) return false;
    line->text = rest->text;
    line->n = (size_t)(newline - rest->text);
    rest->text += line->n + 1;
    rest->n -= line->n + 1;
    while (line->n && line->text[line->n - 1] == '\r') line->n--;
    return true;
}

/* Length of the first cell of a line, up to the comma that no quotes are around. */
static size_t cell_length(span line) {
    bool quoted = false;
    for (size_t i = 0; i < line.n; i++) {
        if (line.text[i] == '"') quoted = !quoted;
        if (line.text[i] == ',' && !quoted) return i;
    }
    return line.n;
}

/* Takes the next cell off a line that has one more. */
static span next_cell(span *line) {
    span cell = {line->text, cell_length(*line)};
    size_t taken = cell.n + (cell.n < line->n);
    line->text += taken;
    line->n -= taken;
    return cell;
}

static size_t count_cells(span line) {
    size_t n = 1;
    for (size_t length; (length = cell_length(line)) < line.n; n++)
        line = (span){line.text + length + 1, line.n - length - 1};
    return n;
}

void io_csv_append_cell(str *out, const char *text) {
    CHECK(!strchr(text, '\n'), "a line break in a cell: %s", text);
    if (!strpbrk(text, ",\"\r")) {
        str_printf(out, "%s", text);
        return;
    }
    str_append(out, "\"", 1);
    for (; *text; text++) str_append(out, *text == '"' ? "\"\"" : text, *text == '"' ? 2 : 1);
    str_append(out, "\"", 1);
}

/* Returns new (free with free): the text of a cell, without its quotes. */
static char *read_cell(span cell) {
    str text = {0};
    bool quoted = cell.n >= 2 && cell.text[0] == '"' && cell.text[cell.n - 1] == '"';
    if (quoted) cell = (span){cell.text + 1, cell.n - 2};
    for (size_t i = 0; i < cell.n; i++) {
        str_append(&text, cell.text + i, 1);
        bool doubled = i + 1 < cell.n && cell.text[i] == '"' && cell.text[i + 1] == '"';
        if (quoted && doubled) i++;
    }
    char *copy = mem_copy_string(text.len ? text.data : "", text.len);
    str_free(&text);
    return copy;
}

/* A number, or NAN for an empty cell; infinities are numbers here, since a loss can reach them. */
static bool read_number(span cell, double *out) {
    char text[320]; /* DBL_MAX without an exponent has 309 digits */
    if (cell.n >= sizeof text) return false;
    memcpy(text, cell.text, cell.n);
    text[cell.n] = '\0';
    *out = NAN;
    if (strcmp(text, "inf") == 0) *out = INFINITY;
    if (strcmp(text, "-inf") == 0) *out = -INFINITY;
    return cell.n == 0 || isinf(*out) || (strlen(text) == cell.n && str_to_double(text, out));
}

/* Returns new (str_free): a line of cells, without its newline. */
static str line_of(const char *const *cells, size_t n) {
    str line = {0};
    for (size_t i = 0; i < n; i++) {
        if (i) str_append(&line, ",", 1);
        io_csv_append_cell(&line, cells[i]);
    }
    return line;
}

static bool open_stream(io_csv *csv, const char *path, const char *mode, size_t n_columns, err *e) {
    *csv = (io_csv){fopen(path, mode), n_columns};
    return csv->stream || err_set(e, ERR_INPUT, "%s: %s", path, strerror(errno));
}

static bool flush(FILE *stream) {
    return fflush(stream) == 0 && !ferror(stream);
}

bool io_csv_text_row(io_csv *csv, const char *const *cells) {
    str line = line_of(cells, csv->n_columns);
    fprintf(csv->stream, "%s\n", line.data);
    str_free(&line);
    return flush(csv->stream);
}

bool io_csv_create(io_csv *csv, const char *path, const char *const *columns, size_t n, err *e) {
    CHECK(n > 0, "%s: no columns", path);
    if (!open_stream(csv, path, "wbe", n, e)) return false;
    if (io_csv_text_row(csv, columns)) return true;
    err_set(e, ERR_INPUT, "%s: %s", path, strerror(errno));
    io_csv_close(csv);
    return false;
}

static bool check_header(span line, const char *const *columns, size_t n, const char *path,
                         err *e) {
    str expected = line_of(columns, n);
    bool same = line.n == expected.len && memcmp(line.text, expected.data, line.n) == 0;
    if (!same)
        err_set(e, ERR_INPUT, "%s:1: the columns are '%.*s', expected '%s'", path,
                line.n < 200 ? (int)line.n : 200, line.text, expected.data);
    str_free(&expected);
    return same;
}

/* Copies the header and the rows up to last_kept from `old` to `out`. */
static bool copy_kept(FILE *out, span old, const char *const *columns, size_t n, double last_kept,
                      const char *path, err *e) {
    span line = {"", 0};
    next_line(&old, &line);
    if (!check_header(line, columns, n, path, e)) return false;
    fprintf(out, "%.*s\n", (int)line.n, line.text);
    for (size_t number = 2; next_line(&old, &line); number++) {
        span rest = line;
        double first;
        if (!read_number(next_cell(&rest), &first))
            return err_set(e, ERR_INPUT, "%s:%zu: the first cell is not a number", path, number);
        if (first > last_kept) continue;
        fwrite(line.text, 1, line.n, out);
        putc('\n', out);
    }
    return true;
}

bool io_csv_resume(io_csv *csv, const char *path, const char *const *columns, size_t n,
                   double last_kept, err *e) {
    *csv = (io_csv){0};
    file_map old;
    if (!file_open_map(&old, path, e)) return false;
    file_writer w = {0};
    bool ok = file_begin(&w, path, e) &&
              copy_kept(w.stream, (span){old.data, old.size}, columns, n, last_kept, path, e) &&
              file_commit(&w, e);
    if (!ok) file_discard(&w);
    file_close_map(&old);
    return ok && open_stream(csv, path, "abe", n, e);
}

bool io_csv_row(io_csv *csv, const double *values) {
    for (size_t i = 0; i < csv->n_columns; i++) {
        if (i) putc(',', csv->stream);
        if (!isnan(values[i])) fprintf(csv->stream, i ? "%.9g" : "%.0f", values[i]);
    }
    putc('\n', csv->stream);
    return flush(csv->stream);
}

void io_csv_close(io_csv *csv) {
    if (csv->stream) fclose(csv->stream);
    *csv = (io_csv){0};
}

/* Sets the size of the table; every row must have as many cells as the header, so that the table
 * is no larger than the file. */
static bool measure(io_csv_table *table, span rest, const char *path, err *e) {
    span line;
    if (!next_line(&rest, &line)) return err_set(e, ERR_INPUT, "%s: no header line", path);
    table->n_columns = count_cells(line);
    while (next_line(&rest, &line)) {
        table->n_rows++;
        size_t n = count_cells(line);
        if (n != table->n_columns)
            return err_set(e, ERR_INPUT, "%s:%zu: %zu cells, expected %zu", path, table->n_rows + 1,
                           n, table->n_columns);
    }
    return true;
}

static bool fill(io_csv_table *table, span rest, const char *path, err *e) {
    span line = {0};
    next_line(&rest, &line);
    table->names = mem_new(table->n_columns, sizeof *table->names);
    table->columns = mem_new(table->n_columns, sizeof *table->columns);
    for (size_t c = 0; c < table->n_columns; c++) {
        table->names[c] = read_cell(next_cell(&line));
        table->columns[c] = mem_new(table->n_rows, sizeof(double));
    }
    for (size_t r = 0; next_line(&rest, &line); r++)
        for (size_t c = 0; c < table->n_columns; c++) {
            span cell = next_cell(&line);
            if (!read_number(cell, &table->columns[c][r]))
                return err_set(e, ERR_INPUT, "%s:%zu: '%.*s' is not a number (column %s)", path,
                               r + 2, cell.n < 40 ? (int)cell.n : 40, cell.text, table->names[c]);
        }
    return true;
}

bool io_csv_read(io_csv_table *table, const char *path, err *e) {
    *table = (io_csv_table){0};
    file_map map;
    if (!file_open_map(&map, path, e)) return false;
    span all = {map.data, map.size};
    bool ok = measure(table, all, path, e) && fill(table, all, path, e);
    if (!ok) io_csv_table_free(table);
    file_close_map(&map);
    return ok;
}

const double *io_csv_column(const io_csv_table *table, const char *name) {
    for (size_t c = 0; c < table->n_columns; c++)
        if (strcmp(table->names[c], name) == 0) return table->columns[c];
    return NULL;
}

void io_csv_table_free(io_csv_table *table) {
    for (size_t c = 0; table->columns && c < table->n_columns; c++) {
        free(table->names[c]);
        free(table->columns[c]);
    }
    free(table->names);
    free(table->columns);
    *table = (io_csv_table){0};
}
