/* A bug in the program, never a mistake of its user: one line on stderr, then abort. On in every
 * build. What a user can cause is an `err` (base/err.h). */
#ifndef BASE_CHECK_H
#define BASE_CHECK_H

#define CHECK(cond, ...)                                                                           \
    do {                                                                                           \
        if (__builtin_expect(!(cond), 0)) check_failed(__FILE__, __LINE__, __VA_ARGS__);           \
    } while (0)

/* Prints "gradus: bug: FILE:LINE: message" and aborts. Called by CHECK. */
_Noreturn void check_failed(const char *file, int line, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

#endif
