/* How fast this machine reads memory: the ceiling of everything that uses each number once. */
#ifndef TENSOR_BANDWIDTH_H
#define TENSOR_BANDWIDTH_H

/* Bytes per second that all threads together read from a buffer larger than the caches; the best
 * of 0.2 s, measured once for each number of threads. */
double tensor_read_bandwidth(void);
/* The same for copying half of the buffer to the other half: bytes read and written. */
double tensor_copy_bandwidth(void);

#endif
