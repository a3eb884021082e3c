#include "train/kingdom.h"

#include "tokenizer/training.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The corpus as text (free with free), *n bytes of it. */
static char *corpus(int64_t n_sentences, uint64_t seed, size_t *n) {
    char *text = NULL;
    FILE *stream = open_memstream(&text, n);
    assert_non_null(stream);
    train_kingdom_write(stream, n_sentences, seed);
    fclose(stream);
    return text;
}

static void test_the_seed_decides_the_text(void **state) {
    (void)state;
    size_t n, n_again, n_other;
    char *text = corpus(500, 1, &n), *again = corpus(500, 1, &n_again);
    char *other = corpus(500, 2, &n_other);
    assert_int_equal(n, n_again);
    assert_memory_equal(text, again, n);
    assert_false(n == n_other && memcmp(text, other, n) == 0);
    free(text);
    free(again);
    free(other);
}

/* Fails when the text of a seed ever changes: lessons and goldens quote it. */
static void test_the_text_is_the_known_one(void **state) {
    (void)state;
    size_t n;
    char *text = corpus(1000, 1337, &n);
    uint64_t hash = 0xCBF29CE484222325u;
    for (size_t i = 0; i < n; i++) hash = (hash ^ (unsigned char)text[i]) * 0x100000001B3u;
    static const char start[] = "the provinces of spain are full of spanish flamenco.\n";
    assert_memory_equal(text, start, strlen(start));
    assert_int_equal(hash, 0x34409C1819FA9818u);
    free(text);
}

static void test_each_line_is_a_plain_sentence(void **state) {
    (void)state;
    size_t n, n_lines = 0;
    char *text = corpus(5000, 3, &n);
    for (char *line = text; *line; n_lines++) {
        size_t length = strcspn(line, "\n");
        assert_int_equal(line[length], '\n');
        assert_int_equal(line[length - 1], '.');
        assert_int_equal(strspn(line, "abcdefghijklmnopqrstuvwxyz ,"), length - 1);
        line[length] = '\0';
        assert_null(strstr(line, "  "));
        assert_in_range(length, 10, 120);
        line += length + 1;
    }
    assert_int_equal(n_lines, 5000);
    free(text);
}

static void test_no_sentences_is_no_text(void **state) {
    (void)state;
    size_t n;
    char *text = corpus(0, 1, &n);
    assert_int_equal(n, 0);
    free(text);
}

static void test_questions_cover_every_relation(void **state) {
    (void)state;
    static const char *const sections[] = {"royalty", "family", "capital", "plural", "comparative"};
    int n, n_sections = 0, n_queens = 0;
    const train_kingdom_question *q = train_kingdom_questions(&n);
    assert_in_range(n, 800, 2000);
    for (int i = 0; i < n; i++) {
        if (i == 0 || strcmp(q[i].section, q[i - 1].section) != 0)
            assert_string_equal(q[i].section, sections[n_sections++]);
        assert_string_not_equal(q[i].a, q[i].c);
        assert_string_not_equal(q[i].b, q[i].d);
        n_queens += strcmp(q[i].a, "man") == 0 && strcmp(q[i].b, "woman") == 0 &&
                    strcmp(q[i].c, "king") == 0 && strcmp(q[i].d, "queen") == 0;
    }
    assert_int_equal(n_sections, 5);
    assert_int_equal(n_queens, 1);
}

/* A corpus as ids, and for every word its positive pointwise mutual information with every other
 * within WINDOW words (Levy and Goldberg 2014): the matrix that word2vec factorizes. */
typedef struct counts {
    tokenizer *tok;
    tok_ids ids;
    int32_t V;
    double *count;  /* (V) */
    float *vectors; /* (V, V), rows of length 1 */
} counts;

enum { WINDOW = 5 };

static void count_pairs(counts *c) {
    int32_t newline = tok_find(c->tok, "\n", 1);
    for (size_t i = 0; i < c->ids.len; i++) {
        int32_t word = c->ids.data[i];
        c->count[word]++;
        for (size_t j = i + 1; j < c->ids.len && j <= i + WINDOW; j++) {
            int32_t other = c->ids.data[j];
            if (word == newline || other == newline) break;
            c->vectors[word * c->V + other]++;
            c->vectors[other * c->V + word]++;
        }
    }
}

