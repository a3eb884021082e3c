/* Flags and arguments of a subcommand: every flag is known, of its type and within its bounds, or
 * the answer is one line with the nearest name. */
#ifndef CLI_ARGS_H
#define CLI_ARGS_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum args_kind { ARGS_SWITCH, ARGS_INT, ARGS_REAL, ARGS_TEXT, ARGS_LIST } args_kind;

/* A flag "--name VALUE" or "--name=VALUE", for a switch just "--name"; the values of a list,
 * "--name VALUE VALUE ...", are positional arguments. "--" ends the flags. */
typedef struct args_flag {
    const char *name; /* without dashes; one letter makes it "-k" */
    args_kind kind;
    void *value; /* bool, int64_t, double or const char *; keeps its default where not given;
                    NULL for a list */
    double min, max;
    const char *help;
} args_flag;

typedef struct args {
    const char **positional; /* at the front of argv, where they move */
    int n_positional;
} args;

/* Reads argv; `usage` is named when the number of positional arguments is not in [least, most]. Any
 * "--help" ends it with e->code ERR_NONE and returns false after printing the flags. */
bool args_parse(args *a, int argc, char **argv, const args_flag *flags, size_t n_flags, int least,
                int most, const char *usage, err *e);

/* The place of `typed`, the value of that flag, among choices "a|b|c", or -1 and e. */
int args_choice(const char *flag, const char *typed, const char *choices, err *e);

/* Every command's --threads: sets the number of threads, checks it. */
#define ARGS_THREADS(variable)                                                                     \
    { "threads", ARGS_INT, &(variable), 0, 1024, "threads; 0 = one per processor" }

#endif
