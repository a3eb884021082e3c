#define _GNU_SOURCE
#include "cli/bar.h"

#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { LONGEST = 24 };

/* Columns of the terminal; 80 where it does not say. */
static int terminal_width(void) {
    struct winsize size;
    return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : 80;
}

/* A line that wraps could not be drawn over: the bar takes what the texts leave; where that is
 * nothing the numbers are cut. */
void bar_draw(bar *b, const char *label, double share, const char *numbers) {
    char before[32] = "";
    if (label[0]) snprintf(before, sizeof before, "%s ", label);
    int left = terminal_width() - 1 - (int)strlen(before);
    int cells = left - (int)strlen(numbers) - 1;
    if (cells > LONGEST) cells = LONGEST;
    bar_clear(b);
    fputs(before, stdout);
    for (int i = 0; i < cells; i++) fputs(i + 1 <= cells * share ? "\u2588" : "\u2591", stdout);
    if (cells > 0) left -= cells + printf(" ");
    printf("%.*s", left > 0 ? left : 0, numbers);
    b->is_open = true;
    fflush(stdout);
}

void bar_clear(bar *b) {
    if (b->is_open) fputs("\r\x1b[K", stdout);
    b->is_open = false;
}

void bar_end(bar *b) {
    if (b->is_open) putchar('\n');
    b->is_open = false;
    fflush(stdout);
}

void bar_format_seconds(double seconds, char out[24]) {
    long s = (long)(seconds + 0.5);
    if (s >= 3600)
        snprintf(out, 24, "%ld:%02ld:%02ld", s / 3600, s / 60 % 60, s % 60);
    else
        snprintf(out, 24, "%ld:%02ld", s / 60, s % 60);
}

void bar_format_rate(double megabytes, double seconds, char out[32]) {
    const double shortest = 0.01;
    double rate = megabytes / seconds;
    out[0] = '\0';
    if (seconds >= shortest) snprintf(out, 32, ", %.*f MB/s", rate < 100, rate);
}
