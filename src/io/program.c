#define _GNU_SOURCE
#include "io/program.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

bool io_program_available(const char *name) {
    const char *path = getenv("PATH");
    while (path && *path) {
        size_t n = strcspn(path, ":");
        char candidate[1024];
        int length = snprintf(candidate, sizeof candidate, "%.*s/%s", (int)n, path, name);
        if ((size_t)length < sizeof candidate && access(candidate, X_OK) == 0) return true;
        path += n + (path[n] == ':');
    }
    return false;
}

/* Starts the program; its messages go to the pipe end `messages`. Returns 0 or an errno. */
static int start(const char *folder, const char *const *arguments, int messages, pid_t *child) {
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addchdir_np(&actions, folder);
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, messages, 2);
    int cause =
        posix_spawnp(child, arguments[0], &actions, NULL, (char *const *)arguments, environ);
    posix_spawn_file_actions_destroy(&actions);
    return cause;
}

/* Reads the stream to its end; out keeps its last line that is not blank. */
static void read_last_line(FILE *stream, char *out, size_t size) {
    char line[512];
    *out = '\0';
    while (fgets(line, sizeof line, stream)) {
        line[strcspn(line, "\n")] = '\0';
        if (line[strspn(line, " ")] != '\0') snprintf(out, size, "%s", line);
    }
}

bool io_program_run(const char *folder, const char *const *arguments, char *words, size_t size) {
    int ends[2];
    pid_t child;
    int cause = pipe2(ends, O_CLOEXEC) == 0 ? 0 : errno;
    if (cause == 0) {
        cause = start(folder, arguments, ends[1], &child);
        close(ends[1]);
        if (cause != 0) close(ends[0]);
    }
    if (cause != 0) {
        snprintf(words, size, "%s", strerror(cause));
        return false;
    }
    FILE *messages = fdopen(ends[0], "r");
    read_last_line(messages, words, size);
    fclose(messages);
    int status;
    while (waitpid(child, &status, 0) < 0 && errno == EINTR) continue;
    if (WIFSIGNALED(status)) snprintf(words, size, "%s", strsignal(WTERMSIG(status)));
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

bool io_program_make(const char *path, const char *called, const char *folder,
                     const char *const *arguments, err *e) {
    char half[1092], words[512];
    snprintf(half, sizeof half, "%s.tmp", path);
    bool ok = io_program_run(folder, arguments, words, sizeof words);
    if (ok && rename(half, path) != 0) {
        ok = false;
        snprintf(words, sizeof words, "%s", strerror(errno));
    }
    if (ok) return true;
    unlink(half);
    return err_set(e, ERR_INPUT, "%s: %s failed: %s", path, called, words);
}
