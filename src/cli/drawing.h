/* How text is drawn from a model: flags where they are given, else what the run's config says. */
#ifndef CLI_DRAWING_H
#define CLI_DRAWING_H

#include "cli/args.h"
#include "train/config.h"
#include "train/generate.h"

typedef struct drawing {
    int64_t n_new, top_k, seed;
    double temperature, top_p;
} drawing;

/* Before the flags are read. */
#define DRAWING_UNSET                                                                              \
    { -1, -1, -1, -1, -1 }

/* The flags of a command, as entries of its list. */
#define DRAWING_FLAGS(d)                                                                           \
    {"max_new_tokens", ARGS_INT, &(d).n_new, 1, 1e9, "tokens to add, at most"},                    \
        {"temperature", ARGS_REAL, &(d).temperature, 0, 100, "0 = always the likeliest token"},    \
        {"top_k", ARGS_INT, &(d).top_k, 0, 1e9, "draw among the k likeliest tokens; 0 = all"},     \
        {"top_p", ARGS_REAL, &(d).top_p,                                                           \
         1e-6,    1,         "draw among the likeliest tokens that hold this probability"},        \
    {                                                                                              \
        "seed", ARGS_INT, &(d).seed, 0, 9e18, "the same seed gives the same text"                  \
    }

/* Fills in what no flag has set. */
void drawing_complete(drawing *d, const config *c);
train_sampling drawing_sampling(const drawing *d);

#endif
