#include "tokenizer/text/byte_level.h"

#include "tokenizer/text/chars.h"

enum { FIRST_SPELLED = 0x100 }; /* the code that the first unprintable byte is spelled with */

static bool is_printable(int byte) {
    return (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || byte >= 174;
}

unsigned char byte_level_at(int i) {
    for (int printable = 1; printable >= 0; printable--)
        for (int byte = 0; byte < 256; byte++)
            if (is_printable(byte) == printable && i-- == 0) return (unsigned char)byte;
    return 0;
}

/* The number of unprintable bytes below that byte. */
static int unprintable_below(int byte) {
    int n = 0;
    for (int b = 0; b < byte; b++) n += !is_printable(b);
    return n;
}

void byte_level_spell(const char *bytes, size_t n, str *out) {
    for (size_t i = 0; i < n; i++) {
        int byte = (unsigned char)bytes[i];
        int code = is_printable(byte) ? byte : FIRST_SPELLED + unprintable_below(byte);
        char spelled[4];
        str_append(out, spelled, tok_write_char(spelled, (uint32_t)code));
    }
}

/* The byte spelled by that code, or -1. */
static int byte_of(uint32_t code) {
    if (code < 256) return is_printable((int)code) ? (int)code : -1;
    int rank = (int)code - FIRST_SPELLED + 256 - unprintable_below(256);
    return code < TOK_LONE_BYTE && rank < 256 ? byte_level_at(rank) : -1;
}

bool byte_level_read(const char *text, size_t n, str *out) {
    for (size_t i = 0; i < n;) {
        uint32_t code;
        i += tok_read_char(text + i, n - i, &code);
        int byte = byte_of(code);
        if (byte < 0) return false;
        str_append(out, &(char){(char)byte}, 1);
    }
    return true;
}
