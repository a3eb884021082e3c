#include "io/heatmap.h"

#include "base/check.h"
#include "base/file.h"
#include "base/mem.h"
#include "io/font.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STB_IMAGE_WRITE_IMPLEMENTATION
#define STB_IMAGE_WRITE_STATIC
#include <stb/stb_image_write.h>

typedef struct colour {
    uint8_t r, g, b;
} colour;

typedef struct picture {
    int width, height;
    colour *pixels;
} picture;

static const colour PAPER = {255, 255, 255}, INK = {51, 51, 51}, FRAME = {153, 153, 153},
                    NOT_A_NUMBER = {160, 160, 160};

static void fill(picture *p, int x, int y, int width, int height, colour c) {
    for (int j = y; j < y + height; j++)
        for (int i = x; i < x + width; i++) p->pixels[(size_t)j * (size_t)p->width + (size_t)i] = c;
}

static void frame(picture *p, int x, int y, int width, int height) {
    fill(p, x - 1, y - 1, width + 2, 1, FRAME);
    fill(p, x - 1, y + height, width + 2, 1, FRAME);
    fill(p, x - 1, y - 1, 1, height + 2, FRAME);
    fill(p, x + width, y - 1, 1, height + 2, FRAME);
}

enum { SCALE = 2, TEXT_HEIGHT = SCALE * IO_FONT_HEIGHT };

static int text_width(const char *text) {
    return (int)strlen(text) * SCALE * IO_FONT_ADVANCE - SCALE;
}

typedef enum direction { RIGHTWARD, UPWARD } direction;

/* Draws text from (x, y), the upper left corner of its first character, which for upward text is
 * the lower left corner of the whole. */
static void draw_text(picture *p, int x, int y, const char *text, direction d) {
    for (int k = 0; text[k]; k++)
        for (int j = 0; j < IO_FONT_HEIGHT; j++)
            for (int i = 0; i < IO_FONT_WIDTH; i++) {
                if (!io_font_ink(text[k], i, j)) continue;
                int along = (k * IO_FONT_ADVANCE + i) * SCALE, down = j * SCALE;
                if (d == RIGHTWARD)
                    fill(p, x + along, y + down, SCALE, SCALE, INK);
                else
                    fill(p, x + down, y - along - SCALE, SCALE, SCALE, INK);
            }
}

static void write_bytes(void *stream, void *bytes, int n) {
    fwrite(bytes, 1, (size_t)n, stream);
}

static bool write_png(const picture *p, const char *path, err *e) {
    file_writer w;
    if (!file_begin(&w, path, e)) return false;
    if (stbi_write_png_to_func(write_bytes, w.stream, p->width, p->height, sizeof(colour),
                               p->pixels, p->width * (int)sizeof(colour)))
        return file_commit(&w, e);
    file_discard(&w);
    return err_set(e, ERR_INPUT, "%s: no memory to compress the picture", path);
}

/* From white at zero to the deepest tone at the limit, even steps of lightness apart (the ends of
 * ColorBrewer's RdBu). */
static const colour below[] = {{255, 255, 255}, {209, 229, 240}, {146, 197, 222},
                               {67, 147, 195},  {33, 102, 172},  {5, 48, 97}};
static const colour above[] = {{255, 255, 255}, {253, 219, 199}, {244, 165, 130},
                               {214, 96, 77},   {178, 24, 43},   {103, 0, 31}};

/* The colour of a value in units of the limit. */
static colour colour_of(double v) {
    if (isnan(v)) return NOT_A_NUMBER;
    const int last = sizeof below / sizeof *below - 1;
    const colour *stops = v < 0 ? below : above;
    double position = fmin(fabs(v), 1) * last;
    int i = position < last ? (int)position : last - 1;
    double t = position - i;
    colour a = stops[i], b = stops[i + 1];
    return (colour){(uint8_t)lround(a.r + t * (b.r - a.r)), (uint8_t)lround(a.g + t * (b.g - a.g)),
                    (uint8_t)lround(a.b + t * (b.b - a.b))};
}

/* What is drawn of a matrix. */
typedef struct cells {
    int rows, cols;
    double *values;
    double limit; /* the magnitude of the deepest colours */
} cells;

