#define _GNU_SOURCE
#include "cli/interrupt.h"

#include <stddef.h>

volatile sig_atomic_t interrupt_asked;

static void on_signal(int number) {
    interrupt_asked = 1;
    signal(number, SIG_DFL);
}

static void handle_by(void (*handler)(int)) {
    struct sigaction action = {.sa_handler = handler, .sa_flags = SA_RESTART};
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

void interrupt_catch(void) {
    handle_by(on_signal);
}

void interrupt_release(void) {
    handle_by(SIG_DFL);
    interrupt_asked = 0;
}
