#include "lesson/10_meaning.h"

#include "base/check.h"
#include "base/mem.h"
#include "embed/analogy.h"
#include "embed/isotropy.h"
#include "lesson/cosine.h"
#include "lesson/kingdom_test.h"
#include "lesson/small_text.h"
#include "train/kingdom.h"

#include <math.h>
#include <stdlib.h>

enum { SEED = 1 };

bool meaning_make(meaning *m, const char *folder, int64_t sentences, int64_t epochs, err *e) {
    config c = small_vectors_config(MEANING_WIDTH, epochs, 0.05, SEED);
    *m = (meaning){.n_snapshots = epochs + 1};
    m->snapshots = mem_new((size_t)m->n_snapshots, sizeof *m->snapshots);
    m->losses = mem_new((size_t)m->n_snapshots, sizeof *m->losses);
    if (!small_text_write(train_kingdom_write, sentences, SEED, folder, "kingdom.txt", c.dataset,
                          e) ||
        !small_vectors_make(&m->trained, &c, e))
        return false;
    m->losses[0] = NAN;
    m->snapshots[0] = small_table_new(&m->trained);
    return true;
}

void meaning_learn(meaning *m, lesson_progress progress) {
    lesson_work work = {progress, "words move", m->n_snapshots - 1, 0};
    for (int64_t i = 1; i < m->n_snapshots; i++) {
        m->losses[i] = small_vectors_epoch(&m->trained);
        m->snapshots[i] = small_table_new(&m->trained);
        lesson_work_step(&work);
    }
}

void meaning_free(meaning *m) {
    for (int64_t i = 0; i < m->n_snapshots; i++) small_table_free(m->snapshots[i]);
    free(m->snapshots);
    free(m->losses);
    small_vectors_free(&m->trained);
}

double meaning_any_cosine(const small_table *t) {
    return 1 - embed_isotropy(&t->table);
}

double meaning_arrows(const small_table *t, const char *const ends[4]) {
    int64_t width = t->vectors.width;
    real *arrows = mem_new((size_t)(2 * width), sizeof *arrows);
    for (int k = 0; k < 2; k++) {
        const real *from = t->vectors.rows + small_table_row(t, ends[2 * k]) * width;
        const real *to = t->vectors.rows + small_table_row(t, ends[2 * k + 1]) * width;
        for (int64_t c = 0; c < width; c++) arrows[k * width + c] = to[c] - from[c];
    }
    double cosine = lesson_cosine(arrows, arrows + width, width);
    free(arrows);
    return cosine;
}

meaning_answers meaning_ask(const small_table *t) {
    const int64_t asked[] = {small_table_row(t, "king"), small_table_row(t, "woman"),
                             small_table_row(t, "man")};
    real *units = mem_new((size_t)(3 * t->table.width), sizeof *units);
    const embed_query query = embed_query_of_rows(&t->table, asked, units);
    embed_neighbour best[MEANING_ANSWERS];
    meaning_answers out = {.queen =
                               embed_analogy_rank(&t->table, &query, small_table_row(t, "queen"))};
    int64_t n = embed_analogy(&t->table, &query, MEANING_ANSWERS, best);
    CHECK(n == MEANING_ANSWERS, "%lld words", (long long)t->table.n);
    for (int i = 0; i < MEANING_ANSWERS; i++) {
        out.best[i] = t->vectors.names[best[i].row];
        out.scores[i] = best[i].score;
    }
    free(units);
    return out;
}

double meaning_accuracy(const small_table *t) {
    embed_analogies a = kingdom_test(&t->table);
    int64_t asked = a.all.n + a.all.n_skipped;
    double share = asked ? (double)a.all.n_correct / (double)asked : 0;
    embed_analogies_free(&a);
    return share;
}