static int by_value(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* The 99th percentile (nearest rank) of the finite magnitudes, or their maximum where nearly all
 * are zero. */
static double saturation(const double *values, size_t n) {
    double *magnitudes = mem_new(n, sizeof *magnitudes);
    size_t count = 0;
    for (size_t i = 0; i < n; i++)
        if (isfinite(values[i])) magnitudes[count++] = fabs(values[i]);
    qsort(magnitudes, count, sizeof *magnitudes, by_value);
    double limit = count ? magnitudes[(count * 99 + 99) / 100 - 1] : 0;
    if (limit == 0 && count) limit = magnitudes[count - 1];
    free(magnitudes);
    return limit > 0 ? limit : 1;
}

/* How many of n rows (columns) are drawn beside `other` columns (rows): all, or where that are too
 * many, as many as make the picture square, so that a vocabulary does not become a thread. */
static int n_drawn(int64_t n, int64_t other) {
    const int64_t most = 1000, least = 100;
    if (n <= most) return (int)n;
    return (int)(other < least ? least : other < most ? other : most);
}

/* Chooses rows and columns evenly. Values are new (free with free). */
static cells choose_cells(const real *x, int64_t rows, int64_t cols) {
    cells c = {.rows = n_drawn(rows, cols), .cols = n_drawn(cols, rows)};
    size_t n = (size_t)c.rows * (size_t)c.cols;
    c.values = mem_new(n, sizeof *c.values);
    double *value = c.values;
    for (int r = 0; r < c.rows; r++)
        for (int k = 0; k < c.cols; k++)
            *value++ = (double)x[r * rows / c.rows * cols + k * cols / c.cols];
    c.limit = saturation(c.values, n);
    return c;
}

enum { MARGIN = 24, GAP = 10, BAR_WIDTH = 240, MAX_WIDTH = 1200, MAX_HEIGHT = 1000 };

static int max(int a, int b) {
    return a > b ? a : b;
}

static void draw_cells(picture *p, int x, int y, int side, const cells *c) {
    for (int r = 0; r < c->rows; r++)
        for (int k = 0; k < c->cols; k++)
            fill(p, x + k * side, y + r * side, side, side,
                 colour_of(c->values[r * c->cols + k] / c->limit));
    frame(p, x, y, c->cols * side, c->rows * side);
}

/* "row 0 .. 64", and how many of them are drawn when not all are. */
static void describe_extent(char *out, size_t size, const char *what, int64_t n, int drawn) {
    int used = snprintf(out, size, "%s 0 .. %lld", what, (long long)n - 1);
    if (drawn < n) snprintf(out + used, size - (size_t)used, " (%d drawn)", drawn);
}

/* Draws "-limit [bar] limit". */
static void draw_bar(picture *p, int x, int y, const char *low, const char *high) {
    draw_text(p, x, y, low, RIGHTWARD);
    x += text_width(low) + GAP;
    for (int i = 0; i < BAR_WIDTH; i++)
        fill(p, x + i, y, 1, TEXT_HEIGHT, colour_of(2 * (i + 0.5) / BAR_WIDTH - 1));
    frame(p, x, y, BAR_WIDTH, TEXT_HEIGHT);
    draw_text(p, x + BAR_WIDTH + GAP, y, high, RIGHTWARD);
}

bool io_heatmap_write(const char *path, const real *x, int64_t rows, int64_t cols,
                      const char *title, err *e) {
    CHECK(rows > 0 && cols > 0, "heat map of (%lld, %lld)", (long long)rows, (long long)cols);
    cells c = choose_cells(x, rows, cols);
    char heading[96], row_label[64], col_label[64], low[32], high[32];
    snprintf(heading, sizeof heading, "%s", title);
    describe_extent(row_label, sizeof row_label, "row", rows, c.rows);
    describe_extent(col_label, sizeof col_label, "column", cols, c.cols);
    snprintf(low, sizeof low, "%.3g", -c.limit);
    snprintf(high, sizeof high, "%.3g", c.limit);

    int side = MAX_WIDTH / c.cols < MAX_HEIGHT / c.rows ? MAX_WIDTH / c.cols : MAX_HEIGHT / c.rows;
    int width = side * c.cols, height = side * c.rows;
    int left = MARGIN + TEXT_HEIGHT + GAP, top = MARGIN + TEXT_HEIGHT + 2 * GAP;
    int body = max(height, text_width(row_label));
    int col_y = top + height + GAP, bar_y = top + body + GAP + TEXT_HEIGHT + 2 * GAP;
    int bar_width = text_width(low) + GAP + BAR_WIDTH + GAP + text_width(high);
    int widest = max(max(width, bar_width), max(text_width(heading), text_width(col_label)));

    picture p = {.width = left + widest + MARGIN, .height = bar_y + TEXT_HEIGHT + MARGIN};
    p.pixels = mem_new((size_t)p.width * (size_t)p.height, sizeof *p.pixels);
    fill(&p, 0, 0, p.width, p.height, PAPER);
    draw_text(&p, left, MARGIN, heading, RIGHTWARD);
    draw_text(&p, MARGIN, top + (body + text_width(row_label)) / 2, row_label, UPWARD);
    draw_cells(&p, left, top, side, &c);
    draw_text(&p, left + max(0, width - text_width(col_label)) / 2, col_y, col_label, RIGHTWARD);
    draw_bar(&p, left, bar_y, low, high);
    bool ok = write_png(&p, path, e);
    free(p.pixels);
    free(c.values);
    return ok;
}
