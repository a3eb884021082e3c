#include "lesson/draw.h"

#include "base/file.h"

#include <stdio.h>

void lesson_draw(const lesson_room *room, const char *name, const char *title,
                 const io_panel *panels, int64_t n_panels, int64_t columns) {
    char path[1024];
    err e = {0};
    char file[64];
    snprintf(file, sizeof file, "%s.png", name);
    if (file_join(path, sizeof path, room->folder, file, &e) &&
        io_figure_write(path, title, panels, n_panels, columns, &e))
        page_picture(&room->page, title, path);
    else
        page_text(&room->page, "No picture: %s", e.message);
}
