#include "train/encode_text.h"

#include "base/mem.h"
#include "tokenizer/training.h"
#include "train/kingdom.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char *text;
static size_t n_text;

/* Sentences, a line each, with empty lines, indented ones and characters beyond ASCII among them.
 */
static int write_text(void **state) {
    (void)state;
    FILE *f = open_memstream(&text, &n_text);
    if (!f) return -1;
    for (int i = 0; i < 40; i++) {
        train_kingdom_write(f, 5, (uint64_t)i);
        fputs(i % 3 ? "a blank at the end \n\n" : "  caf\xC3\xA9 \n9 lives \xE2\x80\xA8\n9\n", f);
    }
    return fclose(f);
}

static int free_text(void **state) {
    (void)state;
    free(text);
    return 0;
}

typedef struct taken {
    tok_ids ids;
    int64_t n_stretches, stop_after;
    double done;
} taken;

static bool take(void *context, const tok_ids *ids, double done) {
    taken *t = context;
    assert_true(done > t->done && done <= 1);
    t->done = done;
    memcpy(tok_ids_reserve(&t->ids, ids->len), ids->data, ids->len * sizeof *ids->data);
    t->ids.len += ids->len;
    return ++t->n_stretches != t->stop_after;
}

/* Stretches of any length give the ids of the whole; returns how many of 100 bytes there are. */
static int64_t assert_same_ids(tok_type type) {
    err e = {0};
    const tok_training how = {.type = type, .vocab_size = type == TOK_BYTE ? 0 : 500};
    tokenizer *tok = tok_train(&how, &(tok_text){text, n_text}, 1, &e);
    if (!tok) fail_msg("%s", e.message);
    tok_ids whole = {0};
    tok_encode(tok, text, n_text, NULL, &whole);
    int64_t n_stretches = 0;
    for (size_t stretch = 1; stretch < 2 * n_text; stretch *= 10) {
        taken t = {0};
        assert_true(train_encode_text(tok, text, n_text, stretch, take, &t));
        assert_true(t.done == 1);
        assert_int_equal(t.ids.len, whole.len);
        assert_memory_equal(t.ids.data, whole.data, whole.len * sizeof *whole.data);
        if (stretch == 100) n_stretches = t.n_stretches;
        tok_ids_free(&t.ids);
    }
    tok_ids_free(&whole);
    tok_free(tok);
    return n_stretches;
}

static void test_stretches_give_the_ids_of_the_whole(void **state) {
    (void)state;
    static const tok_type types[] = {TOK_BYTE, TOK_CHAR, TOK_WORD, TOK_BPE, TOK_WORDPIECE};
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        assert_true(assert_same_ids(types[i]) > 20);
}

/* It puts a blank before each text: there is one only. */
static void test_sentencepiece_gets_the_whole_text(void **state) {
    (void)state;
    assert_int_equal(assert_same_ids(TOK_UNIGRAM), 1);
}

static void test_it_can_be_stopped(void **state) {
    (void)state;
    err e = {0};
    const tok_training how = {.type = TOK_BYTE};
    tokenizer *tok = tok_train(&how, NULL, 0, &e);
    taken t = {.stop_after = 2};
    assert_false(train_encode_text(tok, text, n_text, 100, take, &t));
    assert_int_equal(t.n_stretches, 2);
    assert_true(t.ids.len < n_text);
    tok_ids_free(&t.ids);
    tok_free(tok);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_stretches_give_the_ids_of_the_whole),
        cmocka_unit_test(test_sentencepiece_gets_the_whole_text),
        cmocka_unit_test(test_it_can_be_stopped),
    };
    return cmocka_run_group_tests(tests, write_text, free_text);
}
