#include "lesson/12_dimension.h"

#include "base/thread.h"
#include "lesson/kingdom_test.h"
#include "lesson/small_text.h"
#include "lesson/small_vectors.h"
#include "train/kingdom.h"

/* Asks all analogies of the kingdom. */
static void ask(const small_vectors *v, dimension_result *r) {
    small_table *t = small_table_new(v);
    embed_analogies a = kingdom_test(&t->table);
    r->n_words = t->table.n;
    r->bytes = (double)(t->table.n * t->table.width) * sizeof *t->vectors.rows;
    r->n_questions = a.all.n;
    r->accuracy = a.all.n ? (double)a.all.n_correct / (double)a.all.n : 0;
    r->low = a.low;
    r->high = a.high;
    embed_analogies_free(&a);
    small_table_free(t);
}

static bool train_width(dimension_result *r, const config *c, err *e) {
    small_vectors v = {0};
    bool ok = small_vectors_make(&v, c, e);
    if (ok) {
        double start = thread_clock();
        for (int64_t i = 0; i < c->epochs; i++) small_vectors_epoch(&v);
        r->seconds = thread_clock() - start;
        ask(&v, r);
    }
    small_vectors_free(&v);
    return ok;
}

/* The share of the work that the first n widths are: time goes roughly with their sum. */
static double share_done(const dimension_plan *plan, int64_t n) {
    int64_t done = 0, all = 0;
    for (int64_t i = 0; i < plan->n_widths; i++) {
        all += plan->widths[i];
        if (i < n) done += plan->widths[i];
    }
    return (double)done / (double)all;
}

bool dimension_compute(dimension_result *results, const dimension_plan *plan, err *e) {
    config c = small_vectors_config(0, plan->epochs, 0.1, plan->seed);
    if (!small_text_write(train_kingdom_write, plan->n_sentences, plan->seed, plan->folder,
                          "kingdom.txt", c.dataset, e))
        return false;
    for (int64_t i = 0; i < plan->n_widths; i++) {
        if (plan->progress) plan->progress("training each width", share_done(plan, i));
        c.vector_size = plan->widths[i];
        results[i] = (dimension_result){.width = plan->widths[i]};
        if (!train_width(&results[i], &c, e)) return false;
    }
    if (plan->progress) plan->progress("training each width", 1);
    return true;
}

int64_t dimension_first_within(const dimension_result *results, int64_t n, double margin) {
    double best = 0;
    for (int64_t i = 0; i < n; i++)
        if (results[i].accuracy > best) best = results[i].accuracy;
    int64_t first = 0;
    while (results[first].accuracy < best - margin) first++;
    return first;
}
