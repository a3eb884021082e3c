/* Whether what somebody typed is the answer to an exercise, in any of the ways that people write
 * one: "50,257", "0.75", "3/4", "75 %", "500 MiB", "Yes.", "it falls". */
#ifndef LESSON_ANSWER_H
#define LESSON_ANSWER_H

#include <stdbool.h>

/* `right` but for the tolerance, which is relative; with a fraction, commas between thousands, a
 * percent sign (of `right` or of 1), or a unit behind it. */
bool answer_is_number(const char *typed, double right, double tolerance);

/* One of "ONE|OTHER", case ignored: by itself, after "it" or "the", or followed by a remark. */
bool answer_is_word(const char *typed, const char *words);

#endif
