#include "io/label_layout.h"

#include "base/mem.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

/* Prices. An area counts in units of label_height squared, a length in units of label_height. */
static const double label_price = 40, point_price = 20, line_price = 1.2, outside_price = 40;
static const double ring_price = 0.7;

enum { PLACES = 8, RINGS = 4, CANDIDATES = PLACES * RINGS, MAX_ROUNDS = 20 };

/* Places around a point, the best to read first. */
static const struct {
    double x, y, price;
} places[PLACES] = {{1, 0, 0},   {-1, 0, 0.1}, {0, 1, 0.2},   {0, -1, 0.2},
                    {1, 1, 0.3}, {1, -1, 0.3}, {-1, 1, 0.35}, {-1, -1, 0.35}};

/* Candidate c for the label of point i. */
static io_label candidate(const io_scene *s, int64_t i, int c) {
    double x = places[c % PLACES].x, y = places[c % PLACES].y;
    double gap = 1.4 * s->radius + c / PLACES * 0.45 * s->label_height;
    if (x != 0 && y != 0) gap *= 0.5; /* a corner is that near already */
    io_spot centre = {s->points[i].x + x * (gap + s->label_widths[i] / 2),
                      s->points[i].y + y * (gap + s->label_height / 2)};
    return (io_label){centre, (int)x};
}

/* How much of two intervals, given by middle and length, is common. */
static double common(double a, double length_a, double b, double length_b) {
    double low = fmax(a - length_a / 2, b - length_b / 2);
    double high = fmin(a + length_a / 2, b + length_b / 2);
    return fmax(high - low, 0);
}

/* The part of a box that lies in another. */
static double common_area(io_spot a, double width_a, double height_a, io_spot b, double width_b,
                          double height_b) {
    return common(a.x, width_a, b.x, width_b) * common(a.y, height_a, b.y, height_b);
}

/* Narrows [*start, *end] to where low <= from + t * step <= high. */
static void clip(double from, double step, double low, double high, double *start, double *end) {
    if (step == 0) {
        if (from < low || from > high) *end = *start;
        return;
    }
    double a = (low - from) / step, b = (high - from) / step;
    *start = fmax(*start, fmin(a, b));
    *end = fmin(*end, fmax(a, b));
}

/* The length of a line inside a box (Liang and Barsky 1984). */
static double length_inside(io_line line, io_spot box, double width, double height) {
    double dx = line.to.x - line.from.x, dy = line.to.y - line.from.y, start = 0, end = 1;
    clip(line.from.x, dx, box.x - width / 2, box.x + width / 2, &start, &end);
    clip(line.from.y, dy, box.y - height / 2, box.y + height / 2, &start, &end);
    return end > start ? (end - start) * hypot(dx, dy) : 0;
}

/* The price of the label of point i at `at`, the others being where they are. */
static double price(const io_scene *s, const io_label *labels, int64_t i, io_spot at) {
    double width = s->label_widths[i], height = s->label_height, overlap = 0, points = 0, lines = 0;
    io_spot middle = {s->width / 2, s->height / 2};
    double inside = common_area(at, width, height, middle, s->width, s->height);
    /* Most others are far above or below. */
    for (int64_t j = 0; j < s->n_points; j++) {
        if (j != i && fabs(at.y - labels[j].centre.y) < height)
            overlap += common_area(at, width, height, labels[j].centre, s->label_widths[j], height);
        if (fabs(at.y - s->points[j].y) < height / 2 + s->radius)
            points += common_area(at, width, height, s->points[j], 2 * s->radius, 2 * s->radius);
    }
    for (int64_t l = 0; l < s->n_lines; l++) {
        double a = s->lines[l].from.y - at.y, b = s->lines[l].to.y - at.y;
        bool beyond = (a > height / 2 && b > height / 2) || (a < -height / 2 && b < -height / 2);
        if (!beyond) lines += length_inside(s->lines[l], at, width, height);
    }
    double area = height * height;
    return label_price * overlap / area + point_price * points / area +
           line_price * lines / height + outside_price * (width * height - inside) / area;
}

/* Moves the label of point i to its best place; true where that is another. */
static bool improve(const io_scene *s, io_label *labels, int *chosen, int64_t i) {
    int best = 0;
    double least = INFINITY;
    for (int c = 0; c < CANDIDATES; c++) {
        double total = places[c % PLACES].price + c / PLACES * ring_price +
                       price(s, labels, i, candidate(s, i, c).centre);
        if (total < least) {
            least = total;
            best = c;
        }
    }
    bool moved = best != *chosen;
    *chosen = best;
    labels[i] = candidate(s, i, best);
    return moved;
}

void io_label_layout(const io_scene *scene, io_label *labels) {
    int *chosen = mem_new((size_t)scene->n_points, sizeof *chosen);
    for (int64_t i = 0; i < scene->n_points; i++) labels[i] = candidate(scene, i, 0);
    bool moved = true;
    for (int round = 0; round < MAX_ROUNDS && moved; round++) {
        moved = false;
        for (int64_t i = 0; i < scene->n_points; i++)
            moved |= improve(scene, labels, &chosen[i], i);
    }
    free(chosen);
}
