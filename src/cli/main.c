#include "cli/cmd.h"

#include "base/str.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const cmd *const commands[] = {
    &cmd_train,     &cmd_sample,  &cmd_chat,       &cmd_eval,        &cmd_info,     &cmd_plot,
    &cmd_nearest,   &cmd_analogy, &cmd_similarity, &cmd_odd_one_out, &cmd_evaluate, &cmd_map,
    &cmd_export,    &cmd_import,  &cmd_tokenizer,  &cmd_lesson,      &cmd_trace,    &cmd_graph,
    &cmd_gradcheck, &cmd_corpus,  &cmd_bench,      &cmd_help};
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

static bool is_help_flag(const char *argument) {
    return strcmp(argument, "--help") == 0 || strcmp(argument, "-h") == 0;
}

static bool run(int argc, char **argv, err *e) {
    if (argc < 2) return cmd_help.run(0, NULL, e);
    if (strcmp(argv[1], "--version") == 0) return puts("gradus " GRADUS_VERSION) >= 0;
    const char *name = is_help_flag(argv[1]) ? "help" : argv[1];
    const cmd *c = cmd_find(name, e);
    if (!c) return false;
    for (int i = 2; i < argc; i++)
        if (is_help_flag(argv[i])) return cmd_help.run(1, (char *[]){(char *)name}, e);
    return c->run(argc - 2, argv + 2, e);
}

/* A thread of OpenMP that waits spins for milliseconds before it sleeps, and takes the processor
 * from the thread that it waits for when another program has one of the cores: a step of shape cpu
 * then takes 230 ms instead of 45 (21 on a quiet machine, either way). The runtime reads how long
 * to spin when it is loaded, so the program begins once more with that set. */
static void wait_without_spinning(char **argv) {
    if (getenv("GOMP_SPINCOUNT") || getenv("OMP_WAIT_POLICY")) return;
    setenv("GOMP_SPINCOUNT", "1000", 1);
    execv("/proc/self/exe", argv);
}

int main(int argc, char **argv) {
    err e = {0};
    wait_without_spinning(argv);
    run(argc, argv, &e);
    if (fflush(stdout) != 0 || ferror(stdout))
        err_set(&e, ERR_INPUT, "standard output: %s", strerror(errno));
    if (e.code != ERR_NONE) fprintf(stderr, "gradus: %s\n", e.message);
    return e.code;
}
