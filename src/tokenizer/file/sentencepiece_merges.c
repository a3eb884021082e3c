#include "tokenizer/file/sentencepiece.h"
#include "tokenizer/model/bpe.h"
#include "tokenizer/model/trie.h"

#include "base/mem.h"

#include <stdlib.h>

typedef struct ranked {
    float score;
    int32_t id;
} ranked;

/* By falling score, then by id. */
static int compare_ranked(const void *a, const void *b) {
    const ranked *x = a, *y = b;
    if (x->score != y->score) return x->score < y->score ? 1 : -1;
    return (x->id > y->id) - (x->id < y->id);
}

/* Pieces by their beginnings, and the same pieces spelled backwards by their ends. */
typedef struct both_ways {
    trie *forwards, *backwards;
    str reversed;    /* of one piece */
    int32_t *suffix; /* id of the piece that begins at each byte of one piece and ends with it */
} both_ways;

static void reverse(spm_bytes text, str *out) {
    out->len = 0;
    for (size_t i = text.n; i-- > 0;) str_append(out, &text.data[i], 1);
}

static both_ways index_pieces(const spm_model *m, const ranked *order, size_t n) {
    both_ways index = {.forwards = trie_new(), .backwards = trie_new()};
    size_t longest = 0;
    for (size_t i = 0; i < n; i++) {
        spm_bytes text = m->pieces[order[i].id].text;
        reverse(text, &index.reversed);
        trie_add(index.forwards, text.data, text.n, order[i].id);
        trie_add(index.backwards, index.reversed.data, text.n, order[i].id);
        longest = text.n > longest ? text.n : longest;
    }
    trie_pack(index.forwards);
    trie_pack(index.backwards);
    index.suffix = mem_new(longest + 1, sizeof *index.suffix);
    return index;
}

/* Adds the merges that make piece `id`: its splits into two pieces. */
static void add_splits(const both_ways *index, spm_bytes text, int32_t rank, int32_t id, bpe *b) {
    int32_t node = 0;
    for (size_t i = text.n; i-- > 0;) {
        if (node >= 0) node = trie_step(index->backwards, node, (unsigned char)text.data[i]);
        index->suffix[i] = node < 0 ? -1 : trie_id(index->backwards, node);
    }
    node = 0;
    for (size_t i = 0; i + 1 < text.n && node >= 0; i++) {
        node = trie_step(index->forwards, node, (unsigned char)text.data[i]);
        int32_t prefix = node < 0 ? -1 : trie_id(index->forwards, node);
        if (prefix >= 0 && index->suffix[i + 1] >= 0)
            bpe_add_merge(b, prefix, index->suffix[i + 1], rank, id);
    }
}

bpe *spm_merges(const spm_model *m) {
    size_t n = 0;
    ranked *order = mem_new(m->n, sizeof *order);
    for (size_t id = 0; id < m->n; id++)
        if (m->pieces[id].type == SPM_NORMAL)
            order[n++] = (ranked){m->pieces[id].score, (int32_t)id};
    if (n) qsort(order, n, sizeof *order, compare_ranked);
    both_ways index = index_pieces(m, order, n);
    bpe *b = bpe_new();
    int32_t rank = 0;
    for (size_t i = 0; i < n; i++) {
        if (i > 0 && order[i].score != order[i - 1].score) rank++;
        add_splits(&index, m->pieces[order[i].id].text, rank, order[i].id, b);
    }
    trie_free(index.forwards);
    trie_free(index.backwards);
    str_free(&index.reversed);
    free(index.suffix);
    free(order);
    return b;
}
