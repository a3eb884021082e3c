#define _GNU_SOURCE
#include "io/gnuplot.h"

#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static const char script[] =
    "log = 'log.csv'\n"
    "picture = 'loss.png'\n"
    "\n"
    "blue = '#0072b2'\n"
    "faint_blue = '#b00072b2'\n"
    "orange = '#d55e00'\n"
    "ink = '#333333'\n"
    "\n"
    "if (strstrt(GPVAL_TERMINALS, 'pngcairo')) {\n"
    "    set terminal pngcairo size 1280,800 font 'sans,11' noenhanced\n"
    "} else {\n"
    "    set terminal png truecolor size 1280,800 noenhanced\n"
    "}\n"
    "set output picture.'.tmp'\n"
    "set datafile separator ','\n"
    "set datafile missing NaN\n"
    "\n"
    "# How many values each column holds: a panel without any stays empty.\n"
    "array n[6]\n"
    "last_step = 10\n"
    "best = NaN\n"
    "best_step = 0\n"
    "do for [c=1:6] {\n"
    "    undefine S_*\n"
    "    stats log skip 1 using 1:c nooutput name 'S'\n"
    "    n[c] = exists('S_records') ? S_records : 0\n"
    "    if (c == 1 && n[c] > 0 && S_max_x > last_step) { last_step = S_max_x }\n"
    "    if (c == 3 && n[c] > 0) { best = S_min_y; best_step = S_pos_min_y }\n"
    "}\n"
    "\n"
    "# A running mean of column c over about a sixtieth of its values, drawn at the running mean of\n"
    "# their steps, so that it does not lag behind.\n"
    "running(c) = valid(c) && column(c) - column(c) == 0 ? \\\n"
    "    (steps = keep * steps + $1, sum = keep * sum + column(c), weight = keep * weight + 1, \\\n"
    "     steps / weight) : NaN\n"
    "\n"
    "set border 3 linecolor rgb '#999999'\n"
    "set tics nomirror scale 0.5 textcolor rgb ink\n"
    "set grid linetype 1 linecolor rgb '#e8e8e8'\n"
    "set xrange [0:last_step]\n"
    "set style line 1 linewidth 1 linecolor rgb faint_blue\n"
    "set style line 2 linewidth 2.5 linecolor rgb blue\n"
    "set style line 3 linewidth 1.5 linecolor rgb orange pointtype 7 pointsize 0.8\n"
    "set style line 4 linewidth 2 linecolor rgb orange pointtype 6 pointsize 2.2\n"
    "set style textbox opaque noborder fillcolor rgb '#30ffffff' margins 0.6, 0.4\n"
    "set multiplot\n"
    "\n"
    "# The large panel: loss.\n"
    "set lmargin at screen 0.05\n"
    "set rmargin at screen 0.66\n"
    "set tmargin at screen 0.87\n"
    "set bmargin at screen 0.075\n"
    "set offsets graph 0, graph 0, graph 0.02, graph 0.06\n"
    "set format x '%.0f'\n"
    "set xlabel 'step' textcolor rgb ink\n"
    "set key top right Left reverse samplen 2 spacing 1.4 textcolor rgb ink\n"
    "set label 1 title at screen 0.05, 0.955 font ',16' textcolor rgb ink\n"
    "set label 2 'loss' at graph 0, screen 0.895 textcolor rgb ink\n"
    "if (n[3] > 0) {\n"
    "    inside = best_step < 0.04 * last_step ? 0.04 : best_step > 0.96 * last_step ? 0.96 : \\\n"
    "        1.0 * best_step / last_step\n"
    "    set label 3 sprintf('%.4f', best) at inside * last_step, best center offset 0, -1.4 \\\n"
    "        boxed front textcolor rgb orange\n"
    "}\n"
    "if (n[2] + n[3] == 0) {\n"
    "    set yrange [0:1]\n"
    "    set format y ''\n"
    "}\n"
    "keep = 1 - 1 / (1 + n[2] / 60.0)\n"
    "steps = sum = weight = 0\n"
    "plot log skip 1 using 1:2 with lines linestyle 1 title 'training', \\\n"
    "     log skip 1 using (running(2)):(sum / weight) with lines linestyle 2 \\\n"
    "         title 'training, smoothed', \\\n"
    "     log skip 1 using 1:3 with linespoints linestyle 3 title 'validation', \\\n"
    "     log skip 1 using 1:(valid(3) && $3 == best ? $3 : NaN) with points linestyle 4 \\\n"
    "         title sprintf('best validation: %.4f at step %.0f', best, best_step), \\\n"
    "     NaN notitle\n"
    "\n"
    "# The small panels: one column each, at most four intervals of steps.\n"
    "power = 10.0 ** floor(log10(last_step / 4.0))\n"
    "multiple = last_step / 4.0 / power\n"
    "set xtics power * (multiple <= 1 ? 1 : multiple <= 2 ? 2 : multiple <= 5 ? 5 : 10)\n"
    "set lmargin at screen 0.735\n"
    "set rmargin at screen 0.975\n"
    "set offsets graph 0, graph 0, graph 0.1, graph 0\n"
    "set xlabel ''\n"
    "set format x ''\n"
    "unset key\n"
    "unset label\n"
    "do for [c=4:6] {\n"
    "    top = 0.87 - (c - 4) * 0.2825\n"
    "    set tmargin at screen top\n"
    "    set bmargin at screen top - 0.23\n"
    "    set label 2 word('\"learning rate\" \"gradient norm\" \"tokens per second\"', c - 3) \\\n"
    "        at graph 0, screen top + 0.025 textcolor rgb ink\n"
    "    if (c == 6) {\n"
    "        set xlabel 'step'\n"
    "        set format x '%.0f'\n"
    "    }\n"
    "    set yrange [0:*]\n"
    "    set format y '%g'\n"
    "    if (n[c] == 0) {\n"
    "        set yrange [0:1]\n"
    "        set format y ''\n"
    "    }\n"
    "    keep = c == 4 ? 0 : 1 - 1 / (1 + n[c] / 60.0)\n"
    "    steps = sum = weight = 0\n"
    "    plot log skip 1 using 1:c with lines linestyle 1, \\\n"
    "         log skip 1 using (running(c)):(sum / weight) with lines linestyle 2, \\\n"
    "         NaN\n"
    "}\n"
    "unset multiplot\n"
    "unset output\n"
    "system('mv -f '.picture.'.tmp '.picture)\n";

