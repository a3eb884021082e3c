/* Ctrl-C and SIGTERM: the first asks the work to come to its end, a second ends the program. */
#ifndef CLI_INTERRUPT_H
#define CLI_INTERRUPT_H

#include <signal.h>

extern volatile sig_atomic_t interrupt_asked;

/* From here on the signals set interrupt_asked. */
void interrupt_catch(void);
/* From here on they end the program again, and nothing is asked. */
void interrupt_release(void);

#endif
