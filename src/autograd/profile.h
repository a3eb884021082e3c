/* Where the time of a training step goes: a stopwatch that at any moment runs for one row, an op of
 * a tape or a named phase of the work around it. */
#ifndef AUTOGRAD_PROFILE_H
#define AUTOGRAD_PROFILE_H

#include "autograd/cost.h"

enum { AG_PROFILE_ROWS = 64 };

/* All ops of one name and, where they have a parameter that is a matrix, one shape of it; or a
 * phase, which only has a forward. Sums over all calls since the profile began. */
typedef struct ag_profile_row {
    const char *name; /* of the op or the phase */
    int64_t shape[2]; /* of the matrix; zeros where there is none */
    int64_t calls;
    double seconds[2]; /* forward, backward */
    ag_cost cost[2];
} ag_profile_row;

/* Zeroed = nothing measured. Rows in the order of their first call; where there are more kinds than
 * rows the last one, named "others", takes what is left. */
typedef struct ag_profile {
    ag_profile_row rows[AG_PROFILE_ROWS];
    int n_rows;
    int64_t steps;   /* the caller's */
    double *running; /* where the time goes since `since`, or NULL */
    double since;    /* clock */
} ag_profile;

/* From here on the ops of t run the watch; borrowed, NULL to stop. */
void ag_tape_set_profile(ag_tape *t, ag_profile *p);

/* Each is nothing where p is NULL. */

/* Time is that of a phase from here on, of which this call costs so much. The name is borrowed. */
void ag_profile_phase(ag_profile *p, const char *name, ag_cost cost);
/* Time is nobody's from here on. */
void ag_profile_pause(ag_profile *p);

/* For the tape: y's forward, or its backward, begins. */
void ag_profile_op(ag_profile *p, const ag_var *y, bool backward);

#endif
