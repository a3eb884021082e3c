#include "train/generate.h"

#include "base/thread.h"
#include "tiny_model.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>

/* Enough for the window of 8 to slide several times. */
enum { N_NEW = 30, N_PROMPT = 3 };

static const int32_t prompt[N_PROMPT] = {4, 9, 1};
static const train_sampling greedy = {.temperature = 0, .top_p = 1};
static const train_sampling free_draw = {.temperature = 1, .top_k = 0, .top_p = 1};

/* The keys of as many samples. */
#define KEYS(seed)                                                                                 \
    (rng_key[]) {                                                                                  \
        rng_from_seed(seed)                                                                        \
    }

typedef struct text {
    int32_t ids[N_NEW];
    int64_t n, limit;
} text;

static bool collect(void *context, int64_t sample, int32_t id) {
    text *out = (text *)context + sample;
    assert_true(id >= 0);
    assert_true(out->n < N_NEW);
    out->ids[out->n++] = id;
    return out->n != out->limit;
}

/* A text of at most `limit` tokens, by a generator of its own. */
static text generate(const nn_gpt *m, bool use_cache, const train_sampling *s, uint64_t seed,
                     int64_t limit) {
    text out = {.limit = limit};
    train_generator *g = train_generator_new(m, 1, use_cache);
    int64_t made = train_generate(g, prompt, N_PROMPT, N_NEW, s, KEYS(seed), 1, collect, &out);
    assert_int_equal(made, out.n);
    train_generator_free(g);
    return out;
}

static text whole_text(const nn_gpt *m, bool use_cache, const train_sampling *s, uint64_t seed) {
    text out = generate(m, use_cache, s, seed, N_NEW);
    assert_int_equal(out.n, N_NEW);
    return out;
}

static void assert_same_ids(const text *a, const text *b) {
    assert_memory_equal(a->ids, b->ids, sizeof a->ids);
}

static bool has_changes(const text *t) {
    for (int i = 1; i < N_NEW; i++)
        if (t->ids[i] != t->ids[0]) return true;
    return false;
}

static void test_the_cache_changes_nothing(void **state) {
    (void)state;
    for (nn_position position = NN_POSITION_LEARNED; position <= NN_POSITION_NONE; position++) {
        nn_gpt_config c = tiny;
        c.position = position;
        nn_gpt *m = tiny_model(&c, false, 3);
        const train_sampling *const samplings[] = {&greedy, &free_draw};
        for (int i = 0; i < 2; i++) {
            text with = whole_text(m, true, samplings[i], 1);
            text without = whole_text(m, false, samplings[i], 1);
            assert_same_ids(&with, &without);
        }
        nn_gpt_free(m);
    }
}

/* A window by hand: at most block_size tokens, the older half dropped when it is full. */
static void test_greedy_is_the_likeliest_token_each_time(void **state) {
    (void)state;
    nn_gpt *m = tiny_model(&tiny, false, 3);
    ag_tape *t = ag_tape_new(AG_NO_GRAD);
    text out = whole_text(m, true, &greedy, 1);
    int32_t window[8] = {4, 9, 1};
    int64_t n = N_PROMPT;
    for (int i = 0; i < N_NEW; i++) {
        ag_tape_reset(t);
        ag_var *hidden = nn_gpt_forward(m, t, window, 1, n, NULL);
        const real *logits = nn_gpt_last_logits(m, t, hidden)->value.data;
        int32_t best = 0;
        for (int32_t v = 1; v < tiny.vocab_size; v++)
            if (logits[v] > logits[best]) best = v;
        assert_int_equal(out.ids[i], best);
        if (n == tiny.block_size) {
            n = tiny.block_size / 2;
            for (int64_t k = 0; k < n; k++) window[k] = window[tiny.block_size - n + k];
        }
        window[n++] = best;
    }
    assert_true(has_changes(&out));
    ag_tape_free(t);
    nn_gpt_free(m);
}

