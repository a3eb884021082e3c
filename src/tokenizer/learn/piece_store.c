#include "tokenizer/learn/piece_store.h"

#include "base/mem.h"

#include <stdlib.h>

static void spill(piece_store *s) {
    if (s->error.code == ERR_NONE) piece_runs_write(&s->runs, &s->table, &s->error);
    piece_table_clear(&s->table);
}

void piece_store_add(piece_store *s, const char *piece, size_t n) {
    piece_table_add(&s->table, piece, n, 1);
    if (piece_table_bytes(&s->table) > s->max_bytes) spill(s);
}

void piece_store_free(piece_store *s) {
    piece_table_free(&s->table);
    piece_runs_free(&s->runs);
}

static void gather(void *context, const char *piece, size_t length, int64_t count) {
    gathering *g = context;
    if (count <= g->least) {
        g->left_out++;
        return;
    }
    piece_table_add(&g->all, piece, length, count);
    while (piece_table_bytes(&g->all) > g->max_bytes) {
        size_t before = g->all.n;
        g->least = piece_table_forget_rarest(&g->all);
        g->left_out += (int64_t)(before - g->all.n);
    }
}

/* Tables that were never full fit in memory together. */
static void gather_tables(gathering *g, piece_store *stores, size_t n) {
    g->all = stores[0].table;
    stores[0].table = (piece_table){0};
    for (size_t t = 1; t < n; t++) {
        const piece_table *from = &stores[t].table;
        for (piece_entry *p = NULL; (p = piece_table_next(from, p));)
            piece_table_add(&g->all, p->bytes, p->length, p->count);
        piece_table_free(&stores[t].table);
    }
}

static bool gather_runs(gathering *g, piece_store *stores, size_t n, err *e) {
    piece_runs *files = mem_new(n, sizeof *files);
    bool ok = true;
    for (size_t t = 0; ok && t < n; t++) {
        ok = piece_runs_write(&stores[t].runs, &stores[t].table, e);
        piece_table_free(&stores[t].table);
        files[t] = stores[t].runs;
    }
    ok = ok && piece_runs_merge(files, n, g->max_bytes / 2, gather, g, e);
    free(files);
    return ok;
}

bool piece_stores_gather(gathering *g, piece_store *stores, size_t n, err *e) {
    bool spilled = false;
    for (size_t t = 0; t < n; t++) {
        if (stores[t].error.code != ERR_NONE)
            return err_set(e, stores[t].error.code, "%s", stores[t].error.message);
        spilled |= stores[t].runs.n > 0;
    }
    if (spilled) return gather_runs(g, stores, n, e);
    gather_tables(g, stores, n);
    return true;
}
