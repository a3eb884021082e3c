/* Random texts made of what breaks tokenizers: blanks of all kinds, contractions, marks, digits and
 * letters of many scripts, bytes that are not UTF-8. */
#ifndef TESTS_HOSTILE_H
#define TESTS_HOSTILE_H

#include "base/rng.h"
#include "base/str.h"

#include <string.h>

static const char *const hostile_pieces[] = {" ",
                                             " ",
                                             "  ",
                                             "\n",
                                             "\r\n",
                                             "\t",
                                             "\v",
                                             "\u00A0",
                                             "\xC2\x85",
                                             "\u180E",
                                             "\u200B",
                                             "\u2003",
                                             "\u2028",
                                             "\u3000",
                                             "\uFEFF",
                                             "'",
                                             "'s",
                                             "'S",
                                             "'ll",
                                             "'re",
                                             "'ve",
                                             "'d",
                                             "'t",
                                             "'l",
                                             "\u2019s",
                                             "a",
                                             "b",
                                             "the",
                                             "Word",
                                             "x",
                                             "unbelievable",
                                             "0",
                                             "12",
                                             "\u00B2",
                                             "\u0663",
                                             "\u2167",
                                             "\u00E9",
                                             "e\u0301",
                                             "\u4F60",
                                             "\u597D",
                                             "\u0436",
                                             "\u05D0",
                                             "\u0939\u093F",
                                             "\U0001F600",
                                             "\U0001F468\u200D\U0001F469",
                                             ".",
                                             "_",
                                             "--",
                                             "$",
                                             "\u00AB",
                                             "\u3002",
                                             "\x01",
                                             "\xFF",
                                             "\xC3",
                                             "\xE2\x96",
                                             "\xED\xA0\x80",
                                             "\xF0\x9F\x98",
                                             "\x80",
                                             "\xC0\xAF"};
enum { N_HOSTILE_PIECES = sizeof hostile_pieces / sizeof *hostile_pieces };

/* Puts up to `most` random pieces into *text, which is emptied first; only such as are UTF-8 where
 * `valid`. */
static inline void hostile_text(rng_stream *random, uint32_t most, int valid, str *text) {
    text->len = 0;
    str_append(text, "", 0);
    for (uint32_t n = rng_next_below(random, most + 1); n > 0; n--) {
        const char *piece = hostile_pieces[rng_next_below(random, N_HOSTILE_PIECES)];
        if (!valid || str_utf8_valid(piece, strlen(piece)) == strlen(piece))
            str_append(text, piece, strlen(piece));
    }
}

#endif
