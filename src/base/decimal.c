#include "base/decimal.h"

#include <float.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    LONGEST = 200,        /* characters of a number */
    MAX_EXPONENT = 9999,  /* far beyond any float; larger ones are cut */
    MAX_EXACT_POWER = 22, /* of ten, in a double */
    MAX_DIGITS = 19       /* that fit in 64 bits */
};

/* The number (-1)^negative * mantissa * 10^exponent, where the mantissa could be kept. */
typedef struct decimal {
    uint64_t mantissa;
    int n_digits; /* of the mantissa, without leading zeros */
    int exponent;
    bool negative;
} decimal;

static bool is_digit(const char *s, const char *end) {
    return s < end && (unsigned char)(*s - '0') < 10;
}

static const char *scan_digits(const char *s, const char *end, decimal *d) {
    for (; is_digit(s, end); s++) {
        d->mantissa = d->mantissa * 10 + (uint64_t)(*s - '0');
        d->n_digits += d->n_digits > 0 || *s != '0';
    }
    return s;
}

/* An exponent without digits is none: the number ends before its 'e'. */
static const char *scan_exponent(const char *s, const char *end, decimal *d) {
    if (s == end || (*s != 'e' && *s != 'E')) return s;
    const char *digits = s + 1;
    bool negative = digits < end && *digits == '-';
    digits += negative || (digits < end && *digits == '+');
    if (!is_digit(digits, end)) return s;
    int value = 0;
    for (; is_digit(digits, end); digits++)
        if (value < MAX_EXPONENT) value = value * 10 + (*digits - '0');
    d->exponent += negative ? -value : value;
    return digits;
}

static const char *scan(const char *s, const char *end, decimal *d) {
    d->negative = s < end && *s == '-';
    s += d->negative || (s < end && *s == '+');
    const char *whole = s;
    s = scan_digits(s, end, d);
    bool any = s > whole;
    if (s < end && *s == '.') {
        const char *fraction = ++s;
        s = scan_digits(s, end, d);
        d->exponent = (int)(fraction - s);
        any |= s > fraction;
    }
    return any ? scan_exponent(s, end, d) : NULL;
}

/* The number as a double, rounded once: both operands are exact (Clinger 1990). False where one of
 * them is not. */
static bool to_double(const decimal *d, double *out) {
    static const double powers[MAX_EXACT_POWER + 1] = {
        1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
        1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    bool exact = d->n_digits <= MAX_DIGITS && d->mantissa <= (uint64_t)1 << DBL_MANT_DIG &&
                 abs(d->exponent) <= MAX_EXACT_POWER;
    if (!exact) return false;
    double m = (double)d->mantissa;
    *out = d->exponent < 0 ? m / powers[-d->exponent] : m * powers[d->exponent];
    return true;
}

/* Whether rounding the rounded x once more, to a float, could differ from rounding once: only where
 * x is halfway between two floats. They are normal ones: to_double gives nothing below 1e-22. */
static bool rounds_twice(double x) {
    enum { DROPPED = DBL_MANT_DIG - FLT_MANT_DIG };
    uint64_t bits, half = (uint64_t)1 << (DROPPED - 1);
    memcpy(&bits, &x, sizeof bits);
    return (bits & (2 * half - 1)) == half;
}

/* Any number: strtof of its digits and exponent, without the point that depends on the locale. */
static float slow_magnitude(const char *s, const char *end, int exponent) {
    char digits[LONGEST + 16];
    size_t n = 0;
    for (; s < end && *s != 'e' && *s != 'E'; s++)
        if (is_digit(s, end)) digits[n++] = *s;
    snprintf(digits + n, sizeof digits - n, "e%d", exponent);
    return strtof(digits, NULL);
}

const char *decimal_to_float(const char *s, const char *end, float *out) {
    if (end - s > LONGEST + 1) end = s + LONGEST + 1;
    decimal d = {0};
    const char *rest = scan(s, end, &d);
    if (!rest || rest - s > LONGEST) return NULL;
    double x;
    bool once = to_double(&d, &x) && !rounds_twice(x);
    float magnitude = once ? (float)x : slow_magnitude(s, rest, d.exponent);
    *out = d.negative ? -magnitude : magnitude;
    return rest;
}
