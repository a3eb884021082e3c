#include "train/sampler.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/ngram.h"
#include "numbers.h"

enum { WINDOW = 5, NEGATIVE = 4, CENTERS = 64 };
static const sampler_settings plain = {.window = WINDOW,
                                       .negative = NEGATIVE,
                                       .ns_exponent = 0.75,
                                       .shared_negatives = true,
                                       .stretch_windows = CENTERS};

/* A vocabulary over borrowed counts; names only where n-grams need them. */
static words vocabulary(int64_t *counts, int64_t n) {
    words w = {.n = n, .counts = counts};
    for (int64_t v = 0; v < n; v++) w.total += counts[v];
    return w;
}

/* Each word of this text stands in it once, so that an id says where: word i at token i - 1. */
enum { TEXT = 6000 };
static int64_t equal_counts[TEXT + 1];
static int32_t text[TEXT];

static words text_words(int64_t count) {
    for (int i = 0; i <= TEXT; i++) equal_counts[i] = count;
    for (int i = 0; i < TEXT; i++) text[i] = i + 1;
    return vocabulary(equal_counts, TEXT + 1);
}

/* What is kept of a text, and where the sentence of each such word begins and ends. */
typedef struct plan {
    int32_t kept[TEXT], begin[TEXT], end[TEXT];
    int64_t n;
} plan;

static int32_t right_of(const nn_stretch *s, int64_t w) {
    return s->windows.out[s->windows.out_begin[w]];
}

/* What holds for every window: all in the stretch, the center the right word, wrong words neither
 * </s> nor the right one. */
static void assert_window(const nn_stretch *s, int64_t w) {
    const ag_window *v = &s->windows.list[w];
    assert_true(0 <= v->first && v->first <= v->last && v->last < s->n);
    assert_true(ag_window_inputs(v) > 0);
    int32_t begin = s->windows.out_begin[w], end = s->windows.out_begin[w + 1];
    assert_in_range(end - begin, 1, 1 + NEGATIVE);
    for (int32_t k = begin + 1; k < end; k++) {
        assert_true(s->windows.out[k] > 0);
        assert_int_not_equal(s->windows.out[k], right_of(s, w));
    }
}

static void assert_stretches(const sampler_job *job, int64_t most_centers) {
    int64_t pairs = 0;
    for (int64_t i = 0; i < job->n_stretches; i++) {
        const nn_stretch *s = &job->stretches[i];
        int64_t centers = 0;
        assert_true(s->windows.n > 0);
        for (int64_t w = 0; w < s->windows.n; w++) {
            assert_window(s, w);
            centers += w == 0 || s->windows.list[w].center != s->windows.list[w - 1].center;
            pairs += ag_window_inputs(&s->windows.list[w]);
        }
        assert_true(centers <= most_centers);
        if (i + 1 < job->n_stretches) assert_int_equal(centers, most_centers);
    }
    assert_int_equal(job->n_pairs, pairs);
}

static void plan_end_sentence(plan *p, int64_t begin) {
    for (int64_t i = begin; i < p->n; i++) p->begin[i] = (int32_t)begin, p->end[i] = (int32_t)p->n;
}

/* Sentences of the tokens that are in `keep` (all when NULL), by the rules: a line break or 1000
 * kept words end one. */
static void plan_of(plan *p, const int32_t *tokens, int64_t n, const bool *keep) {
    int64_t begin = p->n = 0;
    for (int64_t i = 0; i < n; i++) {
        if (tokens[i] != 0 && (!keep || keep[tokens[i]])) p->kept[p->n++] = tokens[i];
        if (tokens[i] != 0 && p->n - begin < 1000) continue;
        plan_end_sentence(p, begin);
        begin = p->n;
    }
    plan_end_sentence(p, begin);
}

/* One window around each kept word with a neighbour, in order; to the same distance on both sides
 * unless the sentence ends; the positions hold the words of the text. Adds up the radii of those
 * that no end cuts. */
