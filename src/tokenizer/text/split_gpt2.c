/* The text is taken in blocks of 64 bytes, and a word of 64 bits says for each class of characters
 * which bytes belong to it. Where pieces begin follows from these words by shifts: almost no branch
 * depends on the text. */
#include "tokenizer/text/split_gpt2.h"

#include "tokenizer/text/char_class.h"
#include "tokenizer/text/chars.h"

#include <string.h>

enum { BLOCK = 64, LONGEST_CONTRACTION = 3 };

/* Which bytes of a block are what: bit i stands for byte i, and all bytes of a character for the
 * character. What is in no class is a mark. */
typedef struct block {
    uint64_t letter, number, space, lone; /* lone: bytes that are not UTF-8 */
    uint64_t blank, quote;                /* ' ' and '\'' */
    uint64_t inside;                      /* bytes of a character behind its first */
} block;

#define EACH(byte) (0x0101010101010101u * (byte))

/* Of 8 ASCII characters at once: bit 7 of each byte tells whether it lies in low .. high. */
static inline uint64_t within(uint64_t x, unsigned low, unsigned high) {
    return (x + EACH(0x80 - low)) & ~(x + EACH(0x7F - high));
}

/* The bits 7 of 8 bytes as 8 bits: the multiplication moves each to its place in the top byte. */
static inline uint64_t gather(uint64_t x) {
    return ((x & EACH(0x80)) >> 7) * 0x0102040810204080u >> 56;
}

static block classify_ascii(const char bytes[BLOCK]) {
    uint64_t word[8];
    memcpy(word, bytes, BLOCK);
    block b = {0};
    for (int i = 0; i < 8; i++) {
        uint64_t x = word[i], blank = within(x, ' ', ' ');
        b.letter |= gather(within(x | EACH(0x20), 'a', 'z')) << 8 * i;
        b.number |= gather(within(x, '0', '9')) << 8 * i;
        b.space |= gather(within(x, '\t', '\r') | blank) << 8 * i;
        b.blank |= gather(blank) << 8 * i;
        b.quote |= gather(within(x, '\'', '\'')) << 8 * i;
    }
    return b;
}

/* Classifies the characters that lie in text[0..BLOCK) as a whole and returns where they end. */
static size_t classify_chars(const char *text, size_t n, block *b) {
    size_t i = 0;
    while (i < n && i < BLOCK) {
        uint32_t code;
        size_t len = tok_read_char(text + i, n - i, &code);
        if (i + len > BLOCK) break;
        uint64_t first = (uint64_t)1 << i, all = (((uint64_t)1 << len) - 1) << i;
        unsigned class = char_class(code);
        if (class & CHAR_LETTER) b->letter |= all;
        if (class & CHAR_NUMBER) b->number |= all;
        if (class & CHAR_SPACE) b->space |= all;
        if (code >= TOK_LONE_BYTE) b->lone |= all;
        if (code == ' ') b->blank |= all;
        if (code == '\'') b->quote |= all;
        b->inside |= all & ~first;
        i += len;
    }
    return i;
}

static bool is_ascii(const char bytes[BLOCK]) {
    uint64_t word[8], any = 0;
    memcpy(word, bytes, BLOCK);
    for (int i = 0; i < 8; i++) any |= word[i];
    return (any & EACH(0x80)) == 0;
}

/* Classifies the next block of text[0..n) and returns its length, chosen so that no character and
 * no contraction is cut. */
static size_t next_block(const char *text, size_t n, block *b) {
    char padded[BLOCK] = {0};
    const char *bytes = text;
    if (n < BLOCK) bytes = memcpy(padded, text, n);
    size_t len = n < BLOCK ? n : BLOCK;
    *b = (block){0};
    if (is_ascii(bytes))
        *b = classify_ascii(bytes);
    else
        len = classify_chars(text, n, b);
    if (len == n) return n;
    uint64_t late = b->quote >> (len - LONGEST_CONTRACTION);
    return late ? len - LONGEST_CONTRACTION + (size_t)__builtin_ctzll(late) : len;
}

/* Length of the contraction at the quote text[0], or 0. */
static size_t contraction(const char *text, size_t n) {
    char first = n > 1 ? text[1] : '\0', second = n > 2 ? text[2] : '\0';
    if (first == 's' || first == 't' || first == 'm' || first == 'd') return 2;
    bool two = ((first == 'r' || first == 'v') && second == 'e') || (first == 'l' && second == 'l');
    return two ? 3 : 0;
}

/* Where a run of white space ends that something follows, its last character is apart from the
 * others: " ?" takes a blank, "\s+(?!\S)" leaves any. The bits are those of its first byte. */
static uint64_t last_of_spaces(const block *b, size_t n, bool space_follows) {
    uint64_t ends = (b->space | b->lone) >> 1 | (uint64_t)space_follows << (n - 1);
    uint64_t last = b->space & ~ends;
    while (last & b->inside) last = (last & ~b->inside) | (last & b->inside) >> 1;
    return last;
}

/* The first bytes of pieces in the block text[0..len), `before` holding the class of the byte
 * before it in its bits 0. */
static uint64_t piece_starts(const block *b, const block *before, const char *text, size_t len,
                             size_t n, bool space_follows) {
    uint64_t change = b->letter ^ (b->letter << 1 | before->letter);
    change |= b->number ^ (b->number << 1 | before->number);
    change |= b->space ^ (b->space << 1 | before->space);
    change |= b->lone ^ (b->lone << 1 | before->lone);
    uint64_t joined_to_blank = (b->blank << 1 | before->blank) & ~b->space & ~b->lone;
    uint64_t starts = (change & ~joined_to_blank) | last_of_spaces(b, len, space_follows);
    for (uint64_t quotes = starts & b->quote; quotes; quotes &= quotes - 1) {
        size_t i = (size_t)__builtin_ctzll(quotes), size = contraction(text + i, n - i);
        if (size == 0) continue;
        starts &= ~((uint64_t)2 << i);
        if (i + size < len) starts |= (uint64_t)1 << (i + size);
    }
    return len < BLOCK ? starts & (((uint64_t)1 << len) - 1) : starts;
}

/* Whether a run of white space goes on or meets an end before text[0]. */
static bool is_space_or_end(const char *text, size_t n) {
    if (n == 0) return true;
    uint32_t code;
    tok_read_char(text, n, &code);
    return code >= TOK_LONE_BYTE || (char_class(code) & CHAR_SPACE);
}

void split_gpt2(const char *text, size_t n, split_take *take, void *context) {
    size_t begin = 0, len;
    block b, before = {.lone = 1}; /* an end before the text as between it and lone bytes */
    for (size_t at = 0; at < n; at += len) {
        len = next_block(text + at, n - at, &b);
        bool space_follows = is_space_or_end(text + at + len, n - at - len);
        uint64_t starts = piece_starts(&b, &before, text + at, len, n - at, space_follows);
        for (; starts; starts &= starts - 1) {
            size_t start = at + (size_t)__builtin_ctzll(starts);
            if (start > begin) take(context, text + begin, start - begin);
            begin = start;
        }
        before = (block){b.letter >> (len - 1) & 1,
                         b.number >> (len - 1) & 1,
                         b.space >> (len - 1) & 1,
                         b.lone >> (len - 1) & 1,
                         b.blank >> (len - 1) & 1,
                         0,
                         0};
    }
    if (n > begin) take(context, text + begin, n - begin);
}
