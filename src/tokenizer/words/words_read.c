#include "tokenizer/words/words.h"

#include "base/mem.h"
#include "base/thread.h"
#include "tokenizer/vocab.h"
#include "tokenizer/words/text_blocks.h"

#include <stdlib.h>

/* A block of the text as ids. */
typedef struct stretch {
    int32_t *ids; /* TEXT_BLOCK: a line break is one byte. Pages that are not used take no memory */
    int64_t n;
    err failed;
} stretch;

static void look_up(const words *w, text_rest rest, stretch *out) {
    for (text_word word; text_next(&rest, &word);) {
        int32_t id = 0;
        if (word.length) id = vocab_find(w->vocab, word.bytes, word.length);
        if (id >= 0) out->ids[out->n++] = id;
    }
}

/* Fills out[0..n) with the blocks from `first` on. */
static void read_round(const words *w, const text_blocks *text, int64_t first, int64_t n,
                       stretch *out) {
#pragma omp parallel num_threads(thread_count())
    {
        char *buffer = mem_new(TEXT_BUFFER, 1);
#pragma omp for schedule(dynamic)
        for (int64_t i = 0; i < n; i++) {
            text_rest rest;
            out[i].n = 0;
            if (text_read(text, first + i, buffer, &rest, &out[i].failed))
                look_up(w, rest, &out[i]);
        }
        free(buffer);
    }
}

static bool hand_on(const stretch *s, words_take *take, void *context, err *e) {
    if (s->failed.code) return err_set(e, s->failed.code, "%s", s->failed.message);
    return s->n == 0 || take(context, s->ids, s->n);
}

bool words_read(const words *w, const char *path, words_take *take, void *context, err *e) {
    text_blocks text;
    bool ok = text_open(&text, path, e);
    stretch round[TEXT_ROUND] = {0};
    for (int i = 0; i < TEXT_ROUND; i++) round[i].ids = mem_new(TEXT_BLOCK, sizeof(int32_t));
    for (int64_t first = 0; ok && first < text.n; first += TEXT_ROUND) {
        int64_t n = text.n - first < TEXT_ROUND ? text.n - first : TEXT_ROUND;
        read_round(w, &text, first, n, round);
        for (int64_t i = 0; ok && i < n; i++) ok = hand_on(&round[i], take, context, e);
    }
    for (int i = 0; i < TEXT_ROUND; i++) free(round[i].ids);
    text_close(&text);
    return ok;
}
