#include "lesson/13_special.h"

#include "autograd/ops.h"
#include "base/check.h"

enum { SEED = 1, LONGEST = 40 /* tokens of a conversation */ };

static int32_t read_as(const tokenizer *tok, int32_t id, special_reading reading) {
    int32_t user = tok_role_id(tok, TOK_USER), assistant = tok_role_id(tok, TOK_ASSISTANT);
    if (reading == SPECIAL_UNKNOWN && tok_is_special(tok, id)) return tok_unknown(tok);
    if (reading == SPECIAL_SWAPPED && id == user) return assistant;
    if (reading == SPECIAL_SWAPPED && id == assistant) return user;
    return id;
}

/* Adds the losses of the marked ones of n tokens to sums[mark - 1], and counts them. */
static void add_losses(const nn_gpt *model, ag_tape *t, const int32_t *ids, const int32_t *marks,
                       int64_t n, double sums[2], int64_t counts[2]) {
    int32_t targets[LONGEST];
    CHECK(n - 1 <= LONGEST, "a conversation of %lld tokens", (long long)n);
    for (int64_t i = 0; i + 1 < n; i++) targets[i] = marks[i + 1] ? ids[i + 1] : -1;
    ag_tape_reset(t);
    const real *losses = ag_row_losses(nn_gpt_loss(model, t, ids, targets, 1, n - 1));
    for (int64_t i = 0; i + 1 < n; i++) {
        if (!marks[i + 1]) continue;
        sums[marks[i + 1] - 1] += (double)losses[i];
        counts[marks[i + 1] - 1]++;
    }
}

special_loss special_evaluate(const nn_gpt *model, const tokenizer *tok, const special_text *t,
                              special_reading reading) {
    ag_tape *tape = ag_tape_new(AG_NO_GRAD);
    tok_ids ids = {0};
    double sums[2] = {0};
    int64_t n[2] = {0};
    for (size_t i = 0; i < t->ids.len; i++)
        tok_ids_append(&ids, read_as(tok, t->ids.data[i], reading));
    for (size_t i = 0; i + 1 < t->starts.len; i++) {
        int32_t from = t->starts.data[i], to = t->starts.data[i + 1];
        add_losses(model, tape, ids.data + from, t->answers.data + from, to - from, sums, n);
    }
    tok_ids_free(&ids);
    ag_tape_free(tape);
    return (special_loss){sums[0] / (double)n[0], sums[1] / (double)n[1],
                          (sums[0] + sums[1]) / (double)(n[0] + n[1]), n[0] + n[1]};
}

static nn_gpt *train(const special *s, const special_text *t, bool masked, int64_t steps,
                     lesson_work *work) {
    const nn_gpt_config model = {.vocab_size = tok_vocab_size(s->tok),
                                 .block_size = LONGEST,
                                 .n_layer = 1,
                                 .n_head = 2,
                                 .n_embd = 32,
                                 .bias = true,
                                 .tie_weights = true,
                                 .position = NN_POSITION_ROPE,
                                 .init_std = 0.1};
    const small_gpt_plan plan = {.model = model,
                                 .steps = steps,
                                 .batch_size = 8,
                                 .learning_rate = 1e-2,
                                 .seed = SEED,
                                 .work = work};
    const train_set set =
        train_set_of(t->ids.data, masked ? t->counts.data : NULL, (int64_t)t->ids.len);
    return small_gpt_train(&plan, &set);
}

static bool make_texts(special *s, err *e) {
    if (!special_converse(&s->plain, SPECIAL_CONVERSATIONS, SEED, e) ||
        !special_converse(&s->roles, SPECIAL_CONVERSATIONS, SEED, e) ||
        !special_converse(&s->held_plain, SPECIAL_HELD_OUT, SEED + 1, e) ||
        !special_converse(&s->held_out, SPECIAL_HELD_OUT, SEED + 1, e) ||
        !(s->tok = special_tokenizer(&s->plain, e)))
        return false;
    special_render(&s->plain, s->tok, false);
    special_render(&s->roles, s->tok, true);
    special_render(&s->held_plain, s->tok, false);
    special_render(&s->held_out, s->tok, true);
    return true;
}

bool special_learn(special *s, int64_t steps, lesson_progress progress, err *e) {
    lesson_work work = {progress, "training", 3 * steps, 0};
    *s = (special){0};
    if (!make_texts(s, e)) return false;
    s->drawn = train(s, &s->roles, false, 0, &work);
    s->without = train(s, &s->plain, false, steps, &work);
    s->with = train(s, &s->roles, false, steps, &work);
    s->masked = train(s, &s->roles, true, steps, &work);
    return true;
}

void special_free(special *s) {
    nn_gpt_free(s->without);
    nn_gpt_free(s->with);
    nn_gpt_free(s->masked);
    nn_gpt_free(s->drawn);
    special_text_free(&s->plain);
    special_text_free(&s->roles);
    special_text_free(&s->held_plain);
    special_text_free(&s->held_out);
    tok_free(s->tok);
}
