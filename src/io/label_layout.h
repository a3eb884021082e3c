/* Where labels go so that they can be read. Private to src/io. */
#ifndef IO_LABEL_LAYOUT_H
#define IO_LABEL_LAYOUT_H

#include <stdint.h>

typedef struct io_spot {
    double x, y;
} io_spot;

typedef struct io_line {
    io_spot from, to;
} io_line;

/* What is drawn, in units of which a point has a radius of `radius`. */
typedef struct io_scene {
    double width, height; /* of the picture: labels stay within */
    const io_spot *points;
    const double *label_widths; /* of the label of each point */
    double label_height, radius;
    int64_t n_points;
    const io_line *lines;
    int64_t n_lines;
} io_scene;

typedef struct io_label {
    io_spot centre;
    int side; /* of the point: 1 = right, -1 = left, 0 = above or below */
} io_label;

/* labels[i] = the label of point i, beside it: the place, of a few at each of some distances, in
 * which it overlaps least with the other labels, the points and the lines; one label after another
 * until none has a better place. */
void io_label_layout(const io_scene *scene, io_label *labels);

#endif
