/* Any bytes are a table or one message; what was written from a table reads back the same. */
#define _GNU_SOURCE
#include "base/check.h"
#include "base/mem.h"
#include "io/csv.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Writes the table to `path` and reads it back. */
static io_csv_table write_and_read(const io_csv_table *t, const char *path) {
    io_csv csv;
    err e = {0};
    const char *const *names = (const char *const *)t->names;
    CHECK(io_csv_create(&csv, path, names, t->n_columns, &e), "%s", e.message);
    double *row = mem_new(t->n_columns, sizeof *row);
    for (size_t r = 0; r < t->n_rows; r++) {
        for (size_t c = 0; c < t->n_columns; c++) row[c] = t->columns[c][r];
        CHECK(io_csv_row(&csv, row), "cannot write row %zu", r);
    }
    free(row);
    io_csv_close(&csv);
    io_csv_table back;
    CHECK(io_csv_read(&back, path, &e), "%s", e.message);
    return back;
}

static void check_same(const io_csv_table *a, const io_csv_table *b) {
    CHECK(a->n_columns == b->n_columns && a->n_rows == b->n_rows, "another shape");
    for (size_t c = 0; c < a->n_columns; c++) {
        CHECK(strcmp(a->names[c], b->names[c]) == 0, "another name");
        for (size_t r = 0; r < a->n_rows; r++) {
            double x = a->columns[c][r], y = b->columns[c][r];
            CHECK(x == y || (isnan(x) && isnan(y)), "%g reads back as %g", x, y);
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    int file = memfd_create("fuzz.csv", 0);
    char path[64];
    snprintf(path, sizeof path, "/proc/self/fd/%d", file);
    CHECK(write(file, data, size) == (ssize_t)size, "cannot write %zu bytes to memory", size);

    io_csv_table table;
    err e = {0};
    if (io_csv_read(&table, path, &e)) {
        CHECK(table.n_columns * table.n_rows <= size, "more cells than bytes");
        /* The first writing rounds to nine digits, the second has nothing left to round. */
        io_csv_table rounded = write_and_read(&table, path);
        io_csv_table back = write_and_read(&rounded, path);
        check_same(&rounded, &back);
        io_csv_table_free(&table);
        io_csv_table_free(&rounded);
        io_csv_table_free(&back);
    } else {
        CHECK(e.code == ERR_INPUT && *e.message, "refused without a message");
        CHECK(!strpbrk(e.message, "\r\n"), "more than one line");
    }
    close(file);
    return 0;
}
