#include "cli/printer.h"

#include <stdio.h>
#include <string.h>

enum { UTF8_LONGEST = 4 };

static bool print(printer *p, size_t n) {
    fwrite(p->text.data, 1, n, stdout);
    memmove(p->text.data, p->text.data + n, p->text.len - n);
    p->text.len -= n;
    return fflush(stdout) == 0;
}

bool printer_add(printer *p, int32_t id) {
    tok_decode_next(p->tok, &p->decoding, id, &p->text);
    if (p->text.len == 0) return true;
    /* The bytes of one character may come as several tokens: wait for the last of them. */
    size_t valid = str_utf8_valid(p->text.data, p->text.len);
    return print(p, p->text.len - valid < UTF8_LONGEST ? valid : p->text.len);
}

void printer_end(printer *p) {
    if (p->text.len) print(p, p->text.len);
    str_free(&p->text);
    *p = (printer){.tok = p->tok};
}
