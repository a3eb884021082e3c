/* The log of a run: a CSV file that grows by whole lines. A cell with a comma or a quote in it is
 * quoted (RFC 4180); none holds a line break. */
#ifndef IO_CSV_H
#define IO_CSV_H

#include "base/err.h"
#include "base/str.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

typedef struct io_csv {
    FILE *stream;
    size_t n_columns;
} io_csv;

/* Creates the file with the header line of these columns, replacing an old one. */
bool io_csv_create(io_csv *csv, const char *path, const char *const *columns, size_t n, err *e);

/* Opens it again to go on: rows whose first column is a number above last_kept are dropped (they
 * were logged after the checkpoint that training resumes from), a half-written last line too. The
 * header must be these columns. */
bool io_csv_resume(io_csv *csv, const char *path, const char *const *columns, size_t n,
                   double last_kept, err *e);

/* Writes one row and flushes it; NAN becomes an empty cell. The first column is written as a whole
 * number, the others with 9 significant digits. Returns false when the disk refuses. */
bool io_csv_row(io_csv *csv, const double *values);
/* The same for a row of texts, the first of which is a number. */
bool io_csv_text_row(io_csv *csv, const char *const *cells);
/* Appends a text, without line breaks, as it stands in a cell. */
void io_csv_append_cell(str *out, const char *text);
void io_csv_close(io_csv *csv);

/* A CSV file of numbers in memory, column by column; empty cells are NAN. */
typedef struct io_csv_table {
    size_t n_columns, n_rows;
    char **names;
    double **columns; /* columns[c][r] */
} io_csv_table;

bool io_csv_read(io_csv_table *table, const char *path, err *e);
/* The column of that name, or NULL. Borrows from table. */
const double *io_csv_column(const io_csv_table *table, const char *name);
void io_csv_table_free(io_csv_table *table);

#endif
