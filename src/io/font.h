/* A built-in bitmap font, 5 by 7 pixels a character and two more for what hangs below the line:
 * enough to label a picture. */
#ifndef IO_FONT_H
#define IO_FONT_H

#include <stdbool.h>

enum { IO_FONT_WIDTH = 5, IO_FONT_HEIGHT = 9, IO_FONT_ADVANCE = IO_FONT_WIDTH + 1 };

/* Whether the glyph of c has ink at column x from the left and row y from the top; letters stand
 * on the bottom of row 6. Printable ASCII has glyphs, every other byte shows as an empty box. */
bool io_font_ink(char c, int x, int y);

#endif
