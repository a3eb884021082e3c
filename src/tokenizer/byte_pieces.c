#include "tokenizer/byte_pieces.h"

#include <string.h>

enum { LENGTH = 6 };
static const char digits[] = "0123456789ABCDEF";

static void spell(unsigned char byte, char piece[LENGTH]) {
    memcpy(piece, "<0x", 3);
    piece[3] = digits[byte >> 4];
    piece[4] = digits[byte & 15];
    piece[5] = '>';
}

int byte_of_piece(const char *piece, size_t len) {
    if (len != LENGTH || memcmp(piece, "<0x", 3) != 0 || piece[5] != '>') return -1;
    const char *high = memchr(digits, piece[3], 16), *low = memchr(digits, piece[4], 16);
    return high && low ? (int)((high - digits) << 4 | (low - digits)) : -1;
}

int32_t byte_piece_add(vocab *v, unsigned char byte) {
    char piece[LENGTH];
    spell(byte, piece);
    return vocab_add(v, piece, LENGTH);
}

bool byte_pieces_find(const vocab *v, int32_t ids[256]) {
    bool all = true;
    for (int byte = 0; byte < 256; byte++) {
        char piece[LENGTH];
        spell((unsigned char)byte, piece);
        ids[byte] = vocab_find(v, piece, LENGTH);
        all &= ids[byte] >= 0;
    }
    return all;
}
