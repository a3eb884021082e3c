#include "base/str.h"

#include "base/mem.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static void reserve(str *s, size_t extra) {
    size_t need = s->len + extra + 1;
    if (need <= s->capacity) return;
    s->capacity = need > 2 * s->capacity ? need : 2 * s->capacity;
    s->data = mem_resize(s->data, s->capacity, 1);
}

void str_append(str *s, const char *bytes, size_t n) {
    reserve(s, n);
    if (n) memcpy(s->data + s->len, bytes, n);
    s->len += n;
    s->data[s->len] = '\0';
}

void str_printf(str *s, const char *fmt, ...) {
    va_list args;
    va_start(args, fmt);
    int n = vsnprintf(NULL, 0, fmt, args);
    va_end(args);
    reserve(s, (size_t)n);
    va_start(args, fmt);
    vsnprintf(s->data + s->len, (size_t)n + 1, fmt, args);
    va_end(args);
    s->len += (size_t)n;
}

void str_free(str *s) {
    free(s->data);
    *s = (str){0};
}

static bool only_blanks(const char *s) {
    while (isspace((unsigned char)*s)) s++;
    return *s == '\0';
}

bool str_to_int(const char *text, int64_t *out) {
    char *end;
    errno = 0;
    long long value = strtoll(text, &end, 10);
    if (end == text || errno || !only_blanks(end)) return false;
    *out = value;
    return true;
}

bool str_to_double(const char *text, double *out) {
    char *end;
    const char *start = text;
    while (isspace((unsigned char)*start)) start++;
    start += *start == '-' || *start == '+';
    if (!isdigit((unsigned char)*start) && *start != '.') return false;
    if (start[0] == '0' && tolower((unsigned char)start[1]) == 'x') return false;
    double value = strtod(text, &end);
    if (end == text || !isfinite(value) || !only_blanks(end)) return false;
    *out = value;
    return true;
}

bool str_to_bool(const char *text, bool *out) {
    static const char *const words[] = {"false", "true", "no", "yes", "off", "on", "0", "1"};
    while (isspace((unsigned char)*text)) text++;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        size_t n = strlen(words[i]);
        if (strncasecmp(text, words[i], n) == 0 && only_blanks(text + n)) {
            *out = i % 2;
            return true;
        }
    }
    return false;
}

enum { NAME_MAX_LENGTH = 64 };

/* Optimal string alignment distance; names longer than NAME_MAX_LENGTH count as far away. */
static size_t edit_distance(const char *a, const char *b) {
    size_t na = strlen(a), nb = strlen(b);
    if (na > NAME_MAX_LENGTH || nb > NAME_MAX_LENGTH) return SIZE_MAX;
    size_t d[NAME_MAX_LENGTH + 1][NAME_MAX_LENGTH + 1];
    for (size_t i = 0; i <= na; i++) d[i][0] = i;
    for (size_t j = 0; j <= nb; j++) d[0][j] = j;
    for (size_t i = 1; i <= na; i++)
        for (size_t j = 1; j <= nb; j++) {
            size_t best = d[i - 1][j - 1] + (a[i - 1] != b[j - 1]);
            if (d[i - 1][j] + 1 < best) best = d[i - 1][j] + 1;
            if (d[i][j - 1] + 1 < best) best = d[i][j - 1] + 1;
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] &&
                d[i - 2][j - 2] + 1 < best)
                best = d[i - 2][j - 2] + 1;
            d[i][j] = best;
        }
    return d[na][nb];
}

const char *str_nearest(const char *typed, const char *const *names, size_t n) {
    const char *nearest = NULL;
    size_t best = SIZE_MAX;
    for (size_t i = 0; i < n; i++) {
        size_t distance = edit_distance(typed, names[i]);
        size_t allowed = strlen(names[i]) / 3 > 1 ? strlen(names[i]) / 3 : 1;
        if (distance <= allowed && distance < best) {
            best = distance;
            nearest = names[i];
        }
    }
    return nearest;
}

int str_compare(const char *a, size_t n_a, const char *b, size_t n_b) {
    int order = memcmp(a, b, n_a < n_b ? n_a : n_b);
    return order ? order : (n_a > n_b) - (n_a < n_b);
}

size_t str_utf8_length(const char *s, size_t n) {
    const unsigned char *u = (const unsigned char *)s;
    size_t len = u[0] < 0x80   ? 1
                 : u[0] < 0xC2 ? 0
                 : u[0] < 0xE0 ? 2
                 : u[0] < 0xF0 ? 3
                 : u[0] < 0xF5 ? 4
                               : 0;
    if (len == 0 || len > n) return 1;
    for (size_t i = 1; i < len; i++)
        if ((u[i] & 0xC0) != 0x80) return 1;
    bool overlong = (u[0] == 0xE0 && u[1] < 0xA0) || (u[0] == 0xF0 && u[1] < 0x90);
    bool surrogate = u[0] == 0xED && u[1] > 0x9F;
    bool too_large = u[0] == 0xF4 && u[1] > 0x8F;
    return overlong || surrogate || too_large ? 1 : len;
}

size_t str_utf8_valid(const char *s, size_t n) {
    size_t i = 0;
    while (i < n) {
        size_t len = str_utf8_length(s + i, n - i);
        if (len == 1 && (unsigned char)s[i] >= 0x80) break;
        i += len;
    }
    return i;
}