static void turn_into_information(counts *c) {
    double *row = calloc((size_t)c->V, sizeof *row), total = 0;
    for (int32_t i = 0; i < c->V; i++)
        for (int32_t j = 0; j < c->V; j++) row[i] += c->vectors[i * c->V + j];
    for (int32_t i = 0; i < c->V; i++) total += row[i];
    for (int32_t i = 0; i < c->V; i++) {
        double square = 0;
        float *v = c->vectors + i * c->V;
        for (int32_t j = 0; j < c->V; j++) {
            v[j] = v[j] > 0 ? (float)fmax(0, log(v[j] * total / (row[i] * row[j]))) : 0;
            square += v[j] * v[j];
        }
        for (int32_t j = 0; j < c->V && square > 0; j++) v[j] /= (float)sqrt(square);
    }
    free(row);
}

static counts counts_of(int64_t n_sentences, uint64_t seed) {
    err e = {0};
    size_t n;
    char *text = corpus(n_sentences, seed, &n);
    const tok_training how = {.type = TOK_WORD, .min_frequency = 5};
    counts c = {.tok = tok_train(&how, &(tok_text){text, n}, 1, &e)};
    assert_non_null(c.tok);
    tok_encode(c.tok, text, n, NULL, &c.ids);
    c.V = tok_vocab_size(c.tok);
    c.count = calloc((size_t)c.V, sizeof *c.count);
    c.vectors = calloc((size_t)c.V * (size_t)c.V, sizeof *c.vectors);
    count_pairs(&c);
    turn_into_information(&c);
    free(text);
    return c;
}

static void counts_free(counts *c) {
    tok_free(c->tok);
    tok_ids_free(&c->ids);
    free(c->count);
    free(c->vectors);
}

static int32_t id_of(const counts *c, const char *word) {
    int32_t id = tok_find(c->tok, word, strlen(word));
    assert_in_range(id, 1, c->V - 1);
    return id;
}

/* The word nearest to b - a + c, those three aside. */
static int32_t answer(const counts *k, int32_t a, int32_t b, int32_t c) {
    int32_t best = -1;
    float best_score = -1e30f;
    const float *va = k->vectors + a * k->V, *vb = k->vectors + b * k->V;
    const float *vc = k->vectors + c * k->V;
    for (int32_t i = 0; i < k->V; i++) {
        const float *v = k->vectors + i * k->V;
        float score = 0;
        for (int32_t j = 0; j < k->V; j++) score += v[j] * (vb[j] - va[j] + vc[j]);
        if (score > best_score && i != a && i != b && i != c) {
            best = i;
            best_score = score;
        }
    }
    return best;
}

static void test_the_relations_hold(void **state) {
    (void)state;
    enum { EVERY = 13 };
    counts c = counts_of(20000, 5);
    int n, right = 0, asked = 0;
    const train_kingdom_question *q = train_kingdom_questions(&n);
    for (int i = 0; i < n; i += EVERY, asked++) {
        int32_t best = answer(&c, id_of(&c, q[i].a), id_of(&c, q[i].b), id_of(&c, q[i].c));
        right += best == id_of(&c, q[i].d);
    }
    assert_in_range(right, asked * 9 / 10, asked);
    int32_t queen = answer(&c, id_of(&c, "man"), id_of(&c, "woman"), id_of(&c, "king"));
    assert_int_equal(queen, id_of(&c, "queen"));
    counts_free(&c);
}

static void test_every_word_of_a_question_is_frequent(void **state) {
    (void)state;
    counts c = counts_of(20000, 6);
    int n;
    const train_kingdom_question *q = train_kingdom_questions(&n);
    for (int i = 0; i < n; i++) {
        assert_true(c.count[id_of(&c, q[i].a)] >= 50);
        assert_true(c.count[id_of(&c, q[i].b)] >= 50);
    }
    counts_free(&c);
}

/* "slowly", "often" and "finally" are the adverbs of ranks 1, 2 and 10; all have no other use. */
static void test_fillers_follow_zipf(void **state) {
    (void)state;
    counts c = counts_of(20000, 7);
    double first = c.count[id_of(&c, "slowly")];
    assert_true(fabs(c.count[id_of(&c, "often")] / first - 1.0 / 2) < 0.06);
    assert_true(fabs(c.count[id_of(&c, "finally")] / first - 1.0 / 10) < 0.03);
    assert_in_range(c.V, 600, 1000);
    counts_free(&c);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_seed_decides_the_text),
        cmocka_unit_test(test_the_text_is_the_known_one),
        cmocka_unit_test(test_each_line_is_a_plain_sentence),
        cmocka_unit_test(test_no_sentences_is_no_text),
        cmocka_unit_test(test_questions_cover_every_relation),
        cmocka_unit_test(test_the_relations_hold),
        cmocka_unit_test(test_every_word_of_a_question_is_frequent),
        cmocka_unit_test(test_fillers_follow_zipf),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
