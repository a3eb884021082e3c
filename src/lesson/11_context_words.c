#include "lesson/11_context.h"

#include "autograd/ops.h"
#include "base/mem.h"
#include "lesson/cosine.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* What a token says, without the blank that some tokenizers put before it. */
static const char *bare(const tokenizer *tok, int32_t id, size_t *n) {
    static const char sign[] = "\u2581";
    const char *piece = tok_piece(tok, id, n);
    size_t blank = *n && *piece == ' ' ? 1 : strncmp(piece, sign, strlen(sign)) ? 0 : strlen(sign);
    *n -= blank;
    return piece + blank;
}

static bool is_word(const tokenizer *tok, int32_t id, const char *word) {
    size_t n;
    const char *piece = bare(tok, id, &n);
    return n == strlen(word) && strncasecmp(piece, word, n) == 0;
}

bool context_has_word(const context_model *m, const char *word) {
    for (int32_t id = 0; id < tok_vocab_size(m->tok); id++)
        if (is_word(m->tok, id, word)) return true;
    return false;
}

static const char *name_of(const context_model *m) {
    return m->name ? m->name : "the small GPT of this lesson";
}

static bool no_such_word(const context_model *m, const char *word, err *e) {
    int32_t V = tok_vocab_size(m->tok);
    const char **names = mem_new((size_t)V, sizeof *names);
    size_t n, n_names = 0;
    for (int32_t id = 0; id < V; id++) {
        const char *name = bare(m->tok, id, &n);
        if (n > 1) names[n_names++] = name;
    }
    const char *nearest = str_nearest(word, names, n_names);
    free(names);
    return err_set(e, ERR_INPUT, "'%.40s' is no token of %s%s%s%s", word, name_of(m),
                   nearest ? "; did you mean '" : "", nearest ? nearest : "", nearest ? "'?" : "");
}

/* The place of the word among the tokens of a sentence, or -1 and e. */
static int64_t place_of(const context_model *m, const char *word, const char *sentence,
                        const tok_ids *ids, err *e) {
    for (size_t i = 0; i < ids->len; i++)
        if (is_word(m->tok, ids->data[i], word)) return (int64_t)i;
    if (context_has_word(m, word))
        err_set(e, ERR_INPUT, "no '%.40s' in the sentence '%.80s'", word, sentence);
    else
        no_such_word(m, word, e);
    return -1;
}

/* The likeliest tokens of logits (V), which they are taken out of. */
static void find_next(ag_var *logits, context_next *next) {
    tensor *p = &logits->value;
    int64_t V = p->shape[2];
    for (int i = 0; i < CONTEXT_NEXT; i++) {
        int64_t best = 0;
        for (int64_t id = 1; id < V; id++)
            if (p->data[id] > p->data[best]) best = id;
        next[i] = (context_next){(int32_t)best, (double)p->data[best]};
        p->data[best] = -1;
    }
}

/* Reads a sentence and copies the vectors of the word to vectors (n_layers, C). */
static bool read_sentence(context_words *w, int number, const context_model *m, const char *word,
                          const char *sentence, real *vectors, int32_t *id, err *e) {
    int64_t C = m->gpt->config.n_embd, most = m->gpt->config.block_size;
    ag_tape *t = ag_tape_new(AG_NO_GRAD);
    ag_var **layers = mem_new((size_t)w->n_layers, sizeof *layers);
    tok_ids ids = {0};
    tok_encode(m->tok, sentence, strlen(sentence), NULL, &ids);
    int64_t place = w->place[number] = place_of(m, word, sentence, &ids, e);
    bool ok = place >= 0 &&
              (place < most || err_set(e, ERR_INPUT,
                                       "'%.40s' is token %lld of a sentence; %s "
                                       "reads %lld",
                                       word, (long long)place + 1, name_of(m), (long long)most));
    if (ok) {
        /* What comes behind the word cannot change its vectors. */
        nn_gpt_forward_layers(m->gpt, t, ids.data, 1, place + 1, layers);
        for (int64_t l = 0; l < w->n_layers; l++)
            memcpy(vectors + l * C, layers[l]->value.data + place * C, (size_t)C * sizeof(real));
        *id = ids.data[place];
        find_next(ag_softmax(t, nn_gpt_last_logits(m->gpt, t, layers[w->n_layers - 1])),
                  w->next[number]);
    }
    tok_ids_free(&ids);
    free(layers);
    ag_tape_free(t);
    return ok;
}

static bool is_same_token(int32_t id, int32_t first, const char *word, err *e) {
    return id == first || err_set(e, ERR_INPUT,
                                  "'%.40s' is token %d in one sentence and token %d in another: "
                                  "write it, and what is right before it, alike",
                                  word, (int)first, (int)id);
}

bool context_compare(context_words *w, const context_model *m, const char *word,
                     const char *const *sentences, int n, err *e) {
    int64_t C = m->gpt->config.n_embd;
    *w = (context_words){.n_sentences = n, .n_layers = m->gpt->config.n_layer + 2};
    real *vectors = mem_new((size_t)(CONTEXT_SENTENCES * w->n_layers * C), sizeof *vectors);
    int32_t first = 0, id;
    bool ok = true;
    for (int s = 0; ok && s < n; s++) {
        real *own = vectors + s * w->n_layers * C;
        ok = read_sentence(w, s, m, word, sentences[s], own, s ? &id : &first, e) &&
             (s == 0 || is_same_token(id, first, word, e));
        w->cosine[s] = mem_new((size_t)w->n_layers, sizeof *w->cosine[s]);
        for (int64_t l = 0; l < w->n_layers; l++)
            w->cosine[s][l] = lesson_cosine(vectors + l * C, own + l * C, C);
    }
    free(vectors);
    return ok;
}

void context_words_free(context_words *w) {
    for (int s = 0; s < CONTEXT_SENTENCES; s++) free(w->cosine[s]);
}
