#include "cli/samples.h"

#include "cli/interrupt.h"
#include "cli/prompt.h"

static bool hear(void *context, int64_t sample, int32_t id) {
    samples *s = context;
    if (prompt_is_end(s->run, id)) return false;
    tok_ids_append(&s->ids[sample], id);
    if (sample == 0 && s->printer) s->unread |= !printer_add(s->printer, id);
    return !s->unread && !interrupt_asked;
}

void samples_draw(samples *s, train_generator *g, int64_t first, int64_t n) {
    const train_sampling sampling = drawing_sampling(&s->drawing);
    rng_key keys[SAMPLES_TOGETHER], seed = rng_from_seed((uint64_t)s->drawing.seed);
    for (int64_t i = 0; i < n; i++) {
        keys[i] = rng_split(seed, (uint64_t)(first + i));
        s->ids[i].len = 0;
    }
    train_generate(g, s->prompt->data, (int64_t)s->prompt->len, s->drawing.n_new, &sampling, keys,
                   n, hear, s);
}

int64_t samples_next(int64_t first, int64_t n_samples) {
    return n_samples - first < SAMPLES_TOGETHER ? n_samples - first : SAMPLES_TOGETHER;
}

void samples_free(samples *s) {
    for (int i = 0; i < SAMPLES_TOGETHER; i++) tok_ids_free(&s->ids[i]);
}
