#include "train/watch_words.h"

#include "base/mem.h"
#include "train/find_row.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Takes the next word off a list, without the blanks around it; returns new (free with free), NULL
 * at the end. What is empty between commas is none. */
static char *next_word(const char **rest) {
    static const char blanks[] = " \t";
    for (;;) {
        *rest += strspn(*rest, ",");
        if (!**rest) return NULL;
        const char *from = *rest + strspn(*rest, blanks);
        *rest += strcspn(*rest, ",");
        const char *to = *rest;
        while (to > from && strchr(blanks, to[-1])) to--;
        if (to > from) return mem_copy_string(from, (size_t)(to - from));
    }
}

/* Where tokens are found, and who hears of others. */
typedef struct finder {
    const embed_table *table;
    const tokenizer *tok;
    const char *owner;
    watch_note *note;
    void *context;
} finder;

/* A word may be a token by itself and another behind a blank, which a list shows as "▁". */
static void tell_of_other(const finder *f, const char *typed, int64_t other) {
    char message[256];
    str name = {0};
    tok_printable_solid(f->tok, (int32_t)other, &name);
    snprintf(message, sizeof message,
             "watch: '%s' is a token, and '%s', behind a blank, is another: write that for it",
             typed, name.data);
    f->note(f->context, message);
    str_free(&name);
}

static int64_t find(const finder *f, const char *typed, err *e) {
    int64_t other, row = train_find_row(f->table, f->tok, typed, &other);
    if (row >= 0 && other >= 0) tell_of_other(f, typed, other);
    if (row >= 0) return row;
    err missing = {0};
    train_fail_row(f->table, f->tok, typed, f->owner, &missing);
    err_set(e, missing.code, "watch: %s", missing.message);
    return -1;
}

static void add_once(watch_words *w, int64_t row) {
    for (int i = 0; i < w->n; i++)
        if (w->rows[i] == row) return;
    w->rows[w->n++] = row;
}

/* The rows of the words, *n of them. */
static bool find_all(const finder *f, const char *list, int64_t rows[WATCH_WORDS], int *n, err *e) {
    char *word;
    for (*n = 0; (word = next_word(&list)); ++*n) {
        bool fits = *n < WATCH_WORDS;
        if (fits) rows[*n] = find(f, word, e);
        free(word);
        if (!fits) return err_set(e, ERR_INPUT, "watch: more than %d words", WATCH_WORDS);
        if (rows[*n] < 0) return false;
    }
    return true;
}

bool watch_words_find(watch_words *w, const char *list, const embed_table *table,
                      const tokenizer *tok, const char *owner, watch_note *note, void *context,
                      err *e) {
    const finder f = {table, tok, owner, note, context};
    int64_t rows[WATCH_WORDS];
    int n = 0;
    *w = (watch_words){0};
    if (strcmp(list, "layers") != 0 && !find_all(&f, list, rows, &n, e)) return false;
    for (int i = 0; i < n; i++) add_once(w, rows[i]);
    for (int i = 0; i + 4 <= n; i += 4)
        w->analogies[w->n_analogies++] =
            (watch_analogy){rows[i], rows[i + 1], rows[i + 2], rows[i + 3]};
    return true;
}

int64_t watch_words_rank(const embed_table *table, const watch_analogy *q, double *score) {
    const int64_t rows[] = {q->a, q->d, q->c};
    real *units = mem_new((size_t)(3 * table->width), sizeof *units);
    const embed_query query = embed_query_of_rows(table, rows, units);
    *score = embed_analogy_score(table, &query, q->b);
    int64_t rank = embed_analogy_rank(table, &query, q->b);
    free(units);
    return rank;
}
