#include "tokenizer/learn/count.h"

#include "base/mem.h"
#include "base/thread.h"
#include "tokenizer/learn/piece_store.h"
#include "tokenizer/learn/training_observer.h"
#include "tokenizer/text/chars.h"

#include <inttypes.h>
#include <omp.h>
#include <stdlib.h>

enum { BLOCK_BYTES = 1 << 20, LEAST_TABLE_BYTES = 1 << 16 };
static const size_t default_memory = (size_t)2 << 30;
static const size_t most_table_bytes = (size_t)32 << 30; /* what a piece_table can address */

/* Where the threads get their work from. */
typedef struct feed {
    const tokenizer *tok;
    const tok_training *how;
    const tok_text *texts;
    size_t n_texts, text, at; /* the next block begins there */
    size_t done, total;       /* bytes */
    bool can_cut, stopped;
} feed;

typedef struct block {
    const char *data;
    size_t size;
    bool first, last; /* in its text */
} block;

/* What one thread has. */
typedef struct counter {
    const tokenizer *tok;
    tok_scratch *scratch;
    piece_store *store;
} counter;

static bool next_block(feed *f, block *b) {
    while (f->text < f->n_texts && f->at == f->texts[f->text].size) {
        f->text++;
        f->at = 0;
    }
    if (f->stopped || f->text == f->n_texts) return false;
    const tok_text *text = &f->texts[f->text];
    size_t end = text->size;
    if (f->can_cut && end - f->at > BLOCK_BYTES)
        end = splitter_cut(&f->tok->splitter, text->data, text->size, f->at + BLOCK_BYTES);
    *b = (block){text->data + f->at, end - f->at, f->at == 0, end == text->size};
    f->at = end;
    return true;
}

/* Pieces that no word is as long as are counted in parts, cut between characters. */
static void take_piece(void *context, const char *piece, size_t n) {
    counter *c = context;
    while (n > PIECE_LONGEST) {
        size_t part = PIECE_LONGEST;
        while (part > PIECE_LONGEST - 4 && ((unsigned char)piece[part] & 0xC0) == 0x80) part--;
        piece_store_add(c->store, piece, part);
        piece += part;
        n -= part;
    }
    piece_store_add(c->store, piece, n);
}

static void take_chars(void *context, const char *piece, size_t n) {
    counter *c = context;
    for (size_t i = 0, length; i < n; i += length) {
        uint32_t code;
        length = tok_read_char(piece + i, n - i, &code);
        piece_store_add(c->store, piece + i, length);
    }
}

static void count_block(counter *c, const block *b) {
    normalizer norm = normalizer_of_part(&c->tok->normalizer, b->first, b->last);
    size_t n = b->size;
    const char *text = normalizer_apply(&norm, norm.n, c->scratch, b->data, &n);
    split_take *take = c->tok->type == TOK_CHAR ? take_chars : take_piece;
    splitter_run(&c->tok->splitter, c->scratch, text, n, b->first, take, c);
    free(norm.steps);
}

/* Counts blocks until none is left; the calling thread, number 0, tells the observer. */
static void count_blocks(counter *c, feed *f) {
    err *e = &c->store->error;
    for (block b = {0};;) {
        size_t done;
        bool more;
#pragma omp critical(tokenizer_count)
        {
            f->done += b.size;
            f->stopped |= e->code != ERR_NONE;
            more = next_block(f, &b);
            done = f->done;
        }
        if (!more) return;
        if (omp_get_thread_num() > 0 ||
            training_progress(f->how, "counting", (double)done / (double)f->total, e))
            count_block(c, &b);
    }
}

static void count_all(feed *f, piece_store *stores, int n) {
    tok_scratch_pool *pool = scratch_pool_new();
#pragma omp parallel num_threads(n)
    {
        counter c = {.tok = f->tok, .scratch = scratch_take(pool)};
        c.store = &stores[omp_get_thread_num()];
        count_blocks(&c, f);
        scratch_give(pool, c.scratch);
    }
    scratch_pool_free(pool);
}

static int compare_pieces(const void *a, const void *b) {
    const counted_piece *x = a, *y = b;
    if (x->count != y->count) return x->count < y->count ? 1 : -1;
    return str_compare(x->bytes, x->length, y->bytes, y->length);
}

/* Moves the table's memory to *out and lists what is in it in order. */
static void list_pieces(counted_pieces *out, piece_table *t) {
    free(t->slots);
    t->slots = NULL;
    out->pieces = mem_new(t->n, sizeof *out->pieces);
    for (piece_entry *p = NULL; (p = piece_table_next(t, p));) {
        out->pieces[out->n++] = (counted_piece){p->bytes, p->length, p->count};
        out->total += p->count;
    }
    if (out->n) qsort(out->pieces, out->n, sizeof *out->pieces, compare_pieces);
    out->bytes = (str){t->entries, t->used, t->capacity};
    *t = (piece_table){0};
}

static feed feed_of(const tokenizer *tok, const tok_training *how, const tok_text *texts,
                    size_t n_texts) {
    feed f = {.tok = tok, .how = how, .texts = texts, .n_texts = n_texts};
    f.can_cut = normalizer_can_cut(&tok->normalizer);
    for (size_t i = 0; i < n_texts; i++) f.total += texts[i].size;
    return f;
}

/* Half of the memory holds the tables while they are filled, the other half what they become. */
static size_t table_bytes(const tok_training *how) {
    size_t half = (how->memory ? how->memory : default_memory) / 2;
    return half < LEAST_TABLE_BYTES  ? LEAST_TABLE_BYTES
           : half > most_table_bytes ? most_table_bytes
                                     : half;
}

bool count_pieces(counted_pieces *out, const tokenizer *tok, const tok_training *how,
                  const tok_text *texts, size_t n_texts, err *e) {
    *out = (counted_pieces){0};
    feed f = feed_of(tok, how, texts, n_texts);
    if (f.total == 0) return true;
    gathering g = {.max_bytes = table_bytes(how)};
    int n = thread_count();
    piece_store *stores = mem_new((size_t)n, sizeof *stores);
    for (int t = 0; t < n; t++) stores[t].max_bytes = g.max_bytes / (size_t)n;
    count_all(&f, stores, n);
    bool ok =
        piece_stores_gather(&g, stores, (size_t)n, e) && training_progress(how, "counting", 1, e);
    for (int t = 0; t < n; t++) piece_store_free(&stores[t]);
    free(stores);
    if (ok) list_pieces(out, &g.all);
    piece_table_free(&g.all);
    if (ok && g.left_out)
        training_warn(how,
                      "%" PRId64 " pieces that occur %" PRId64
                      " times or less did not fit in the memory and are left out",
                      g.left_out, g.least);
    return ok;
}

void counted_free(counted_pieces *c) {
    free(c->pieces);
    str_free(&c->bytes);
    *c = (counted_pieces){0};
}