static void test_narrow_sampling_is_greedy(void **state) {
    (void)state;
    nn_gpt *m = tiny_model(&tiny, false, 3);
    text expected = whole_text(m, true, &greedy, 1);
    static const train_sampling narrow[] = {
        {.temperature = 5, .top_k = 1, .top_p = 1},
        {.temperature = 1, .top_k = 0, .top_p = 1e-6},
        {.temperature = 1e-6, .top_k = 0, .top_p = 1},
        {.temperature = 0, .top_k = 7, .top_p = 0.5},
    };
    for (int i = 0; i < 4; i++) {
        text out = whole_text(m, true, &narrow[i], (uint64_t)i);
        assert_same_ids(&out, &expected);
    }
    nn_gpt_free(m);
}

static void test_the_seed_decides(void **state) {
    (void)state;
    nn_gpt *m = tiny_model(&tiny, false, 3);
    text a = whole_text(m, true, &free_draw, 1), b = whole_text(m, true, &free_draw, 1);
    text other = whole_text(m, true, &free_draw, 2);
    assert_same_ids(&a, &b);
    assert_memory_not_equal(a.ids, other.ids, sizeof a.ids);
    nn_gpt_free(m);
}

/* A generator can be used again: nothing of an earlier text is left in it. */
static void test_a_second_text_is_as_the_first(void **state) {
    (void)state;
    nn_gpt *m = tiny_model(&tiny, false, 3);
    train_generator *g = train_generator_new(m, 1, true);
    text first = {.limit = N_NEW}, second = first;
    train_generate(g, prompt, N_PROMPT, N_NEW, &free_draw, KEYS(1), 1, collect, &first);
    train_generate(g, prompt, N_PROMPT, N_NEW, &free_draw, KEYS(1), 1, collect, &second);
    assert_same_ids(&first, &second);
    train_generator_free(g);
    nn_gpt_free(m);
}

/* The first tokens of many texts, counted against the softmax of the logits. */
static void test_draws_follow_the_probabilities(void **state) {
    (void)state;
    enum { N_TEXTS = 4000 };
    nn_gpt *m = tiny_model(&tiny, false, 3);
    ag_tape *t = ag_tape_new(AG_NO_GRAD);
    train_generator *g = train_generator_new(m, 1, true);
    const real *logits =
        nn_gpt_last_logits(m, t, nn_gpt_forward(m, t, prompt, 1, N_PROMPT, NULL))->value.data;
    const train_sampling warm = {.temperature = 2, .top_k = 0, .top_p = 1};
    int counts[16] = {0};
    double sum = 0;
    for (int v = 0; v < tiny.vocab_size; v++) sum += exp((double)logits[v] / warm.temperature);
    for (uint64_t seed = 0; seed < N_TEXTS; seed++) {
        text out = {.limit = 1};
        train_generate(g, prompt, N_PROMPT, 1, &warm, KEYS(seed), 1, collect, &out);
        counts[out.ids[0]]++;
    }
    for (int v = 0; v < tiny.vocab_size; v++) {
        double p = exp((double)logits[v] / warm.temperature) / sum;
        double deviation = counts[v] - N_TEXTS * p, sigma = sqrt(N_TEXTS * p * (1 - p));
        if (fabs(deviation) > 5 * sigma + 1)
            fail_msg("token %d drawn %d times, expected %.0f", v, counts[v], N_TEXTS * p);
    }
    train_generator_free(g);
    ag_tape_free(t);
    nn_gpt_free(m);
}

static void test_top_k_draws_among_k(void **state) {
    (void)state;
    nn_gpt *m = tiny_model(&tiny, false, 3);
    train_generator *g = train_generator_new(m, 1, true);
    const train_sampling hot = {.temperature = 100, .top_k = 3, .top_p = 1};
    bool drawn[16] = {0};
    for (uint64_t seed = 0; seed < 300; seed++) {
        text out = {.limit = 1};
        train_generate(g, prompt, N_PROMPT, 1, &hot, KEYS(seed), 1, collect, &out);
        drawn[out.ids[0]] = true;
    }
    int n = 0;
    for (int v = 0; v < 16; v++) n += drawn[v];
    assert_int_equal(n, 3);
    train_generator_free(g);
    nn_gpt_free(m);
}

