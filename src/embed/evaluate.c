#include "embed/evaluate.h"

#include "base/file.h"
#include "base/mem.h"
#include "embed/bootstrap.h"
#include "embed/questions.h"
#include "embed/search.h"
#include "tensor/gemm.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Questions are answered together as long as they ask about this many words; candidates pass by in
 * blocks. Both bound the memory: a block's cosines stay in the cache. */
enum { MAX_WORDS = 1024, BLOCK = 512 };

typedef struct answer {
    real score;
    int32_t row; /* -1 = none yet */
} answer;

typedef struct batch {
    const embed_question *questions;
    int64_t n;
    int32_t *places; /* of a row among the words of the batch, or -1 */
    int32_t *words;  /* rows, MAX_WORDS */
    int64_t n_words;
    real *units;   /* of the words, (MAX_WORDS, width) */
    real *cosines; /* of the words with a block of candidates, (MAX_WORDS, BLOCK) */
} batch;

static batch batch_new(const embed_table *table) {
    batch b = {.places = mem_new((size_t)table->n, sizeof *b.places),
               .words = mem_new(MAX_WORDS, sizeof *b.words),
               .units = mem_new_aligned(MAX_WORDS * (size_t)table->width * sizeof(real)),
               .cosines = mem_new_aligned(MAX_WORDS * BLOCK * sizeof(real))};
    for (int64_t r = 0; r < table->n; r++) b.places[r] = -1;
    return b;
}

static void batch_free(batch *b) {
    free(b->places);
    free(b->words);
    free(b->units);
    free(b->cosines);
}

static void add_word(batch *b, const embed_table *table, int32_t row) {
    if (b->places[row] >= 0) return;
    size_t width = (size_t)table->width;
    memcpy(b->units + (size_t)b->n_words * width, table->units + (size_t)row * width,
           width * sizeof(real));
    b->words[b->n_words] = row;
    b->places[row] = (int32_t)b->n_words++;
}

/* Takes the first of n questions, as many as there is room for the words of. */
static void fill(batch *b, const embed_table *table, const embed_question *questions, int64_t n) {
    for (int64_t w = 0; w < b->n_words; w++) b->places[b->words[w]] = -1;
    b->n_words = b->n = 0;
    b->questions = questions;
    for (; b->n < n && b->n_words + 3 <= MAX_WORDS; b->n++) {
        add_word(b, table, questions[b->n].a);
        add_word(b, table, questions[b->n].b);
        add_word(b, table, questions[b->n].c);
    }
}

/* The scores of n candidates from their cosines with a, b and c. The dot product with b - a + c is
 * the sum of three cosines: so each word is multiplied once, in however many questions it is. */
static void score_block(embed_method method, const real *a, const real *b, const real *c, int64_t n,
                        real *scores) {
    if (method == EMBED_3COSMUL)
        for (int64_t i = 0; i < n; i++)
            scores[i] = (1 + b[i]) * (1 + c[i]) / 4 / ((1 + a[i]) / 2 + (real)1e-6);
    else
        for (int64_t i = 0; i < n; i++) scores[i] = b[i] - a[i] + c[i];
}

/* Goes on with the best answer over the n candidates from row `start`. */
static void search_block(const embed_question *q, const real *scores, int64_t start, int64_t n,
                         answer *best) {
    for (int64_t i = 0; i < n; i++) {
        int64_t row = start + i;
        if (!(scores[i] > best->score) || row == q->a || row == q->b || row == q->c) continue;
        *best = (answer){scores[i], (int32_t)row};
    }
}

