/* Decimal numbers in large texts: read in place, whatever the locale, and rounded correctly. */
#ifndef BASE_DECIMAL_H
#define BASE_DECIMAL_H

/* Reads the number [+-]digits[.digits][e[+-]digits] that starts at s and sets *out to the float
 * nearest to it (ties to even; infinity where it is too large). Returns where the number ends, at
 * `end` or before, or NULL where none starts or it has more than 200 characters. */
const char *decimal_to_float(const char *s, const char *end, float *out);

#endif
