/* Runs the program in the environment variable GRADUS. */
#ifndef TESTS_CLI_PROGRAM_H
#define TESTS_CLI_PROGRAM_H

#include "base/file.h"
#include "process.h"

/* Starts it with these arguments, closed with NULL; the first is replaced by its path. */
static pid_t program_start(const char **arguments) {
    const char *path = getenv("GRADUS");
    arguments[0] = path ? path : "build/gradus";
    return program_start_at(arguments);
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

/* Makes the folder with a text and a config in it that is trained in a moment. Threads that wait
 * shall not take the processor from those that work. */
static inline int program_set_up(void **state) {
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
