/* How evenly the rows of an embedding point in all directions. */
#ifndef EMBED_ISOTROPY_H
#define EMBED_ISOTROPY_H

#include "embed/table.h"

/* 1 less the mean cosine of all pairs of rows, which Ethayarajh (2019, "How contextual are
 * contextualized word representations?") calls anisotropy: about 1 where directions are drawn at
 * random, 0 where all rows point one way. Exact: for n unit rows |sum|^2 = n + n (n - 1) mean. Rows
 * of zeros have no direction and do not count; NAN for fewer than two others. (Mu and Viswanath
 * 2018 measure isotropy otherwise: the least over the largest of Z(c) = sum of exp(c . row) over
 * unit vectors c.) */
double embed_isotropy(const embed_table *table);

#endif