static void test_on_token_can_stop(void **state) {
    (void)state;
    nn_gpt *m = tiny_model(&tiny, false, 3);
    text all = whole_text(m, true, &free_draw, 1);
    for (int64_t limit = 1; limit < N_NEW; limit += 9) {
        text out = generate(m, true, &free_draw, 1, limit);
        assert_int_equal(out.n, limit);
        assert_memory_equal(out.ids, all.ids, (size_t)limit * sizeof *out.ids);
    }
    nn_gpt_free(m);
}

/* Of a prompt longer than the window the model sees the end, as if it had been generated. */
static void test_a_prompt_longer_than_the_window(void **state) {
    (void)state;
    enum { N_LONG = N_PROMPT + N_NEW - 5 };
    nn_gpt *m = tiny_model(&tiny, false, 3);
    text all = whole_text(m, true, &greedy, 1), rest = {.limit = N_NEW};
    int32_t longer[N_LONG];
    for (int i = 0; i < N_LONG; i++) longer[i] = i < N_PROMPT ? prompt[i] : all.ids[i - N_PROMPT];
    train_generator *g = train_generator_new(m, 1, true);
    train_generate(g, longer, N_LONG, 5, &greedy, KEYS(1), 1, collect, &rest);
    assert_int_equal(rest.n, 5);
    assert_memory_equal(rest.ids, all.ids + N_NEW - 5, 5 * sizeof *rest.ids);
    train_generator_free(g);
    nn_gpt_free(m);
}

/* Half of a window of one token is none: each token is drawn after the one before it alone. */
static void test_a_window_of_one_token(void **state) {
    (void)state;
    nn_gpt_config c = tiny;
    c.block_size = 1;
    nn_gpt *m = tiny_model(&c, false, 3);
    text with = whole_text(m, true, &free_draw, 1), without = whole_text(m, false, &free_draw, 1);
    assert_same_ids(&with, &without);
    nn_gpt_free(m);
}

/* Samples that end at different times, in a window that slides: each as if drawn alone. */
static void check_together(const nn_gpt *m, bool use_cache) {
    enum { N = 5 };
    text alone[N], together[N];
    rng_key keys[N];
    int64_t n_tokens = 0;
    for (int i = 0; i < N; i++) {
        int64_t limit = 1 + (i + 2) % N * 7;
        keys[i] = rng_from_seed((uint64_t)i);
        alone[i] = generate(m, use_cache, &free_draw, (uint64_t)i, limit);
        together[i] = (text){.limit = limit};
        n_tokens += alone[i].n;
    }
    train_generator *g = train_generator_new(m, N, use_cache);
    int64_t made =
        train_generate(g, prompt, N_PROMPT, N_NEW, &free_draw, keys, N, collect, together);
    assert_int_equal(made, n_tokens);
    for (int i = 0; i < N; i++) assert_memory_equal(&alone[i], &together[i], sizeof alone[i]);
    train_generator_free(g);
}

static void test_together_as_alone(void **state) {
    (void)state;
    nn_gpt_config wide = tiny;
    wide.vocab_size = 100;
    wide.n_embd = 64;
    wide.position = NN_POSITION_ROPE;
    const nn_gpt_config *const configs[] = {&tiny, &wide};
    for (int i = 0; i < 4; i++) {
        nn_gpt *m = tiny_model(configs[i / 2], false, 3);
        check_together(m, i % 2);
        nn_gpt_free(m);
    }
}

/* Thousands of tiny forward passes: waking a second thread would cost more than all of them. */
static int use_one_thread(void **state) {
    (void)state;
    thread_set_count(1);
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_cache_changes_nothing),
        cmocka_unit_test(test_greedy_is_the_likeliest_token_each_time),
        cmocka_unit_test(test_narrow_sampling_is_greedy),
        cmocka_unit_test(test_the_seed_decides),
        cmocka_unit_test(test_a_second_text_is_as_the_first),
        cmocka_unit_test(test_draws_follow_the_probabilities),
        cmocka_unit_test(test_top_k_draws_among_k),
        cmocka_unit_test(test_on_token_can_stop),
        cmocka_unit_test(test_a_prompt_longer_than_the_window),
        cmocka_unit_test(test_a_window_of_one_token),
        cmocka_unit_test(test_together_as_alone),
    };
    return cmocka_run_group_tests(tests, use_one_thread, NULL);
}
