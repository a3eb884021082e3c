/* Words and single marks as tokens. A word is a run of letters and digits with apostrophes inside
 * (don't, king's), in lower case; a line break is a mark, other blanks only separate. */
#include "tokenizer/kind.h"

#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

typedef enum char_class { BLANK, MARK, LETTER } char_class;

/* Beyond ASCII a character is a letter unless it stands here; rising. */
static const struct {
    uint32_t first, last;
    char_class class;
} not_letters[] = {
    {0x80, 0x84, MARK},      {0x85, 0x85, BLANK},      {0x86, 0x9F, MARK},
    {0xA0, 0xA0, BLANK},     {0xA1, 0xA9, MARK},       {0xAB, 0xB4, MARK},
    {0xB6, 0xB9, MARK},      {0xBB, 0xBF, MARK},       {0xD7, 0xD7, MARK},
    {0xF7, 0xF7, MARK},      {0x37E, 0x37E, MARK},     {0x387, 0x387, MARK},
    {0x55A, 0x55F, MARK},    {0x589, 0x58A, MARK},     {0x5BE, 0x5BE, MARK},
    {0x60C, 0x60D, MARK},    {0x61B, 0x61F, MARK},     {0x66A, 0x66D, MARK},
    {0x6D4, 0x6D4, MARK},    {0x964, 0x965, MARK},     {0x1680, 0x1680, BLANK},
    {0x2000, 0x200B, BLANK}, {0x200E, 0x2027, MARK},   {0x2028, 0x2029, BLANK},
    {0x202A, 0x202E, MARK},  {0x202F, 0x202F, BLANK},  {0x2030, 0x205E, MARK},
    {0x205F, 0x205F, BLANK}, {0x2060, 0x2BFF, MARK},   {0x2E00, 0x2E7F, MARK},
    {0x3000, 0x3000, BLANK}, {0x3001, 0x3004, MARK},   {0x3008, 0x3020, MARK},
    {0x3030, 0x3030, MARK},  {0xE000, 0xF8FF, MARK},   {0xFE10, 0xFE1F, MARK},
    {0xFE30, 0xFE6F, MARK},  {0xFEFF, 0xFEFF, BLANK},  {0xFF01, 0xFF0F, MARK},
    {0xFF1A, 0xFF20, MARK},  {0xFF3B, 0xFF40, MARK},   {0xFF5B, 0xFF65, MARK},
    {0xFFE0, 0xFFFF, MARK},  {0x1F000, 0x1FAFF, MARK}, {TOK_LONE_BYTE, TOK_CODES, MARK},
    {UINT32_MAX, 0, LETTER},
};

static inline char_class class_of(uint32_t code) {
    if ((code | 32) - 'a' < 26 || code - '0' < 10) return LETTER;
    if (code < 0x80)
        return code == ' ' || (code >= '\t' && code <= '\r' && code != '\n') ? BLANK : MARK;
    for (size_t i = 0; code >= not_letters[i].first; i++)
        if (code <= not_letters[i].last) return not_letters[i].class;
    return LETTER;
}

/* Capitals beyond ASCII: every step-th code from first to last has its small letter `up` further.
 * Both take the same number of bytes in UTF-8. Rising. */
static const struct {
    uint32_t first, last, step;
    int up;
} capitals[] = {
    {0xC0, 0xD6, 1, 32},   {0xD8, 0xDE, 1, 32},    {0x100, 0x12E, 2, 1},    {0x132, 0x136, 2, 1},
    {0x139, 0x147, 2, 1},  {0x14A, 0x176, 2, 1},   {0x178, 0x178, 1, -121}, {0x179, 0x17D, 2, 1},
    {0x386, 0x386, 1, 38}, {0x388, 0x38A, 1, 37},  {0x38C, 0x38C, 1, 64},   {0x38E, 0x38F, 1, 63},
    {0x391, 0x3A1, 1, 32}, {0x3A3, 0x3AB, 1, 32},  {0x400, 0x40F, 1, 80},   {0x410, 0x42F, 1, 32},
    {0x460, 0x480, 2, 1},  {0x48A, 0x4BE, 2, 1},   {0x4C1, 0x4CD, 2, 1},    {0x4D0, 0x52E, 2, 1},
    {0x531, 0x556, 1, 48}, {0x1E00, 0x1E94, 2, 1}, {0x1EA0, 0x1EFE, 2, 1},  {UINT32_MAX, 0, 1, 0},
};

static uint32_t lower_case(uint32_t code) {
    for (size_t i = 0; code >= capitals[i].first; i++)
        if (code <= capitals[i].last && (code - capitals[i].first) % capitals[i].step == 0)
            return code + (uint32_t)capitals[i].up;
    return code;
}

static void make_lower(char *s, size_t n) {
    for (size_t i = 0; i < n;) {
        uint32_t code;
        size_t len = tok_read_char(s + i, n - i, &code);
        if (code - 'A' < 26)
            s[i] = (char)(code | 32);
        else if (code >= 0x80)
            tok_write_char(s + i, lower_case(code));
        i += len;
    }
}

