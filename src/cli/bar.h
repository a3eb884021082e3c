/* A live line on a terminal: a bar and the numbers behind it, drawn over and over. */
#ifndef CLI_BAR_H
#define CLI_BAR_H

#include <stdbool.h>

/* Zeroed = no line yet. */
typedef struct bar {
    bool is_open; /* a bar stands on the current line */
} bar;

/* Draws over the line: `label`, a bar filled by `share` (0 to 1) of as many cells as the texts
 * leave free, `numbers`. */
void bar_draw(bar *b, const char *label, double share, const char *numbers);
/* Wipes the line, so that other text can take its place. */
void bar_clear(bar *b);
/* Ends the line with a line break. */
void bar_end(bar *b);

/* "1:07", "2:03:00" */
void bar_format_seconds(double seconds, char out[24]);
/* ", 55.3 MB/s", or nothing where the time is too short to say. */
void bar_format_rate(double megabytes, double seconds, char out[32]);

#endif
