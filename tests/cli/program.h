/* Runs the program in the environment variable GRADUS and keeps what it prints, in the folder of
 * tree.h. */
#ifndef TESTS_CLI_PROGRAM_H
#define TESTS_CLI_PROGRAM_H

#include "base/file.h"
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

/* Starts the program with these arguments, closed with NULL; the first is replaced by its path. */
static pid_t program_start(const char **arguments) {
    const char *path = getenv("GRADUS");
    arguments[0] = path ? path : "build/gradus";
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

#define START(...) program_start((const char *[]){"", __VA_ARGS__, NULL})
#define RUN(...)   program_wait(START(__VA_ARGS__))

/* The program ended with `code` and one line on stderr, and the line has `part` in it. */
static void assert_error(outcome o, int code, const char *part) {
    const char *end = strchr(o.err, '\n');
    bool one_line = strncmp(o.err, "gradus: ", 8) == 0 && end && end[1] == '\0';
    if (o.code != code || !one_line || !strstr(o.err, part))
        fail_msg("exit %d, expected %d\n  said: %s\n  expected: %s", o.code, code, o.err, part);
}

/* The program ended well, in silence on stderr, and what it printed has `part` in it. */
static void assert_prints(outcome o, const char *part) {
    if (o.code != 0 || o.err[0] || !strstr(o.out, part))
        fail_msg("exit %d, stderr: %s\n  printed: %s\n  expected: %s", o.code, o.err, o.out, part);
}

/* Makes the folder with a text and a config in it that is trained in a moment. Threads that wait
 * shall not take the processor from those that work. */
static int program_set_up(void **state) {
    setenv("OMP_WAIT_POLICY", "passive", 1);
    if (folder_make(state) != 0) return -1;
    char text[512];
    snprintf(text, sizeof text, "%s", folder_path("text.txt"));
    FILE *config = fopen(folder_path("tiny.ini"), "w");
    if (!config) return -1;
    fprintf(config,
            "[run]\nout_dir = %s/run\nthreads = 1\n[data]\ndataset = %s\n"
            "[model]\nn_layer = 2\nn_head = 2\nn_embd = 16\nblock_size = 16\n"
            "[train]\nbatch_size = 4\nmax_iters = 20\nwarmup_iters = 2\nlearning_rate = 1e-2\n"
            "eval_interval = 10\neval_iters = 2\nlog_interval = 5\n"
            "[sample]\nmax_new_tokens = 60\n",
            folder, text);
    fclose(config);
    return RUN("corpus", "kingdom", "--sentences", "300", "--out", text).code;
}

/* Training that ended well but had no gnuplot to draw with. */
static inline void assert_trained(outcome o, const char *part) {
    static const char warning[] = "gradus: warning: no loss.png: ";
    const char *end = strchr(o.err, '\n');
    if (o.code != 0 || strncmp(o.err, warning, strlen(warning)) != 0 || !end || end[1] ||
        !strstr(o.out, part))
        fail_msg("exit %d, stderr: %s\n  printed: %s\n  expected: %s", o.code, o.err, o.out, part);
}

#endif
