/* The subcommands. Each gets the arguments behind its name, prints what it was asked for on stdout,
 * and leaves errors to main. */
#ifndef CLI_CMD_H
#define CLI_CMD_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>

typedef struct cmd {
    const char *name, *arguments, *summary;
    const char *help; /* more lines for `gradus help NAME`, may be "" */
    bool (*run)(int argc, char **argv, err *e);
} cmd;

extern const cmd cmd_train, cmd_sample, cmd_chat, cmd_eval, cmd_plot, cmd_info, cmd_nearest,
    cmd_analogy, cmd_similarity, cmd_odd_one_out, cmd_evaluate, cmd_map, cmd_export, cmd_import,
    cmd_tokenizer, cmd_lesson, cmd_trace, cmd_graph, cmd_gradcheck, cmd_corpus, cmd_bench, cmd_help;

/* All of them in the order of the help; *n says how many. */
const cmd *const *cmd_all(size_t *n);
/* The command of that name, or NULL and e with the nearest name. */
const cmd *cmd_find(const char *name, err *e);

#endif
