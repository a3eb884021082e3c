#include "train/glove.h"

#include "autograd/glove.h"
#include "base/check.h"
#include "base/mem.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

glove *glove_new(const glove_settings *settings, bool with_grad) {
    CHECK(settings->dim >= 1 && settings->dim <= settings->width, "%lld of %lld columns",
          (long long)settings->dim, (long long)settings->width);
    glove *m = mem_new(1, sizeof *m);
    m->settings = *settings;
    int64_t rows[] = {settings->n_words, settings->width}, column[] = {settings->n_words, 1};
    double most = 0.5 / (double)(settings->dim + 1);
    m->w = nn_param_new_uniform(&m->params, 2, rows, -most, most, "wte.weight");
    m->w_context = nn_param_new_uniform(&m->params, 2, rows, -most, most, "context.weight");
    if (settings->width > settings->dim)
        nn_param_of(m->w)->columns = nn_param_of(m->w_context)->columns = settings->dim;
    m->b = nn_param_new_uniform(&m->params, 2, column, -most, most, "wte.bias");
    m->b_context = nn_param_new_uniform(&m->params, 2, column, -most, most, "context.bias");
    nn_params_allocate(&m->params, with_grad);
    return m;
}

void glove_free(glove *m) {
    if (!m) return;
    nn_params_free(&m->params);
    free(m);
}

static void clear_padding(const glove_settings *s, ag_var *w) {
    size_t bytes = (size_t)(s->width - s->dim) * sizeof(real);
    for (int64_t i = 0; bytes && i < s->n_words; i++)
        memset(w->value.data + i * s->width + s->dim, 0, bytes);
}

void glove_init(glove *m, rng_key key) {
    nn_params_init(&m->params, key);
    clear_padding(&m->settings, m->w);
    clear_padding(&m->settings, m->w_context);
}

optim *glove_optim(glove *m) {
    return optim_new(&(optim_settings){.type = OPTIM_ADAGRAD}, &m->params);
}

double glove_step(glove *m, ag_tape *t, optim *o, const ag_cooccurrence *records, int64_t n) {
    const glove_settings *s = &m->settings;
    ag_tape_reset(t);
    nn_params_clear_grads(&m->params);
    ag_var *loss = ag_glove(t, m->w, m->w_context, m->b, m->b_context,
                            &(ag_cooccurrences){records, n, s->x_max, s->alpha});
    double sum = (double)loss->value.data[0];
    ag_backward(t, loss, 1);
    optim_update(o, s->learning_rate, 1);
    return sum;
}

/* Numbers of one row and their sums of squares in AdaGrad. */
typedef struct row {
    real *p, *sum;
} row;

static row row_of(const glove *m, const optim *o, const ag_var *v, int64_t i) {
    int64_t at = v->value.data - m->params.value + i * v->value.shape[1];
    return (row){m->params.value + at, o->exp_avg_sq + at};
}

/* Both rows of a record at once, each by the other's numbers from before. slope is the learning
 * rate times d(loss) / d(dot product). */
static void update_rows(row i, row j, int64_t width, real slope) {
    real *restrict w = i.p, *restrict w_sum = i.sum;
    real *restrict context = j.p, *restrict context_sum = j.sum;
    for (int64_t c = 0; c < width; c++) {
        real step = slope * context[c], context_step = slope * w[c];
        w[c] -= step / (real)sqrt(w_sum[c]);
        context[c] -= context_step / (real)sqrt(context_sum[c]);
        w_sum[c] += step * step;
        context_sum[c] += context_step * context_step;
    }
}

static void update_bias(row b, real step) {
    *b.p -= step / (real)sqrt(*b.sum);
    *b.sum += step * step;
}

static double update_record(glove *m, optim *o, const ag_cooccurrence *at) {
    const glove_settings *s = &m->settings;
    row w = row_of(m, o, m->w, at->i), w_context = row_of(m, o, m->w_context, at->j);
    row b = row_of(m, o, m->b, at->i), b_context = row_of(m, o, m->b_context, at->j);
    double f = glove_weight(at->x, s->x_max, s->alpha);
    real error = glove_error(w.p, w_context.p, s->width, *b.p + *b_context.p, at->x);
    real slope = (real)s->learning_rate * ((real)f * error);
    update_rows(w, w_context, s->width, slope);
    update_bias(b, slope);
    update_bias(b_context, slope);
    return 0.5 * f * error * error;
}

double glove_hogwild(glove *m, optim *o, const ag_cooccurrence *records, int64_t n) {
    double sum = 0;
    for (int64_t r = 0; r < n; r++) sum += update_record(m, o, &records[r]);
    return sum;
}
