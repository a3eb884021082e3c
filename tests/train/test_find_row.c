/* How a word that is typed is found among tokens and among words. */
#include "train/find_row.h"

#include "base/mem.h"
#include "tokenizer/training.h"
#include "train/rows.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

/* "the" is a token alone and behind a blank, "king" only behind one. */
static const char text[] = "the king, the queen\nthe king, the queen\nthe king\n";

typedef struct fixture {
    tokenizer *tok;
    io_vectors v;
    embed_table table;
} fixture;

static fixture set_up(tok_type type) {
    const tok_training how = {.type = type};
    const tok_text piece = {text, strlen(text)};
    err e = {0};
    fixture f = {.tok = tok_train(&how, &piece, 1, &e)};
    if (!f.tok) fail_msg("%s", e.message);
    return f;
}

/* The table lies where the fixture stays. */
static void open_table(fixture *f) {
    f->v = (io_vectors){.n = tok_vocab_size(f->tok), .width = 1};
    f->v.rows = mem_new((size_t)f->v.n, sizeof *f->v.rows);
    rows_name_tokens(&f->v, f->tok);
    f->table = embed_table_new(&f->v);
}

static void tear_down(fixture *f) {
    embed_table_free(&f->table);
    io_vectors_free(&f->v);
    tok_free(f->tok);
}

/* The name of the row that is found, or "none"; *other likewise. */
static const char *find(const fixture *f, const char *typed, const char **other) {
    int64_t second, row = train_find_row(&f->table, f->tok, typed, &second);
    *other = second < 0 ? "none" : f->v.names[second];
    return row < 0 ? "none" : f->v.names[row];
}

static void test_tokens(void **state) {
    (void)state;
    static const struct {
        const char *typed, *row, *other;
    } cases[] = {
        {"the", "the", " the"},           {" the", " the", "none"},  {"\u2581the", " the", "none"},
        {"king", " king", "none"},        {"KING", " king", "none"}, {"k", "k", "none"},
        {"\\n", "\\n", "none"},           {"\n", "\\n", "none"},     {"queen king", "none", "none"},
        {"\u2581absent", "none", "none"},
    };
    fixture f = set_up(TOK_BPE);
    open_table(&f);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *other, *row = find(&f, cases[i].typed, &other);
        if (strcmp(row, cases[i].row) != 0 || strcmp(other, cases[i].other) != 0)
            fail_msg("'%s': found '%s' and '%s', expected '%s' and '%s'", cases[i].typed, row,
                     other, cases[i].row, cases[i].other);
    }
    tear_down(&f);
}

static void assert_failure(const fixture *f, const char *typed, const char *message) {
    err e = {0};
    assert_false(train_fail_row(&f->table, f->tok, typed, "runs/x", &e));
    assert_int_equal(e.code, ERR_INPUT);
    if (!strstr(e.message, message)) fail_msg("said: %s\n  expected: %s", e.message, message);
}

static void test_what_is_not_found(void **state) {
    (void)state;
    fixture f = set_up(TOK_BPE);
    open_table(&f);
    assert_failure(&f, "zebra", "'zebra' is 5 tokens of runs/x's tokenizer");
    tear_down(&f);
    f = set_up(TOK_WORD);
    open_table(&f);
    assert_failure(&f, "quene", "not in the vocabulary of runs/x (did you mean 'queen'?)");
    assert_failure(&f, "x", "'x' is not in the vocabulary of runs/x");
    tear_down(&f);
}

static void test_words_without_a_tokenizer(void **state) {
    (void)state;
    fixture f = set_up(TOK_WORD);
    open_table(&f);
    int64_t other, king = embed_find(&f.table, "king");
    assert_true(king >= 0);
    assert_int_equal(train_find_row(&f.table, NULL, "king", &other), king);
    assert_int_equal(train_find_row(&f.table, NULL, "King", &other), king);
    assert_int_equal(other, -1);
    assert_int_equal(train_find_row(&f.table, NULL, " king", &other), -1);
    tear_down(&f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tokens),
        cmocka_unit_test(test_what_is_not_found),
        cmocka_unit_test(test_words_without_a_tokenizer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
