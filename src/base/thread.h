/* How many threads the program uses: one number for OpenMP and BLIS alike. */
#ifndef BASE_THREAD_H
#define BASE_THREAD_H

/* Sets the number of threads, 1 or more; 0 means one per available processor. Returns the number.
 * Results never depend on it. */
int thread_set_count(int n);
int thread_count(void);

/* Seconds of a clock that never goes back. */
double thread_clock(void);

#endif
