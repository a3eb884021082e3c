/* Strings: a growable text, parsing that refuses what it does not understand, nearest names. */
#ifndef BASE_STR_H
#define BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A growable text, always closed with a NUL once something was added. Zeroed = empty. */
typedef struct str {
    char *data;
    size_t len, capacity;
} str;

void str_append(str *s, const char *bytes, size_t n);
void str_printf(str *s, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void str_free(str *s);

/* Each reads the whole of `text` (blanks at the ends aside) and returns false, leaving *out, where
 * it is not a value of that type or does not fit. Numbers are decimal, finite and locale-free;
 * true/false/yes/no/on/off/1/0 are booleans. */
bool str_to_int(const char *text, int64_t *out);
bool str_to_double(const char *text, double *out);
bool str_to_bool(const char *text, bool *out);

/* The name among names[0..n) that a person most likely meant (Damerau-Levenshtein distance of at
 * most a third of its length, at least 1), or NULL. */
const char *str_nearest(const char *typed, const char *const *names, size_t n);

/* Below 0, 0 or above 0 as a[0..n_a) comes before b[0..n_b), is the same or comes after it: by
 * bytes, what begins the other first. */
int str_compare(const char *a, size_t n_a, const char *b, size_t n_b);

/* Length in bytes of the UTF-8 character at s (n bytes left), 1 for a byte that starts none. */
size_t str_utf8_length(const char *s, size_t n);

/* The number of bytes of s[0..n) before the first that is not valid UTF-8; n when all is. */
size_t str_utf8_valid(const char *s, size_t n);

#endif
