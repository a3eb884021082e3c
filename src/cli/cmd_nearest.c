#include "base/mem.h"
#include "base/thread.h"
#include "cli/args.h"
#include "cli/cmd.h"
#include "embed/table.h"
#include "train/run.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define USAGE "nearest RUN TOKEN [-k N]"

/* The id of the token that is printed as `text`: "\n" for a line break; or -1. */
static int32_t find_printable(const tokenizer *tok, const char *text) {
    int32_t found = -1;
    str printed = {0};
    for (int32_t id = 0; id < tok_vocab_size(tok) && found < 0; id++) {
        printed.len = 0;
        tok_printable(tok, id, &printed);
        if (strcmp(printed.data, text) == 0) found = id;
    }
    str_free(&printed);
    return found;
}

/* The id of the one token that `text` is. */
static int32_t find_token(const train_run *run, const char *text, err *e) {
    int32_t id = tok_find(run->tok, text, strlen(text));
    if (id < 0) id = find_printable(run->tok, text);
    if (id >= 0) return id;
    tok_ids ids = {0};
    tok_encode(run->tok, text, strlen(text), &ids);
    if (ids.len != 1)
        err_set(e, ERR_INPUT,
                "'%s' is %zu tokens of %s's tokenizer; give one that is a single token", text,
                ids.len, run->folder);
    else if (ids.data[0] == tok_unknown(run->tok))
        err_set(e, ERR_INPUT, "'%s' is not in the vocabulary of %s", text, run->folder);
    else
        id = ids.data[0];
    tok_ids_free(&ids);
    return id;
}

static void print_neighbours(const train_run *run, int32_t id, int64_t k) {
    const tensor *wte = &run->model->wte.weight->value;
    embed_table table = embed_table_new(wte->data, wte->shape[0], wte->shape[1]);
    embed_neighbour *found = mem_new((size_t)k, sizeof *found);
    int64_t n = embed_nearest(&table, id, k, found);
    str text = {0};
    for (int64_t i = 0; i < n; i++) {
        text.len = 0;
        tok_printable(run->tok, (int32_t)found[i].row, &text);
        printf("%7.4f  %s\n", found[i].cosine, text.data);
    }
    str_free(&text);
    free(found);
    embed_table_free(&table);
}

static bool run(int argc, char **argv, err *e) {
    int64_t k = 10, threads = 0;
    const args_flag flags[] = {{"k", ARGS_INT, &k, 1, 1e6, "neighbours to print (10)"},
                               ARGS_THREADS(threads)};
    args a;
    train_run run;
    if (!args_parse(&a, argc, argv, flags, sizeof flags / sizeof *flags, 2, 2, USAGE, e))
        return false;
    thread_set_count((int)threads);
    if (!train_run_open(&run, a.positional[0], false, e)) return false;
    int32_t id = find_token(&run, a.positional[1], e);
    if (e->code == ERR_NONE) print_neighbours(&run, id, k);
    train_run_close(&run);
    return e->code == ERR_NONE;
}

const cmd cmd_nearest = {
    "nearest", "RUN TOKEN", "the tokens whose embeddings point the same way",
    "Prints the cosine of the angle between the two rows of the embedding matrix wte and "
    "the token.",
    run};
