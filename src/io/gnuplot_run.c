#define _GNU_SOURCE
#include "io/gnuplot_run.h"

#include "base/file.h"
#include "base/str.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

/* Text as a gnuplot string on one line; free with str_free. */
static str quoted(const char *text) {
    str s = {0};
    str_append(&s, "'", 1);
    for (; *text; text++) {
        if (*text == '\'') str_append(&s, "'", 1);
        str_append(&s, (unsigned char)*text < ' ' ? " " : text, 1);
    }
    str_append(&s, "'", 1);
    return s;
}

void io_gnuplot_write_string(FILE *out, const char *text) {
    str s = quoted(text);
    fwrite(s.data, 1, s.len, out);
    str_free(&s);
}

bool io_gnuplot_available(void) {
    const char *path = getenv("PATH");
    while (path && *path) {
        size_t n = strcspn(path, ":");
        char candidate[1024];
        int length = snprintf(candidate, sizeof candidate, "%.*s/gnuplot", (int)n, path);
        if ((size_t)length < sizeof candidate && access(candidate, X_OK) == 0) return true;
        path += n + (path[n] == ':');
    }
    return false;
}

/* Starts gnuplot inside the folder: the statement `setting`, then the script; its messages go to
 * the pipe end `messages`. Returns 0 or an errno. */
static int start(const char *folder, char *setting, char *script, int messages, pid_t *child) {
    char name[] = "gnuplot", no_init_files[] = "-d", statement[] = "-e";
    char *const arguments[] = {name, no_init_files, statement, setting, script, NULL};
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addchdir_np(&actions, folder);
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, messages, 2);
    int cause = posix_spawnp(child, "gnuplot", &actions, NULL, arguments, environ);
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

/* Runs gnuplot to its end. Returns false with its last words, or what kept it from running. */
static bool run(const char *folder, char *setting, char *script, char *words, size_t size) {
    int ends[2];
    pid_t child;
    int cause = pipe2(ends, O_CLOEXEC) == 0 ? 0 : errno;
    if (cause == 0) {
        cause = start(folder, setting, script, ends[1], &child);
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

/* Runs the script, which draws into `half`, and brings that to the name `picture`; words gets what
 * went wrong. */
static bool draw(const char *folder, const char *name, const char *half, const char *picture,
                 char *words, size_t size) {
    str file = {0}, script = {0}, setting = {0};
    str_printf(&file, "%s.png.tmp", name);
    str_printf(&script, "./%s.gp", name);
    str target = quoted(file.data);
    str_printf(&setting, "picture = %s", target.data);
    bool ok = run(folder, setting.data, script.data, words, size);
    if (ok && rename(half, picture) != 0) {
        ok = false;
        snprintf(words, size, "%s", strerror(errno));
    }
    str_free(&setting);
    str_free(&target);
    str_free(&script);
    str_free(&file);
    return ok;
}

bool io_gnuplot_run(const char *folder, const char *name, err *e) {
    char picture[1024], half[1088], words[512];
    if (!file_join(picture, sizeof picture - strlen(".png"), folder, name, e)) return false;
    strcat(picture, ".png");
    snprintf(half, sizeof half, "%s.tmp", picture);
    if (!io_gnuplot_available())
        return err_set(e, ERR_INPUT, "%s: gnuplot is not on the PATH", picture);
    if (draw(folder, name, half, picture, words, sizeof words)) return true;
    unlink(half);
    return err_set(e, ERR_INPUT, "%s: gnuplot failed: %s", picture, words);
}
