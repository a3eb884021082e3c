/* The table of a profile: a row for each op and phase, the longest first, then the sum of those
 * that are part of each step, and of all where there are others. */
#ifndef CLI_PROFILE_TABLE_H
#define CLI_PROFILE_TABLE_H

#include "autograd/profile.h"
#include "cli/ceilings.h"

#include <stdio.h>

typedef struct profile_table {
    const ag_profile *profile; /* with at least one step */
    double model_flops;        /* of a step: what the sum is measured by */
    ceilings ceilings;
} profile_table;

/* Prints it on stdout, at most 100 columns wide. */
void profile_table_print(const profile_table *t);

/* Writes the same rows as CSV. */
void profile_table_write(const profile_table *t, FILE *out);

#endif
