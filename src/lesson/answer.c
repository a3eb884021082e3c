#include "lesson/answer.h"

#include "base/array.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static bool is_digit(char c) {
    return isdigit((unsigned char)c);
}

/* Skips a word that may stand before the answer. */
static const char *skip_lead(const char *text) {
    static const char *const leads[] = {"the ", "it ", "its ", "is ", "at ", "about ", "position "};
    for (size_t i = 0; i < COUNT(leads); i++)
        if (strncasecmp(text, leads[i], strlen(leads[i])) == 0) return text + strlen(leads[i]);
    return text;
}

static const char *skip_leads(const char *text) {
    for (const char *next;; text = next) {
        next = skip_lead(text + strspn(text, " =~'\""));
        if (next == text) return text;
    }
}

/* A comma with digits before it and just three behind it. */
static bool is_between_thousands(const char *typed, const char *comma) {
    return comma > typed && is_digit(comma[-1]) && strspn(comma + 1, "0123456789") == 3;
}

/* The answer without commas between thousands, and without what leads to its number. */
static void simplify(const char *typed, char *out, size_t size) {
    const char *from = skip_leads(typed);
    size_t n = 0;
    for (const char *c = from; *c && n + 1 < size; c++)
        if (*c != ',' || !is_between_thousands(from, c)) out[n++] = *c;
    out[n] = '\0';
}

/* Reads "3", "3/4", "75 %" or "500 MiB": no other number may follow. */
static bool read_number(const char *text, double *x, bool *in_percent) {
    char *end;
    *x = strtod(text, &end);
    if (end == text) return false;
    end += strspn(end, " ");
    if (*end == '/') {
        const char *below = end + 1;
        *x /= strtod(below, &end);
        if (end == below) return false;
        end += strspn(end, " ");
    }
    *in_percent = *end == '%';
    for (end += *in_percent; *end; end++)
        if (!isalpha((unsigned char)*end) && !strchr(" .'\"", *end)) return false;
    return true;
}

bool answer_is_number(const char *typed, double right, double tolerance) {
    char text[64];
    double x;
    bool in_percent;
    simplify(typed, text, sizeof text);
    if (strlen(typed) >= sizeof text || !read_number(text, &x, &in_percent)) return false;
    const double most = tolerance * fabs(right);
    return fabs(x - right) <= most || (in_percent && fabs(x / 100 - right) <= most);
}

bool answer_is_word(const char *typed, const char *words) {
    const char *text = skip_leads(typed);
    for (const char *word = words; word; word = strchr(word, '|')) {
        word += *word == '|';
        size_t n = strcspn(word, "|");
        if (strncasecmp(text, word, n) != 0) continue;
        const char *rest = text + n + strspn(text + n, " '\"");
        if (*rest == '\0' || strchr(".,;:!(=", *rest)) return true;
    }
    return false;
}