static void assert_follows(const sampler_job *job, const plan *p, int64_t *radii) {
    int64_t at = 0;
    for (int64_t i = 0; i < job->n_stretches; i++)
        for (int64_t w = 0; w < job->stretches[i].windows.n; w++, at++) {
            const nn_stretch *s = &job->stretches[i];
            const ag_window *v = &s->windows.list[w];
            while (at < p->n && p->end[at] - p->begin[at] == 1) at++;
            assert_true(at < p->n);
            assert_int_equal(right_of(s, w), p->kept[at]);
            int64_t left = v->center - v->first, right = v->last - v->center;
            for (int64_t d = -left; d <= right; d++)
                assert_int_equal(s->ids[v->center + d], p->kept[at + d]);
            int64_t most = left > right ? left : right;
            assert_true(left >= 0 && right >= 0 && most <= WINDOW);
            assert_true(at - left >= p->begin[at] && at + right < p->end[at]);
            assert_true(left == most || at - left == p->begin[at]);
            assert_true(right == most || at + right == p->end[at] - 1);
            if (at - p->begin[at] >= WINDOW && p->end[at] - at > WINDOW) radii[most]++;
        }
    while (at < p->n && p->end[at] - p->begin[at] == 1) at++;
    assert_int_equal(at, p->n);
}

/* Line breaks: at the beginning, doubled, around a single word, none for 2501 words, at the end. */
static void break_lines(void) {
    static const int at[] = {0, 9, 10, 12, 14, 17, 300, 2802, 2804, 4805, TEXT - 1};
    for (size_t i = 0; i < COUNT(at); i++) text[at[i]] = 0;
}

static void test_windows_keep_to_their_sentence(void **state) {
    (void)state;
    static plan p;
    words w = text_words(10);
    break_lines();
    sampler s = sampler_new(&plain, &w);
    sampler_job job = {0};
    int64_t radii[WINDOW + 1] = {0};
    plan_of(&p, text, TEXT, NULL);
    for (uint64_t seed = 0; seed < 5; seed++) {
        sampler_fill(&s, rng_from_seed(seed), text, TEXT, &job);
        assert_stretches(&job, CENTERS);
        assert_follows(&job, &p, radii);
    }
    sampler_job_free(&job);
    sampler_free(&s);
}

/* Chi-square with WINDOW - 1 degrees of freedom: below its mean and five standard deviations. */
static void test_radii_are_equally_likely(void **state) {
    (void)state;
    static plan p;
    words w = text_words(10);
    sampler s = sampler_new(&plain, &w);
    sampler_job job = {0};
    int64_t radii[WINDOW + 1] = {0}, n = 0;
    plan_of(&p, text, TEXT, NULL);
    for (uint64_t seed = 0; seed < 10; seed++) {
        sampler_fill(&s, rng_from_seed(seed), text, TEXT, &job);
        assert_follows(&job, &p, radii);
    }
    double chi_square = 0;
    for (int r = 0; r <= WINDOW; r++) n += radii[r];
    for (int r = 1; r <= WINDOW; r++)
        chi_square += pow((double)radii[r] - (double)n / WINDOW, 2) / ((double)n / WINDOW);
    assert_int_equal(radii[0], 0);
    assert_true(n > 50000);
    assert_true(chi_square < WINDOW - 1 + 5 * sqrt(2.0 * (WINDOW - 1)));
    sampler_job_free(&job);
    sampler_free(&s);
}

/* The 1000 words of a sentence are counted after some have been left out. Here about half are:
 * which ones is read off the windows, for no word stands alone. */
