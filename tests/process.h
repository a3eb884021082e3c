/* Runs a program and keeps what it prints, in the folder of tree.h. After cmocka.h. */
#ifndef TESTS_PROCESS_H
#define TESTS_PROCESS_H

#include "tree.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>

extern char **environ;

/* What the program said and how it ended; the texts are good until the next outcome. */
typedef struct outcome {
    int code; /* -1 when a signal ended it */
    const char *out, *err;
} outcome;

enum { PROGRAM_TEXT_SIZE = 1 << 18 };

/* The whole file of the folder as a string in text[0..PROGRAM_TEXT_SIZE). */
static const char *program_read(const char *name, char *text) {
    FILE *f = fopen(folder_path(name), "rb");
    size_t n = f ? fread(text, 1, PROGRAM_TEXT_SIZE - 1, f) : 0;
    if (f) fclose(f);
    text[n] = '\0';
    return text;
}

/* Starts the program of the path arguments[0] with these arguments, closed with NULL. */
static pid_t program_start_at(const char **arguments) {
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    const int flags = O_WRONLY | O_CREAT | O_TRUNC;
    char out[512], err_path[512]; /* an argument may be what folder_path holds */
    snprintf(out, sizeof out, "%s/stdout", folder);
    snprintf(err_path, sizeof err_path, "%s/stderr", folder);
    posix_spawn_file_actions_addopen(&actions, 1, out, flags, 0666);
    posix_spawn_file_actions_addopen(&actions, 2, err_path, flags, 0666);
    pid_t pid;
    if (posix_spawn(&pid, arguments[0], &actions, NULL, (char **)arguments, environ) != 0)
        fail_msg("cannot run %s", arguments[0]);
    posix_spawn_file_actions_destroy(&actions);
    return pid;
}

static outcome program_wait(pid_t pid) {
    static char out[PROGRAM_TEXT_SIZE], err_text[PROGRAM_TEXT_SIZE];
    int status = 0;
    waitpid(pid, &status, 0);
    return (outcome){WIFEXITED(status) ? WEXITSTATUS(status) : -1, program_read("stdout", out),
                     program_read("stderr", err_text)};
}

/* Waits until the program has printed `part`. */
static inline void program_wait_for(const char *part) {
    static char text[PROGRAM_TEXT_SIZE];
    const struct timespec moment = {.tv_nsec = 5000000};
    for (int i = 0; i < 6000; i++) {
        if (strstr(program_read("stdout", text), part)) return;
        nanosleep(&moment, NULL);
    }
    fail_msg("waited for '%s', printed: %s", part, text);
}

/* The program ended well, in silence on stderr, and what it printed has `part` in it. */
static void assert_prints(outcome o, const char *part) {
    if (o.code != 0 || o.err[0] || !strstr(o.out, part))
        fail_msg("exit %d, stderr: %s\n  printed: %s\n  expected: %s", o.code, o.err, o.out, part);
}

#endif
