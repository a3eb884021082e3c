#include "tokenizer/file/read_lines.h"

#include "tokenizer/file/readers.h"

#include <string.h>

bool read_fits(size_t n, const char *name, err *e) {
    return n <= READ_MAX_BYTES ||
           err_set(e, ERR_INPUT, "%s: %zu bytes are more than a tokenizer may have, %d", name, n,
                   READ_MAX_BYTES);
}

bool read_is_text(const char *content, size_t n, const char *name, err *e) {
    if (!read_fits(n, name, e)) return false;
    size_t valid = str_utf8_valid(content, n);
    if (valid < n)
        return err_set(e, ERR_INPUT, "%s: not a tokenizer: byte %zu is not UTF-8", name, valid);
    const char *nul = n ? memchr(content, '\0', n) : NULL;
    return !nul ||
           err_set(e, ERR_INPUT, "%s: not a tokenizer: byte %td is zero", name, nul - content);
}

bool read_line(const char *text, size_t n, size_t *at, const char **line, size_t *len) {
    if (*at >= n) return false;
    const char *end = memchr(text + *at, '\n', n - *at);
    *line = text + *at;
    *len = end ? (size_t)(end - *line) : n - *at;
    *at += *len + (end != NULL);
    if (*len && (*line)[*len - 1] == '\r') --*len;
    return true;
}

bool read_pair(const char *line, size_t len, str *left, str *right) {
    const char *blank = memchr(line, ' ', len);
    if (!blank) return false;
    size_t n_left = (size_t)(blank - line), n_right = len - n_left - 1;
    if (n_left == 0 || n_right == 0 || memchr(blank + 1, ' ', n_right)) return false;
    left->len = right->len = 0;
    str_append(left, line, n_left);
    str_append(right, blank + 1, n_right);
    return true;
}