static void test_a_long_line_is_cut_by_kept_words(void **state) {
    (void)state;
    static plan p;
    static bool keep[TEXT + 1];
    sampler_settings settings = plain;
    settings.sample = 1e-5;
    words w = text_words(10000);
    sampler s = sampler_new(&settings, &w);
    sampler_job job = {0};
    int64_t radii[WINDOW + 1] = {0}, kept = 0;
    sampler_fill(&s, rng_from_seed(1), text, TEXT, &job);
    for (int64_t i = 0; i < job.n_stretches; i++)
        for (int64_t k = 0; k < job.stretches[i].windows.n; k++, kept++)
            keep[right_of(&job.stretches[i], k)] = true;
    plan_of(&p, text, TEXT, keep);
    assert_in_range(kept, 1500, TEXT - 1000);
    assert_int_equal(p.end[0], 1000);
    assert_follows(&job, &p, radii);
    sampler_job_free(&job);
    sampler_free(&s);
}

/* (sqrt(c / (t N)) + 1) t N / c for t = 0.001 and N = 663400, cut at 1. */
static void test_keep_probability(void **state) {
    (void)state;
    enum { WORDS = 6, EACH = 40000, N = 5 * EACH };
    static int64_t counts[WORDS] = {40000, 500000, 100000, 20000, 3000, 400};
    static const double shares[WORDS] = {0, 0.0377521, 0.0880834, 0.2152963, 0.6913815, 1};
    static int32_t tokens[N];
    sampler_settings settings = plain;
    settings.sample = 1e-3;
    words w = vocabulary(counts, WORDS);
    sampler s = sampler_new(&settings, &w);
    sampler_job job = {0};
    int64_t kept[WORDS] = {0};
    for (int i = 0; i < N; i++) tokens[i] = 1 + i % 5;
    sampler_fill(&s, rng_from_seed(1), tokens, N, &job);
    for (int64_t i = 0; i < job.n_stretches; i++)
        for (int64_t k = 0; k < job.stretches[i].windows.n; k++)
            kept[right_of(&job.stretches[i], k)]++;
    for (int v = 0; v < WORDS; v++)
        assert_near((double)kept[v], EACH * shares[v],
                    5 * sqrt(EACH * shares[v] * (1 - shares[v])));
    sampler_job_free(&job);
    sampler_free(&s);
}

/* How often each word is drawn as a wrong one for `right`, over all windows; returns how many draws
 * there were. */
static double count_wrong(const sampler_job *job, int32_t right, int64_t *count, int64_t V) {
    double draws = 0;
    memset(count, 0, (size_t)V * sizeof *count);
    for (int64_t i = 0; i < job->n_stretches; i++) {
        const ag_windows *w = &job->stretches[i].windows;
        for (int64_t k = 0; k < w->n; k++) {
            if (w->out[w->out_begin[k]] != right) continue;
            draws += NEGATIVE;
            for (int32_t o = w->out_begin[k] + 1; o < w->out_begin[k + 1]; o++) count[w->out[o]]++;
        }
    }
    return draws;
}

/* Of all draws word v has its share by count^exponent; the share of the right word is left out. */
static void assert_noise(double exponent) {
    enum { N = 40000 };
    static int64_t counts[] = {90000, 50000, 0, 20000, 7000, 3000, 1000, 1};
    static int32_t tokens[N];
    int64_t count[COUNT(counts)];
    double total = 0;
    sampler_settings settings = plain;
    settings.ns_exponent = exponent;
    words w = vocabulary(counts, COUNT(counts));
    sampler s = sampler_new(&settings, &w);
    sampler_job job = {0};
    for (int i = 0; i < N; i++) tokens[i] = i % 2 ? 1 : 5;
    sampler_fill(&s, rng_from_seed(1), tokens, N, &job);
    assert_stretches(&job, CENTERS);
    for (int v = 1; v < w.n; v++) total += v == 2 ? 0 : pow((double)counts[v], exponent);
    for (int32_t right = 1; right <= 5; right += 4) {
        double draws = count_wrong(&job, right, count, w.n);
        assert_near(draws, N / 2 * NEGATIVE, 0);
        for (int32_t v = 0; v < w.n; v++) {
            bool never = v == 0 || v == 2 || v == right;
            double share = never ? 0 : pow((double)counts[v], exponent) / total;
            assert_near((double)count[v], draws * share, 5 * sqrt(draws * share * (1 - share)));
        }
    }
    sampler_job_free(&job);
    sampler_free(&s);
}

