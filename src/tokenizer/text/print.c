#include "tokenizer/text/print.h"

#include "tokenizer/text/chars.h"

#include <string.h>

static void print_char(uint32_t code, const char *bytes, size_t n, str *out) {
    if (code == '\n')
        str_append(out, "\\n", 2);
    else if (code == '\t')
        str_append(out, "\\t", 2);
    else if (code == '\r')
        str_append(out, "\\r", 2);
    else if (code == '\\')
        str_append(out, "\\\\", 2);
    else if (code < ' ' || code == 0x7F || code >= TOK_LONE_BYTE)
        str_printf(out, "\\x%02X", (unsigned)(unsigned char)*bytes);
    else
        str_append(out, bytes, n);
}

void print_text(const char *text, size_t n, str *out) {
    for (size_t i = 0, len; i < n; i += len) {
        uint32_t code;
        len = tok_read_char(text + i, n - i, &code);
        print_char(code, text + i, len, out);
    }
}

quoted quote(const char *bytes, size_t n) {
    quoted q = {""};
    str text = {0};
    for (size_t i = 0, len, shown = 0; i < n; i += len, shown = text.len) {
        len = str_utf8_length(bytes + i, n - i);
        print_text(bytes + i, len, &text);
        if (text.len + sizeof "..." > sizeof q.text) {
            memcpy(q.text + shown, "...", 3);
            break;
        }
        memcpy(q.text + shown, text.data + shown, text.len - shown);
    }
    str_free(&text);
    return q;
}
