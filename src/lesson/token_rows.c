#include "lesson/token_rows.h"

#include <stdio.h>

/* A row of pieces with their ids below, as wide as the page. */
typedef struct token_row {
    str pieces, ids;
    int columns;
} token_row;

enum { ROW_COLUMNS = 76, MOST_SHOWN = 60, WIDEST_PIECE = 40 };

static void print_row(const page *p, token_row *row) {
    if (row->columns == 0) return;
    page_line(p, " %s", row->pieces.data);
    page_line(p, " %s", row->ids.data);
    row->pieces.len = row->ids.len = 0;
    row->columns = 0;
}

static void append_cell(const page *p, token_row *row, const char *piece, int32_t id) {
    char number[16];
    int digits = snprintf(number, sizeof number, "%d", (int)id), letters = page_columns(piece);
    if (letters > WIDEST_PIECE) {
        piece = "...";
        letters = 3;
    }
    int width = digits > letters ? digits : letters;
    if (row->columns + 1 + width > ROW_COLUMNS) print_row(p, row);
    str_printf(&row->pieces, " %s%*s", piece, width - letters, "");
    str_printf(&row->ids, " %-*s", width, number);
    row->columns += 1 + width;
}

void token_rows_print(const page *p, const tokenizer *tok, const tok_ids *ids) {
    token_row row = {0};
    for (size_t i = 0; i < ids->len && i < MOST_SHOWN; i++) {
        str piece = {0};
        tok_printable_solid(tok, ids->data[i], &piece);
        append_cell(p, &row, piece.data, ids->data[i]);
        str_free(&piece);
    }
    print_row(p, &row);
    if (ids->len > MOST_SHOWN) page_line(p, "  ...");
    page_gap(p);
    str_free(&row.pieces);
    str_free(&row.ids);
}
