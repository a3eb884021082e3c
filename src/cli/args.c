#include "cli/args.h"

#include "base/str.h"

#include <stdio.h>
#include <string.h>

static const args_flag *find_flag(const args_flag *flags, size_t n, const char *name,
                                  size_t length) {
    for (size_t i = 0; i < n; i++)
        if (strlen(flags[i].name) == length && strncmp(flags[i].name, name, length) == 0)
            return &flags[i];
    return NULL;
}

static bool unknown_flag(const args_flag *flags, size_t n, const char *typed, const char *usage,
                         err *e) {
    enum { MOST = 32 };
    const char *names[MOST];
    for (size_t i = 0; i < n && i < MOST; i++) names[i] = flags[i].name;
    char name[64];
    snprintf(name, sizeof name, "%.*s", (int)strcspn(typed, "="), typed);
    const char *nearest = str_nearest(name, names, n < MOST ? n : MOST);
    if (!nearest)
        return err_set(e, ERR_USAGE, "unknown flag '--%s'; usage: gradus %s", name, usage);
    return err_set(e, ERR_USAGE, "unknown flag '--%s' (did you mean '--%s'?)", name, nearest);
}

static const char *dashes(const args_flag *f) {
    return f->name[1] ? "--" : "-";
}

static bool out_of_bounds(const args_flag *f, const char *text, err *e) {
    if (f->kind == ARGS_INT)
        return err_set(e, ERR_USAGE, "%s%s is '%s', expected a whole number from %.0f to %.0f",
                       dashes(f), f->name, text, f->min, f->max);
    return err_set(e, ERR_USAGE, "%s%s is '%s', expected a number from %g to %g", dashes(f),
                   f->name, text, f->min, f->max);
}

static bool set_value(const args_flag *f, const char *text, err *e) {
    if (f->kind == ARGS_TEXT) {
        *(const char **)f->value = text;
    } else if (f->kind == ARGS_INT) {
        int64_t value;
        if (!str_to_int(text, &value) || (double)value < f->min || (double)value > f->max)
            return out_of_bounds(f, text, e);
        *(int64_t *)f->value = value;
    } else if (f->kind == ARGS_REAL) {
        double value;
        if (!str_to_double(text, &value) || value < f->min || value > f->max)
            return out_of_bounds(f, text, e);
        *(double *)f->value = value;
    }
    return true;
}

static bool add_positional(args *a, const char *argument, int most, const char *usage, err *e) {
    if (a->n_positional == most)
        return err_set(e, ERR_USAGE, "unexpected argument '%s'; usage: gradus %s", argument, usage);
    a->positional[a->n_positional++] = argument;
    return true;
}

/* Reads the flag argv[*i], and its value from the next argument when it stands there. A value for
 * `list` is what a list is given behind "=". */
static bool parse_flag(int argc, char **argv, int *i, const args_flag *flags, size_t n,
                       const char *usage, const char **list, err *e) {
    const char *typed = argv[*i] + (argv[*i][1] == '-' ? 2 : 1), *equals = strchr(typed, '=');
    size_t length = equals ? (size_t)(equals - typed) : strlen(typed);
    const args_flag *f = find_flag(flags, n, typed, length);
    if (!f) return unknown_flag(flags, n, typed, usage, e);
    if (f->kind == ARGS_SWITCH) {
        if (equals) return err_set(e, ERR_USAGE, "%s%s takes no value", dashes(f), f->name);
        *(bool *)f->value = true;
        return true;
    }
    if (f->kind == ARGS_LIST) {
        *list = equals ? equals + 1 : NULL;
        return true;
    }
    if (equals) return set_value(f, equals + 1, e);
    if (*i + 1 >= argc) return err_set(e, ERR_USAGE, "%s%s needs a value", dashes(f), f->name);
    return set_value(f, argv[++*i], e);
}

static void print_flags(const args_flag *flags, size_t n, const char *usage) {
    static const char *const kinds[] = {"", " N", " X", " TEXT", " FILE..."};
    printf("usage: gradus %s\n", usage);
    for (size_t i = 0; i < n; i++) {
        char left[64];
        snprintf(left, sizeof left, "%s%s%s", dashes(&flags[i]), flags[i].name,
                 kinds[flags[i].kind]);
        printf("  %-24s %s\n", left, flags[i].help);
    }
}

bool args_parse(args *a, int argc, char **argv, const args_flag *flags, size_t n_flags, int least,
                int most, const char *usage, err *e) {
    *a = (args){.positional = (const char **)argv};
    bool flags_ended = false;
    for (int i = 0; i < argc; i++) {
        const char *argument = argv[i];
        bool is_flag = argument[0] == '-' && argument[1] != '\0' && !flags_ended;
        if (is_flag && strcmp(argument, "--help") == 0) {
            print_flags(flags, n_flags, usage);
            return false;
        }
        if (is_flag && strcmp(argument, "--") == 0) {
            flags_ended = true;
            continue;
        }
        if (is_flag) {
            argument = NULL;
            if (!parse_flag(argc, argv, &i, flags, n_flags, usage, &argument, e)) return false;
        }
        if (argument && !add_positional(a, argument, most, usage, e)) return false;
    }
    return a->n_positional >= least || err_set(e, ERR_USAGE, "usage: gradus %s", usage);
}

int args_choice(const char *flag, const char *typed, const char *choices, err *e) {
    int place = 0;
    for (const char *c = choices;; c++, place++) {
        size_t length = strcspn(c, "|");
        if (strlen(typed) == length && strncmp(typed, c, length) == 0) return place;
        c += length;
        if (*c == '\0') break;
    }
    err_set(e, ERR_USAGE, "--%s is '%s', expected %s%s", flag, typed,
            strchr(choices, '|') ? "one of " : "", choices);
    return -1;
}