/* Answers the questions of a batch among the first n_rows rows. */
static void answer_batch(batch *b, const embed_table *table, int64_t n_rows, embed_method method,
                         answer *answers) {
    tensor words = tensor_2d(b->units, b->n_words, table->width);
    for (int64_t start = 0; start < n_rows; start += BLOCK) {
        int64_t n = start + BLOCK < n_rows ? BLOCK : n_rows - start;
        tensor rows = tensor_2d(table->units + start * table->width, n, table->width);
        tensor columns = tensor_transpose(&rows), cosines = tensor_2d(b->cosines, b->n_words, n);
        tensor_gemm(1, &words, &columns, 0, &cosines);
#pragma omp parallel for schedule(static)
        for (int64_t i = 0; i < b->n; i++) {
            const embed_question *q = &b->questions[i];
            real scores[BLOCK];
            score_block(method, b->cosines + b->places[q->a] * n, b->cosines + b->places[q->b] * n,
                        b->cosines + b->places[q->c] * n, n, scores);
            search_block(q, scores, start, n, &answers[i]);
        }
    }
}

/* right[i] = whether question i is answered with d. */
static void answer_all(const embed_table *table, const embed_names *names, int64_t n_rows,
                       const embed_questions *q, embed_method method, bool *right) {
    batch b = batch_new(table);
    answer *answers = mem_new((size_t)q->n, sizeof *answers);
    for (int64_t i = 0; i < q->n; i++) answers[i] = (answer){-(real)INFINITY, -1};
    for (int64_t done = 0; done < q->n; done += b.n) {
        fill(&b, table, q->items + done, q->n - done);
        answer_batch(&b, table, n_rows, method, answers + done);
    }
    for (int64_t i = 0; i < q->n; i++) {
        const char *d = names->names[q->items[i].d];
        right[i] = answers[i].row >= 0 && embed_names_equal(names, answers[i].row, d, strlen(d));
    }
    free(answers);
    batch_free(&b);
}

static void add_to_total(embed_section *total, const embed_section *section) {
    total->n += section->n;
    total->n_correct += section->n_correct;
    total->n_skipped += section->n_skipped;
}

static double share_right(const uint32_t *sample, int64_t n, const void *data) {
    const bool *right = data;
    int64_t n_right = 0;
    for (int64_t i = 0; i < n; i++) n_right += right[sample[i]];
    return n > 0 ? (double)n_right / (double)n : NAN;
}

static void sum_up(embed_analogies *out, const embed_questions *q, const bool *right) {
    out->semantic.name = "semantic";
    out->syntactic = (embed_section){.name = "syntactic", .syntactic = true};
    out->all.name = "all";
    for (int64_t i = 0; i < q->n; i++) out->sections[q->items[i].section].n_correct += right[i];
    for (int64_t s = 0; s < out->n_sections; s++) {
        const embed_section *section = &out->sections[s];
        add_to_total(section->syntactic ? &out->syntactic : &out->semantic, section);
        add_to_total(&out->all, section);
    }
    embed_bootstrap(q->n, share_right, right, &out->low, &out->high);
}

bool embed_evaluate_analogy_text(const embed_table *table, const char *text, size_t n,
                                 const char *name, int64_t restrict_n, embed_method method,
                                 embed_analogies *out, err *e) {
    *out = (embed_analogies){0};
    int64_t n_rows = embed_n_candidates(table, restrict_n);
    embed_names names = embed_names_new(table->vectors->names, n_rows, true);
    embed_questions q = {0};
    bool ok = embed_questions_read(&q, out, &names, text, n, name, e);
    if (ok) {
        bool *right = mem_new((size_t)q.n, sizeof *right);
        answer_all(table, &names, n_rows, &q, method, right);
        sum_up(out, &q, right);
        free(right);
    }
    free(q.items);
    embed_names_free(&names);
    return ok;
}

bool embed_evaluate_analogies(const embed_table *table, const char *path, int64_t restrict_n,
                              embed_method method, embed_analogies *out, err *e) {
    *out = (embed_analogies){0};
    file_map file;
    if (!file_open_map(&file, path, e)) return false;
    bool ok =
        embed_evaluate_analogy_text(table, file.data, file.size, path, restrict_n, method, out, e);
    file_close_map(&file);
    return ok;
}

void embed_analogies_free(embed_analogies *a) {
    for (int64_t s = 0; s < a->n_sections; s++) free((char *)a->sections[s].name);
    free(a->sections);
    *a = (embed_analogies){0};
}
