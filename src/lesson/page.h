/* What a lesson is written on: text of at most 80 columns, or Markdown. */
#ifndef LESSON_PAGE_H
#define LESSON_PAGE_H

#include "tensor/tensor.h"

#include <stdbool.h>
#include <stdio.h>

enum { PAGE_WIDTH = 80 };

typedef enum page_style {
    PAGE_PLAIN,
    PAGE_TERMINAL, /* bold headings */
    PAGE_MARKDOWN  /* tables are code, a paragraph is one line, pictures are shown */
} page_style;

typedef struct page {
    FILE *out;
    page_style style;
} page;

/* A line that stands out, with an empty one before it: of the lesson, of a part of it. */
void page_title(const page *p, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void page_heading(const page *p, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* A paragraph, broken into lines, and an empty line behind it. */
void page_text(const page *p, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* A line as it is, indented by two: of a table. At most 78 characters. */
void page_line(const page *p, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* The characters of the UTF-8 text, each a column wide. */
int page_columns(const char *text);
/* The bytes of its first `columns` characters; all, where it has no more. */
int page_fit(const char *text, int columns);

enum { PAGE_CELL_BYTES = 4 * PAGE_WIDTH + 1 };

/* The text in just that many columns, up to PAGE_WIDTH: cut, or with blanks behind it, control
 * characters as blanks. Returns out[0..PAGE_CELL_BYTES). */
const char *page_cell(char *out, const char *text, int columns);

/* An empty line. */
void page_gap(const page *p);
/* Where a picture is, or the picture. */
void page_picture(const page *p, const char *title, const char *path);

/* The numbers of x (rows, columns), or (columns) as one row, under the name, a line a row with that
 * many digits behind the point; columns that do not fit are left out, with "..". row_names[rows]
 * may be NULL. */
void page_matrix(const page *p, const char *name, const char *const *row_names, const tensor *x,
                 int digits);

#endif
