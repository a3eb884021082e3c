#include "io/gnuplot_run.h"

#include "base/file.h"
#include "base/str.h"
#include "io/program.h"

#include <string.h>

/* Text as a gnuplot string on one line, where a quote is doubled; those at its beginning stand
 * apart, since gnuplot takes two there for an empty string. Free with str_free. */
static str quoted(const char *text) {
    str s = {0};
    const size_t leading = strspn(text, "'");
    if (leading) str_printf(&s, "\"%.*s\".", (int)leading, text);
    str_append(&s, "'", 1);
    for (text += leading; *text; text++) {
        if (*text == '\'') str_append(&s, "'", 1);
        str_append(&s, (unsigned char)*text < ' ' ? " " : text, 1);
    }
    str_append(&s, "'", 1);
    return s;
}

void io_gnuplot_write_string(FILE *out, const char *text) {
    str s = quoted(text);
    fwrite(s.data, 1, s.len, out);
    str_free(&s);
}

bool io_gnuplot_available(void) {
    return io_program_available("gnuplot");
}

/* Runs the script, which draws into the name that it is given. */
static bool draw(const char *folder, const char *name, const char *picture, err *e) {
    str half = {0}, script = {0}, setting = {0};
    str_printf(&half, "%s.png.tmp", name);
    str_printf(&script, "./%s.gp", name);
    str target = quoted(half.data);
    str_printf(&setting, "picture = %s", target.data);
    const char *const no_init_files = "-d";
    bool ok = io_program_make(
        picture, "gnuplot", folder,
        (const char *const[]){"gnuplot", no_init_files, "-e", setting.data, script.data, NULL}, e);
    str_free(&setting);
    str_free(&target);
    str_free(&script);
    str_free(&half);
    return ok;
}

bool io_gnuplot_run(const char *folder, const char *name, err *e) {
    char picture[1024];
    if (!file_join(picture, sizeof picture - strlen(".png"), folder, name, e)) return false;
    strcat(picture, ".png");
    if (io_gnuplot_available()) return draw(folder, name, picture, e);
    return err_set(e, ERR_INPUT, "%s: gnuplot is not on the PATH", picture);
}
