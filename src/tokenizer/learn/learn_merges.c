#include "tokenizer/learn/learn_merges.h"

#include "base/array.h"
#include "base/check.h"
#include "tokenizer/learn/merge_heap.h"
#include "tokenizer/learn/pair_index.h"
#include "tokenizer/learn/training_observer.h"

#include <stdlib.h>
#include <string.h>

void merge_words_symbol(merge_words *w, int32_t id) {
    w->symbols = array_room(w->symbols, &w->symbols_capacity, w->n_symbols + 1, sizeof *w->symbols);
    w->symbols[w->n_symbols++] = id;
}

void merge_words_end(merge_words *w, int64_t count) {
    size_t begin = w->n ? w->words[w->n - 1].begin + w->words[w->n - 1].n : 0;
    if (count == 0 || w->n_symbols - begin < 2 || w->n == UINT32_MAX) {
        w->n_symbols = begin;
        return;
    }
    w->words = array_room(w->words, &w->capacity, w->n + 1, sizeof *w->words);
    w->words[w->n++] = (merge_word){begin, count, (uint32_t)(w->n_symbols - begin)};
}

void merge_words_free(merge_words *w) {
    free(w->symbols);
    free(w->words);
    *w = (merge_words){0};
}

typedef struct learner {
    merge_words *words;
    pair_index index;
    merge_heap heap;
    int64_t least; /* rarer pairs do not merge */
} learner;

/* Pairs that are new enter the heap. The occurrences of a pair come about all at once, when the
 * younger of its symbols does; from then on its count can but fall. */
static void queue_touched(learner *l) {
    pair_index *x = &l->index;
    for (size_t i = 0; i < x->n_touched; i++) {
        const symbol_pair *pair = &x->pairs[x->touched[i]];
        if (pair->count >= l->least)
            merge_heap_push(&l->heap,
                            (heap_entry){pair->count, pair->left, pair->right, x->touched[i]});
    }
    x->n_touched = 0;
}

static void count_pairs(learner *l) {
    for (size_t w = 0; w < l->words->n; w++) {
        const merge_word *word = &l->words->words[w];
        const int32_t *s = l->words->symbols + word->begin;
        for (uint32_t i = 0; i + 1 < word->n; i++)
            pair_index_gain(&l->index, s[i], s[i + 1], word->count, (uint32_t)w);
    }
    pair_index_settle(&l->index);
    queue_touched(l);
}

/* Puts the most frequent pair into *out; false when there is none. A pair whose count has fallen
 * since it entered the heap goes back with the true one. */
static bool most_frequent(learner *l, symbol_pair *out) {
    while (l->heap.n > 0) {
        heap_entry top = merge_heap_pop(&l->heap);
        *out = l->index.pairs[top.pair];
        if (top.count == out->count) return true;
        top.count = out->count;
        if (top.count >= l->least) merge_heap_push(&l->heap, top);
    }
    return false;
}

static void lose(learner *l, int32_t left, int32_t right, int64_t count) {
    l->index.pairs[pair_index_of(&l->index, left, right)].count -= count;
}

/* Replaces left right by id in the word, from left to right, and keeps the counts of the pairs
 * around each place. */
static void merge_in_word(learner *l, uint32_t w, int32_t left, int32_t right, int32_t id) {
    merge_word *word = &l->words->words[w];
    int32_t *s = l->words->symbols + word->begin;
    uint32_t n = 0;
    for (uint32_t i = 0; i < word->n; i++) {
        if (s[i] != left || i + 1 == word->n || s[i + 1] != right) {
            s[n++] = s[i];
            continue;
        }
        if (n > 0) {
            lose(l, s[n - 1], left, word->count);
            pair_index_gain(&l->index, s[n - 1], id, word->count, w);
        }
        if (i + 2 < word->n) {
            lose(l, right, s[i + 2], word->count);
            pair_index_gain(&l->index, id, s[i + 2], word->count, w);
        }
        lose(l, left, right, word->count);
        s[n++] = id;
        i++;
    }
    word->n = n;
}

static void merge_everywhere(learner *l, const symbol_pair *pair, int32_t id) {
    for (uint32_t i = 0; i < pair->n_words; i++)
        merge_in_word(l, l->index.words[pair->first + i], pair->left, pair->right, id);
    pair_index_settle(&l->index);
    queue_touched(l);
}

/* Adds what the pair becomes to v. It is new: equal bytes merge in equal order, so that no piece
 * comes about in two ways. */
static int32_t merged_piece(vocab *v, const symbol_pair *pair, const char *prefix) {
    size_t skip = strlen(prefix), left_len, right_len;
    const char *left = vocab_piece(v, pair->left, &left_len);
    const char *right = vocab_piece(v, pair->right, &right_len);
    if (right_len <= skip || memcmp(right, prefix, skip) != 0) skip = 0;
    str piece = {0};
    str_append(&piece, left, left_len);
    str_append(&piece, right + skip, right_len - skip);
    int32_t size = v->size, id = vocab_add(v, piece.data, piece.len);
    CHECK(id == size, "the piece '%s' is there already", piece.data);
    str_free(&piece);
    return id;
}

bool learn_merges(merge_words *w, vocab *v, const char *prefix, int64_t size, bpe *b,
                  const tok_training *how, err *e) {
    learner l = {.words = w, .least = how->min_frequency > 1 ? how->min_frequency : 1};
    int32_t start = v->size;
    count_pairs(&l);
    bool ok = true;
    for (symbol_pair pair; ok && v->size < size && most_frequent(&l, &pair);) {
        int32_t id = merged_piece(v, &pair, prefix);
        if (b) bpe_add_merge(b, pair.left, pair.right, (int32_t)b->n, id);
        merge_everywhere(&l, &pair, id);
        if (id % 64 == 0 && v->size < size)
            ok =
                training_progress(how, "merging", (double)(id - start) / (double)(size - start), e);
    }
    pair_index_free(&l.index);
    merge_heap_free(&l.heap);
    return ok && training_progress(how, "merging", 1, e);
}
