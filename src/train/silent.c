#include "train/loop.h"

static void preparing(void *context, const char *what, double done) {
    (void)context, (void)what, (void)done;
}

static void began(void *context, const train_begin_info *info) {
    (void)context, (void)info;
}

static void stepped(void *context, const train_step_info *info) {
    (void)context, (void)info;
}

static void evaluated(void *context, const train_eval_info *info) {
    (void)context, (void)info;
}

static void epoch_done(void *context, const train_epoch_info *info) {
    (void)context, (void)info;
}

static void warned(void *context, const char *message) {
    (void)context, (void)message;
}

const train_observer train_silent = {.preparing = preparing,
                                     .began = began,
                                     .stepped = stepped,
                                     .evaluated = evaluated,
                                     .epoch_done = epoch_done,
                                     .warned = warned};