/* Writes text as a gnuplot string on one line. */
static void write_quoted(FILE *out, const char *text) {
    putc('\'', out);
    for (; *text; text++) {
        if (*text == '\'') putc('\'', out);
        putc((unsigned char)*text < ' ' ? ' ' : *text, out);
    }
    putc('\'', out);
}

bool io_plot_write_script(const char *folder, const char *title, err *e) {
    char path[1024];
    file_writer w;
    if (!file_join(path, sizeof path, folder, "loss.gp", e) || !file_begin(&w, path, e))
        return false;
    fprintf(w.stream, "# Draws log.csv of this folder into loss.png. By hand: gnuplot loss.gp\n");
    fprintf(w.stream, "title = ");
    write_quoted(w.stream, title);
    fprintf(w.stream, "\n%s", script);
    return file_commit(&w, e);
}

bool io_plot_available(void) {
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

/* Starts gnuplot inside the folder with its messages going to the pipe end `messages`. Returns 0 or
 * an errno. */
static int start(const char *folder, int messages, pid_t *child) {
    char name[] = "gnuplot", no_init_files[] = "-d", file[] = "loss.gp";
    char *const arguments[] = {name, no_init_files, file, NULL};
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
static bool run(const char *folder, char *words, size_t size) {
    int ends[2];
    pid_t child;
    int cause = pipe2(ends, O_CLOEXEC) == 0 ? 0 : errno;
    if (cause == 0) {
        cause = start(folder, ends[1], &child);
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

bool io_plot_draw(const char *folder, err *e) {
    if (!io_plot_available())
        return err_set(e, ERR_INPUT, "%s/loss.png: gnuplot is not on the PATH", folder);
    char words[512], half[1024];
    if (run(folder, words, sizeof words)) return true;
    if (file_join(half, sizeof half, folder, "loss.png.tmp", e)) unlink(half);
    return err_set(e, ERR_INPUT, "%s/loss.png: gnuplot failed: %s", folder, words);
}
