#include "io/figure_text.h"

#include "io/gnuplot_run.h"

#include <math.h>
#include <string.h>

static const double pixels_per_point = 4.0 / 3;

/* The width of a character in parts of the size, after DejaVu Sans, which is a wide font. From
 * U+1000 on most characters are CJK, as wide as high. */
static double advance(const char *c, size_t length) {
    if (length >= 3) return 1;
    if (length == 2) return 0.65;
    if (strchr("iljI.,:;'| ", *c)) return 0.33;
    if (strchr("ftr!()[]/\\\"-", *c)) return 0.42;
    if (strchr("mwMW@%+=<>#_^~", *c)) return 0.92;
    return *c >= 'A' && *c <= 'Z' ? 0.7 : 0.63;
}

double io_text_width(const char *text, double points) {
    double width = 0;
    for (size_t n = strlen(text), length; n > 0; n -= length, text += length) {
        length = str_utf8_length(text, n);
        width += advance(text, length);
    }
    return width * points * pixels_per_point;
}

double io_widest(const char *const *names, int64_t n, double points) {
    double width = 0;
    for (int64_t i = 0; i < n; i++) width = fmax(width, io_text_width(names[i], points));
    return width;
}

/* Replaces the end of the text by an ellipsis so that it is at most that wide. */
static void shorten(str *s, double points, double room) {
    static const char ellipsis[] = "\xE2\x80\xA6";
    const double rest = room - io_text_width(ellipsis, points);
    double width = 0;
    size_t kept = 0;
    for (size_t length; kept < s->len; kept += length) {
        length = str_utf8_length(s->data + kept, s->len - kept);
        width += advance(s->data + kept, length) * points * pixels_per_point;
        if (width > rest) break;
    }
    s->len = kept;
    str_append(s, ellipsis, strlen(ellipsis));
}

str io_legible(const char *text, double points, double room) {
    str s = {0};
    for (size_t n = strlen(text); n > 0;) {
        size_t valid = str_utf8_valid(text, n);
        str_append(&s, text, valid);
        if (valid < n) str_append(&s, "\xEF\xBF\xBD", 3);
        valid += valid < n;
        text += valid;
        n -= valid;
    }
    str_append(&s, "", 0);
    if (io_text_width(s.data, points) > room) shorten(&s, points, room);
    return s;
}

void io_write_text(const io_canvas *c, const char *text, double x, double y, double room,
                   io_text_style style) {
    static const char *const alignments[] = {"left", "center", "right"};
    str s = io_legible(text, style.points, room);
    fprintf(c->out, "set label ");
    io_gnuplot_write_string(c->out, s.data);
    fprintf(c->out, " at screen %.6f, %.6f %s%s font ',%g' front textcolor rgb '%s'\n",
            x / c->width, y / c->height, alignments[style.align],
            style.upward ? " rotate by 90" : "", style.points,
            style.colour ? style.colour : IO_INK);
    str_free(&s);
}