static void test_wrong_words_by_their_power(void **state) {
    (void)state;
    assert_noise(0.75);
    assert_noise(1);
    assert_noise(0);
}

/* The pairs of right word and input in order, with the number of their windows. */
typedef struct pairs {
    int64_t n, n_windows, n_same; /* n_same: windows with the wrong words of the window before */
    int32_t list[TEXT * 2 * WINDOW][2];
} pairs;

static void pairs_of(pairs *p, const sampler_job *job) {
    p->n = p->n_windows = p->n_same = 0;
    for (int64_t i = 0; i < job->n_stretches; i++) {
        const nn_stretch *s = &job->stretches[i];
        for (int64_t k = 0; k < s->windows.n; k++) {
            const ag_window *w = &s->windows.list[k];
            const int32_t *out = s->windows.out + s->windows.out_begin[k];
            p->n_windows++;
            p->n_same += k > 0 && out[1] == out[1 - (1 + NEGATIVE)];
            for (int32_t at = w->first; at <= w->last; at++) {
                if (at == w->center) continue;
                p->list[p->n][0] = right_of(s, k);
                p->list[p->n++][1] = s->ids[at];
            }
        }
    }
}

/* Wrong words of their own for each pair: the same pairs, each a window with other wrong words. */
static void test_wrong_words_shared_or_for_each_pair(void **state) {
    (void)state;
    static pairs shared, apart;
    sampler_settings settings = plain;
    settings.sample = 1e-5;
    words w = text_words(10000);
    break_lines();
    sampler s = sampler_new(&settings, &w);
    settings.shared_negatives = false;
    sampler each = sampler_new(&settings, &w);
    sampler_job job = {0};
    sampler_fill(&s, rng_from_seed(1), text, TEXT, &job);
    pairs_of(&shared, &job);
    sampler_fill(&each, rng_from_seed(1), text, TEXT, &job);
    assert_stretches(&job, CENTERS);
    pairs_of(&apart, &job);
    assert_int_equal(apart.n, shared.n);
    assert_memory_equal(apart.list, shared.list, (size_t)shared.n * sizeof *shared.list);
    assert_int_equal(apart.n_windows, apart.n);
    assert_true(shared.n_windows * 4 < shared.n);
    assert_true(apart.n_same < apart.n / 100);
    sampler_job_free(&job);
    sampler_free(&s);
    sampler_free(&each);
}

static void assert_same_job(const sampler_job *a, const sampler_job *b) {
    assert_int_equal(a->n_stretches, b->n_stretches);
    assert_int_equal(a->n_pairs, b->n_pairs);
    for (int64_t i = 0; i < a->n_stretches; i++) {
        const nn_stretch *x = &a->stretches[i], *y = &b->stretches[i];
        const ag_windows *v = &x->windows, *u = &y->windows;
        assert_int_equal(x->n, y->n);
        assert_memory_equal(x->ids, y->ids, (size_t)x->n * sizeof *x->ids);
        assert_int_equal(v->n, u->n);
        assert_memory_equal(v->list, u->list, (size_t)v->n * sizeof *v->list);
        assert_memory_equal(v->out_begin, u->out_begin, (size_t)(v->n + 1) * sizeof(int32_t));
        assert_memory_equal(v->out, u->out, (size_t)v->out_begin[v->n] * sizeof(int32_t));
    }
}

