#include "cli/input.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static bool is_stream(const char *path) {
    struct stat st;
    return stat(path, &st) == 0 && (S_ISFIFO(st.st_mode) || S_ISCHR(st.st_mode));
}

static bool read_stream(input *in, FILE *stream, err *e) {
    static char block[1 << 16];
    size_t n;
    while ((n = fread(block, 1, sizeof block, stream)) > 0) str_append(&in->text, block, n);
    if (ferror(stream)) return err_set(e, ERR_INPUT, "%s: %s", in->name, strerror(errno));
    if (in->text.len > 0) in->data = in->text.data;
    in->size = in->text.len;
    return true;
}

bool input_open(input *in, const char *path, err *e) {
    *in = (input){.name = path, .data = "", .map = {.data = ""}};
    if (strcmp(path, "-") == 0) {
        in->name = "stdin";
        return read_stream(in, stdin, e);
    }
    if (is_stream(path)) {
        FILE *stream = fopen(path, "rb");
        if (!stream) return err_set(e, ERR_INPUT, "%s: %s", path, strerror(errno));
        bool ok = read_stream(in, stream, e);
        fclose(stream);
        return ok;
    }
    if (!file_open_map(&in->map, path, e)) return false;
    in->data = in->map.data;
    in->size = in->map.size;
    return true;
}

void input_close(input *in) {
    file_close_map(&in->map);
    str_free(&in->text);
    *in = (input){.data = ""};
}
