#include "io/labelled_map.h"

#include "io/figure_panel.h"

bool io_labelled_map_write(const char *path, const char *title, const char *x_title,
                           const char *y_title, const io_point *points, int64_t n_points,
                           const io_arrow *arrows, int64_t n_arrows, err *e) {
    const double scale = 4.0 / 3; /* room for hundreds of words */
    const io_panel map = {.kind = IO_MAP,
                          .x_title = x_title,
                          .y_title = y_title,
                          .points = points,
                          .n_points = n_points,
                          .arrows = arrows,
                          .n_arrows = n_arrows};
    return io_figure_write_scaled(path, title, &map, 1, 1, scale, e);
}