static void test_a_job_is_a_function_of_its_key(void **state) {
    (void)state;
    sampler_settings settings = plain;
    settings.sample = 1e-5;
    words w = text_words(10000);
    sampler s = sampler_new(&settings, &w);
    sampler_job first = {0}, again = {0};
    sampler_fill(&s, rng_from_seed(1), text, TEXT, &first);
    sampler_fill(&s, rng_from_seed(2), text, TEXT / 3, &again);
    assert_int_not_equal(first.n_pairs, again.n_pairs);
    sampler_fill(&s, rng_from_seed(2), text, TEXT, &again);
    assert_int_not_equal(first.n_pairs, again.n_pairs);
    sampler_fill(&s, rng_from_seed(1), text, TEXT, &again);
    assert_same_job(&first, &again);
    sampler_job_free(&first);
    sampler_job_free(&again);
    sampler_free(&s);
}

static int64_t bag_counts[] = {50, 40, 30, 20, 10};
static char bag_text[][8] = {"</s>", "is", "hand", "by", "na\303\257ve"};
static char *bag_names[] = {bag_text[0], bag_text[1], bag_text[2], bag_text[3], bag_text[4]};

/* A position's bag: its word, then its n-grams behind the words. */
static void assert_bags(const nn_stretch *s) {
    for (int64_t p = 0; p < s->n; p++) {
        int32_t buckets[100];
        const char *name = bag_names[s->ids[p]];
        const int32_t *bag = s->bag + s->bag_begin[p];
        int64_t n = ngram_buckets(name, strlen(name), 3, 5, 1000, buckets, 100);
        assert_int_equal(s->bag_begin[p + 1] - s->bag_begin[p], 1 + n);
        assert_int_equal(bag[0], s->ids[p]);
        for (int64_t k = 0; k < n; k++) assert_int_equal(bag[1 + k], 5 + buckets[k]);
    }
}

static void test_bags_of_ngrams(void **state) {
    (void)state;
    static int32_t tokens[1000];
    sampler_settings settings = plain;
    settings.min_n = 3, settings.max_n = 5, settings.bucket = 1000;
    words w = vocabulary(bag_counts, COUNT(bag_counts));
    w.names = bag_names;
    sampler s = sampler_new(&settings, &w);
    sampler_job job = {0};
    assert_int_equal(s.bag_begin[1] - s.bag_begin[0], 1); /* </s> is itself alone */
    for (int i = 0; i < 1000; i++) tokens[i] = i * 7 % 5;
    sampler_fill(&s, rng_from_seed(1), tokens, 1000, &job);
    assert_true(job.n_stretches > 5);
    assert_stretches(&job, CENTERS);
    for (int64_t i = 0; i < job.n_stretches; i++) assert_bags(&job.stretches[i]);
    settings.bucket = 0; /* the same job for a sampler without n-grams */
    sampler without = sampler_new(&settings, &w);
    sampler_fill(&without, rng_from_seed(1), tokens, 1000, &job);
    assert_null(without.bag);
    assert_null(job.stretches[0].bag_begin);
    sampler_job_free(&job);
    sampler_free(&s);
    sampler_free(&without);
}

static void test_ngrams_of_a_word(void **state) {
    (void)state;
    static int32_t buckets[SAMPLER_MAX_NGRAMS], expected[8];
    static char longest[3001];
    memset(longest, 'a', 3000);
    assert_int_equal(sampler_ngrams("</s>", 1, 3, 100, buckets), 0);
    assert_int_equal(sampler_ngrams("is", 0, 0, 100, buckets), 0);
    int64_t n = ngram_buckets("is", 2, 2, 3, 100, expected, 8); /* <i is s> <is is> */
    assert_int_equal(n, 5);
    assert_int_equal(sampler_ngrams("is", 2, 3, 100, buckets), n);
    assert_memory_equal(buckets, expected, (size_t)n * sizeof *buckets);
    assert_int_equal(sampler_ngrams(longest, 3, 6, 100, buckets), SAMPLER_MAX_NGRAMS);
}