/* The end of the word whose first character lies before text[i]. */
static size_t word_end(const char *text, size_t n, size_t i) {
    while (i < n) {
        uint32_t code, after;
        size_t end = i + tok_read_char(text + i, n - i, &code);
        if (code == '\'' || code == 0x2019) { /* an apostrophe counts when a letter follows */
            if (end == n) break;
            end += tok_read_char(text + end, n - end, &after);
            code = after;
        }
        if (class_of(code) != LETTER) break;
        i = end;
    }
    return i;
}

/* Puts the next piece of text[*at..n) into *piece and moves *at behind it; false when none is
 * left. */
static bool next_piece(const char *text, size_t n, size_t *at, str *piece) {
    size_t start = *at, end = *at;
    char_class class = BLANK;
    while (class == BLANK) {
        if (end == n) return false;
        uint32_t code;
        start = end;
        end += tok_read_char(text + start, n - start, &code);
        class = class_of(code);
    }
    if (class == LETTER) end = word_end(text, n, end);
    *at = end;
    piece->len = 0;
    str_append(piece, text + start, end - start);
    make_lower(piece->data, piece->len);
    return true;
}

typedef struct counted {
    int64_t count;
    const char *piece;
    size_t len;
} counted;

/* By falling count, then by bytes. */
static int compare_counted(const void *a, const void *b) {
    const counted *x = a, *y = b;
    if (x->count != y->count) return x->count < y->count ? 1 : -1;
    int order = memcmp(x->piece, y->piece, x->len < y->len ? x->len : y->len);
    return order ? order : (x->len > y->len) - (x->len < y->len);
}

/* Counts the pieces of text[0..n): one entry per piece of *seen, which they borrow (free with
 * free). */
static counted *count_pieces(const char *text, size_t n, vocab *seen) {
    counted *words = NULL;
    str piece = {0};
    for (size_t at = 0; seen->size < VOCAB_MAX_IDS && next_piece(text, n, &at, &piece);) {
        int32_t size = seen->size, capacity = seen->capacity;
        int32_t id = vocab_add(seen, piece.data, piece.len);
        if (seen->capacity > capacity)
            words = mem_resize(words, (size_t)seen->capacity, sizeof *words);
        words[id].count = id == size ? 1 : words[id].count + 1;
    }
    str_free(&piece);
    for (int32_t id = 0; id < seen->size; id++)
        words[id].piece = vocab_piece(seen, id, &words[id].len);
    return words;
}

static bool train(tokenizer *tok, const char *text, size_t n, err *e) {
    vocab seen = {0};
    counted *words = count_pieces(text, n, &seen);
    bool ok = seen.size < VOCAB_MAX_IDS;
    if (!ok) err_set(e, ERR_INPUT, "the text has more than %d distinct words", VOCAB_MAX_IDS);
    if (seen.size) qsort(words, (size_t)seen.size, sizeof *words, compare_counted);
    vocab_add(&tok->vocab, TOK_UNK, strlen(TOK_UNK));
    for (int32_t i = 0; ok && i < seen.size && words[i].count >= tok->min_count; i++)
        vocab_add(&tok->vocab, words[i].piece, words[i].len);
    free(words);
    vocab_free(&seen);
    return ok;
}

static bool prepare(tokenizer *tok, const char *name, err *e) {
    tok->unk = 0;
    if (vocab_find(&tok->vocab, TOK_UNK, strlen(TOK_UNK)) != tok->unk)
        return err_set(e, ERR_INPUT, "%s: vocab does not begin with %s", name, TOK_UNK);
    bool ok = true;
    str found = {0};
    for (int32_t id = 1; ok && id < tok->vocab.size; id++) {
        size_t len, at = 0;
        const char *piece = vocab_piece(&tok->vocab, id, &len);
        ok = next_piece(piece, len, &at, &found) && found.len == len &&
             memcmp(found.data, piece, len) == 0;
        if (!ok) err_set(e, ERR_INPUT, "%s: vocab entry %d is not one word", name, (int)id);
    }
    str_free(&found);
    return ok;
}

static void encode(const tokenizer *tok, const char *text, size_t n, tok_ids *out) {
    str piece = {0};
    for (size_t at = 0; next_piece(text, n, &at, &piece);) {
        int32_t id = vocab_find(&tok->vocab, piece.data, piece.len);
        tok_ids_append(out, id < 0 ? tok->unk : id);
    }
    str_free(&piece);
}

/* Marks that cling to what stands before them, or after. */
static const char *const closing[] = {"\n", ".", ",", ";", ":", "!", "?", ")",
                                      "]",  "}", "'", "%", "…", "’", "”", "»"};
static const char *const opening[] = {"\n", "(", "[", "{", "‘", "“", "„", "«"};

static bool is_among(const char *piece, const char *const *list, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (strcmp(piece, list[i]) == 0) return true;
    return false;
}

static void decode(const tokenizer *tok, const int32_t *ids, size_t n, str *out) {
    bool wants_blank = false;
    for (size_t i = 0; i < n; i++) {
        size_t len;
        const char *piece = vocab_piece(&tok->vocab, ids[i], &len);
        if (wants_blank && !is_among(piece, closing, sizeof closing / sizeof *closing))
            str_append(out, " ", 1);
        str_append(out, piece, len);
        wants_blank = !is_among(piece, opening, sizeof opening / sizeof *opening);
    }
}

const tok_kind tok_kind_word = {
    .name = "word",
    .train = train,
    .prepare = prepare,
    .encode = encode,
    .decode = decode,
};
