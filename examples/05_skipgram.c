/* 05: word2vec's skip-gram by a loop of our own: the words around each word are to tell it from
 * wrong ones drawn at random. A step is a sentence: its loss on a tape, backward, and an update of
 * the rows that got gradient. Words in the same company become similar.
 *
 *     make examples && build/examples/05_skipgram
 *     cc -O2 -fopenmp -Isrc examples/05_skipgram.c build/libgradus.a \
 *        -lblis -lcjson -linih -lpcre2-8 -lutf8proc -lm -o 05_skipgram
 */
#include "gradus.h"

#include <math.h>
#include <stdlib.h>

enum { D = 32, RADIUS = 4, WRONG = 5, LONGEST = 32, EPOCHS = 8 };

/* Forward and backward of a sentence of n words, each of them the center of a window and its right
 * word; the wrong ones are drawn from the text, the frequent more often. */
static double learn(const nn_word2vec *m, ag_tape *t, const int32_t *sentence, int n,
                    const tok_ids *text, rng_stream *random) {
    ag_window windows[LONGEST];
    int32_t begin[LONGEST + 1] = {0}, out[LONGEST * (1 + WRONG)];
    for (int i = 0, k = 0; i < n; i++) {
        int first = i > RADIUS ? i - RADIUS : 0, last = i + RADIUS < n ? i + RADIUS : n - 1;
        windows[i] = (ag_window){.center = i, first, last};
        out[k++] = sentence[i];
        while (k < (i + 1) * (1 + WRONG)) {
            out[k] = text->data[rng_next_below(random, (uint32_t)text->len)];
            k += out[k] != sentence[i];
        }
        begin[i + 1] = k;
    }
    double loss;
    ag_tape_reset(t);
    nn_stretch s = {.n = n, .ids = sentence, .windows = {n, windows, begin, out}};
    ag_backward(t, nn_word2vec_loss(m, t, &s, NULL, &loss), 1);
    return loss;
}

static double cosine(const nn_word2vec *m, int32_t a, int32_t b) {
    real *x = m->wte->value.data + a * m->width, *y = m->wte->value.data + b * m->width, xy = 0;
    for (int i = 0; i < D; i++) xy += x[i] * y[i];
    return xy / sqrt(tensor_sum_squares(x, D) * tensor_sum_squares(y, D));
}

int main(void) {
    tok_text kingdom;
    FILE *f = open_memstream((char **)&kingdom.data, &kingdom.size);
    train_kingdom_write(f, 6000, 1);
    fclose(f);
    tok_ids text = {0};
    tokenizer *tok = tok_train(&(tok_training){.type = TOK_WORD}, &kingdom, 1, &(err){0});
    tok_encode(tok, kingdom.data, kingdom.size, NULL, &text);
    int32_t V = tok_vocab_size(tok), line_end = tok_find(tok, "\n", 1);
    int32_t king = tok_find(tok, "king", 4), queen = tok_find(tok, "queen", 5),
            dog = tok_find(tok, "dog", 3);
    nn_word2vec_config c = {.vocab_size = V, .vector_size = D, .sg = true, .ns = true};
    nn_word2vec *m = nn_word2vec_new(&c, true);
    nn_word2vec_init(m, rng_from_seed(1));
    optim *o = optim_new(&(optim_settings){.type = OPTIM_SGD}, &m->params);
    ag_tape *t = ag_tape_new(AG_RELEASE);
    rng_stream random = {.key = rng_from_seed(2)};
    for (int epoch = 0; epoch < EPOCHS; epoch++) {
        double loss = 0;
        for (size_t i = 0, n; i < text.len; i += n + 1) {
            for (n = 0; text.data[i + n] != line_end; n++) continue;
            loss += learn(m, t, text.data + i, (int)n, &text, &random);
            optim_update(o, 0.1 * (1 - (double)epoch / EPOCHS), 1);
            nn_params_clear_grads(&m->params);
        }
        printf("epoch %d  loss %6.3f  king~queen %.2f  king~dog %.2f\n", epoch + 1,
               loss / (double)text.len, cosine(m, king, queen), cosine(m, king, dog));
    }
    ag_tape_free(t);
    optim_free(o);
    nn_word2vec_free(m);
    tok_ids_free(&text);
    tok_free(tok);
    free((char *)kingdom.data);
    return 0;
}
