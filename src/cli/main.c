#include "cli/cmd.h"

#include "base/str.h"

#include <stdio.h>
#include <string.h>

static const cmd *const commands[] = {&cmd_train, &cmd_sample, &cmd_eval,      &cmd_nearest,
                                      &cmd_info,  &cmd_plot,   &cmd_gradcheck, &cmd_corpus,
                                      &cmd_bench, &cmd_help};
enum { N_COMMANDS = sizeof commands / sizeof *commands };

const cmd *const *cmd_all(size_t *n) {
    *n = N_COMMANDS;
    return commands;
}

const cmd *cmd_find(const char *name, err *e) {
    const char *names[N_COMMANDS];
    for (size_t i = 0; i < N_COMMANDS; i++) {
        names[i] = commands[i]->name;
        if (strcmp(names[i], name) == 0) return commands[i];
    }
    const char *nearest = str_nearest(name, names, N_COMMANDS);
    if (nearest)
        err_set(e, ERR_USAGE, "unknown command '%s' (did you mean '%s'?)", name, nearest);
    else
        err_set(e, ERR_USAGE, "unknown command '%s'; 'gradus help' lists them", name);
    return NULL;
}

static bool run(int argc, char **argv, err *e) {
    if (argc < 2) return cmd_help.run(0, NULL, e);
    if (strcmp(argv[1], "--version") == 0) return puts("gradus " GRADUS_VERSION) >= 0;
    const char *name = strcmp(argv[1], "--help") == 0 ? "help" : argv[1];
    const cmd *c = cmd_find(name, e);
    return c && c->run(argc - 2, argv + 2, e);
}

int main(int argc, char **argv) {
    err e = {0};
    run(argc, argv, &e);
    fflush(stdout);
    if (e.code != ERR_NONE) fprintf(stderr, "gradus: %s\n", e.message);
    return e.code;
}