static void test_no_heap_after_the_first_job(void **state) {
    (void)state;
    static int32_t tokens[TEXT];
    words w = vocabulary(bag_counts, COUNT(bag_counts));
    w.names = bag_names;
    for (int i = 0; i < TEXT; i++) tokens[i] = i * 7 % 5;
    for (int how = 0; how < 4; how++) {
        sampler_settings settings = plain;
        settings.sample = 0.05;
        settings.shared_negatives = how & 1;
        settings.min_n = 3, settings.max_n = 5, settings.bucket = how & 2 ? 1000 : 0;
        sampler s = sampler_new(&settings, &w);
        sampler_job job = {0};
        sampler_fill(&s, rng_from_seed(0), tokens, TEXT, &job);
        size_t allocations = mem_allocations();
        for (uint64_t seed = 1; seed < 20; seed++)
            sampler_fill(&s, rng_from_seed(seed), tokens, TEXT, &job);
        assert_int_equal(mem_allocations(), allocations);
        sampler_job_free(&job);
        sampler_free(&s);
    }
}

static void test_nothing_to_learn_from(void **state) {
    (void)state;
    static const int32_t lines[] = {0, 3, 0, 0, 2};
    words w = text_words(10);
    sampler s = sampler_new(&plain, &w);
    sampler_job job = {0};
    for (int64_t n = 0; n <= (int64_t)COUNT(lines); n++) {
        sampler_fill(&s, rng_from_seed(1), lines, n, &job);
        assert_int_equal(job.n_stretches, 0);
        assert_int_equal(job.n_pairs, 0);
    }
    sampler_job_free(&job);
    sampler_free(&s);
}

/* As for hierarchical softmax alone: a window's only output is its right word. */
static void test_without_wrong_words(void **state) {
    (void)state;
    sampler_settings settings = plain;
    settings.negative = 0;
    words w = text_words(10);
    sampler s = sampler_new(&settings, &w);
    sampler_job job = {0};
    sampler_fill(&s, rng_from_seed(1), text, TEXT, &job);
    assert_stretches(&job, CENTERS);
    for (int64_t i = 0; i < job.n_stretches; i++) {
        const ag_windows *v = &job.stretches[i].windows;
        assert_int_equal(v->out_begin[v->n] - v->out_begin[0], v->n);
    }
    sampler_job_free(&job);
    sampler_free(&s);
}

static void too_wide(void) {
    words w = text_words(10);
    sampler_settings settings = plain;
    settings.window = AG_MAX_INPUTS / 2 + 1;
    sampler_new(&settings, &w);
}
static void too_many_wrong_words(void) {
    words w = text_words(10);
    sampler_settings settings = plain;
    settings.negative = AG_MAX_OUTPUTS;
    sampler_new(&settings, &w);
}

static void test_misuse_is_a_bug(void **state) {
    (void)state;
    assert_bug(too_wide, "windows of 129 words to either side with 4 wrong words");
    assert_bug(too_many_wrong_words, "windows of 5 words to either side with 128 wrong words");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_windows_keep_to_their_sentence),
        cmocka_unit_test(test_radii_are_equally_likely),
        cmocka_unit_test(test_a_long_line_is_cut_by_kept_words),
        cmocka_unit_test(test_keep_probability),
        cmocka_unit_test(test_wrong_words_by_their_power),
        cmocka_unit_test(test_wrong_words_shared_or_for_each_pair),
        cmocka_unit_test(test_a_job_is_a_function_of_its_key),
        cmocka_unit_test(test_bags_of_ngrams),
        cmocka_unit_test(test_ngrams_of_a_word),
        cmocka_unit_test(test_no_heap_after_the_first_job),
        cmocka_unit_test(test_nothing_to_learn_from),
        cmocka_unit_test(test_without_wrong_words),
        cmocka_unit_test(test_misuse_is_a_bug),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
