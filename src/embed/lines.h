/* The lines of a text and the words in them: what the files of benchmarks consist of. Private to
 * src/embed. */
#ifndef EMBED_LINES_H
#define EMBED_LINES_H

#include <stddef.h>
#include <stdint.h>

/* Bytes in the middle of a text, not closed with a NUL. */
typedef struct embed_slice {
    const char *data;
    size_t n;
} embed_slice;

/* Zeroed but for `rest`, the whole text. */
typedef struct embed_lines {
    embed_slice rest;
    embed_slice line; /* read last, without the blanks at its ends */
    int64_t number;   /* of that line, from 1 */
} embed_lines;

/* Steps to the next line and splits it at ASCII white space: words[0..max) get its first words.
 * Returns how many it has, which may be above max, or -1 after the last line. */
int64_t embed_lines_next(embed_lines *lines, embed_slice *words, int64_t max);

#endif
