#include "lesson/01_tokens.h"

#include "base/mem.h"
#include "embed/correlation.h"
#include "lesson/small_text.h"
#include "tokenizer/training.h"
#include "train/kingdom.h"

#include <stdlib.h>
#include <string.h>

tokenizer *tokens_learn(tok_type type, int64_t vocab_size, int64_t n_sentences, uint64_t seed,
                        err *e) {
    size_t n;
    char *text = small_text_new(train_kingdom_write, n_sentences, seed, &n);
    const tok_training how = {.type = type, .vocab_size = type == TOK_BPE ? vocab_size : 0};
    tokenizer *tok = tok_train(&how, &(tok_text){text, n}, 1, e);
    free(text);
    return tok;
}

tokens_cut tokens_cut_by(const char *name, tokenizer *tok, const char *text) {
    tokens_cut cut = {.name = name, .tok = tok};
    size_t n = strlen(text);
    tok_encode(tok, text, n, NULL, &cut.ids);
    tok_decode(tok, cut.ids.data, cut.ids.len, &cut.back);
    cut.is_same = cut.back.len == n && memcmp(cut.back.data, text, n) == 0;
    return cut;
}

void tokens_cut_free(tokens_cut *cut) {
    tok_free(cut->tok);
    tok_ids_free(&cut->ids);
    str_free(&cut->back);
}

/* Words with their ids; number 2k and 2k + 1 are partners. */
typedef struct known_words {
    int64_t n;
    int32_t first[2 * TOKENS_PAIRS], second[2 * TOKENS_PAIRS];
} known_words;

static void add_pair(known_words *w, const tokenizer *first, const tokenizer *second,
                     const char *const *pair) {
    int32_t ids[2][2];
    for (int i = 0; i < 2; i++) {
        ids[0][i] = tok_find(first, pair[i], strlen(pair[i]));
        ids[1][i] = tok_find(second, pair[i], strlen(pair[i]));
        if (ids[0][i] < 0 || ids[1][i] < 0) return;
    }
    for (int i = 0; i < 2; i++, w->n++) {
        w->first[w->n] = ids[0][i];
        w->second[w->n] = ids[1][i];
    }
}

/* The questions come pair by pair. */
static known_words find_words(const tokenizer *first, const tokenizer *second) {
    known_words w = {0};
    int n;
    const train_kingdom_question *q = train_kingdom_questions(&n);
    for (int i = 0; i < n && w.n < 2 * TOKENS_PAIRS; i++)
        if (i == 0 || strcmp(q[i].a, q[i - 1].a) != 0)
            add_pair(&w, first, second, (const char *const[]){q[i].a, q[i].b});
    return w;
}

tokens_order tokens_compare(const tokenizer *first, const tokenizer *second) {
    enum { MOST = 2 * TOKENS_PAIRS * (2 * TOKENS_PAIRS - 1) / 2 };
    static const size_t bytes = MOST * sizeof(double);
    const known_words w = find_words(first, second);
    tokens_order order = {.n_words = w.n};
    double *distance = mem_new(1, bytes), *other = mem_new(1, bytes), *partners = mem_new(1, bytes);
    int64_t n = 0;
    for (int64_t i = 0; i < w.n; i++) {
        order.n_same += w.first[i] == w.second[i];
        order.n_next += abs(w.first[i] - w.first[i ^ 1]) == 1;
        for (int64_t j = 0; j < i; j++, n++) {
            distance[n] = abs(w.first[i] - w.first[j]);
            other[n] = abs(w.second[i] - w.second[j]);
            partners[n] = j == (i ^ 1);
        }
    }
    order.correlation = embed_pearson(distance, partners, n);
    order.across = embed_pearson(distance, other, n);
    free(distance);
    free(other);
    free(partners);
    return order;
}
