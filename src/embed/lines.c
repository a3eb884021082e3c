#include "embed/lines.h"

#include <stdbool.h>
#include <string.h>

static bool is_blank(char c) {
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static embed_slice trimmed(const char *start, const char *end) {
    while (start < end && is_blank(*start)) start++;
    while (end > start && is_blank(end[-1])) end--;
    return (embed_slice){start, (size_t)(end - start)};
}

int64_t embed_lines_next(embed_lines *lines, embed_slice *words, int64_t max) {
    if (lines->rest.n == 0) return -1;
    const char *start = lines->rest.data, *text_end = start + lines->rest.n;
    const char *end = memchr(start, '\n', lines->rest.n);
    const char *next = end ? end + 1 : text_end;
    lines->line = trimmed(start, end ? end : text_end);
    lines->rest = (embed_slice){next, (size_t)(text_end - next)};
    lines->number++;
    int64_t n = 0;
    const char *at = lines->line.data;
    for (end = at + lines->line.n; at < end;) {
        const char *word = at;
        while (at < end && !is_blank(*at)) at++;
        if (n++ < max) words[n - 1] = (embed_slice){word, (size_t)(at - word)};
        while (at < end && is_blank(*at)) at++;
    }
    return n;
}
