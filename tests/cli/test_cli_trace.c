/* gradus trace, on runs that were trained for a moment. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "program.h"

/* Runs over words, over bytes without tied weights, and of word vectors. */
static char words[512], bytes[512], vectors[512];

static bool train(char *run, const char *name, const char *more, const char *most) {
    char config[512], out_dir[600];
    snprintf(config, sizeof config, "%s", folder_path("tiny.ini"));
    snprintf(run, 512, "%s", folder_path(name));
    snprintf(out_dir, sizeof out_dir, "--out_dir=%s", run);
    return RUN("train", config, out_dir, more, most, "--min_count=1").code == 0;
}

static int set_up(void **state) {
    if (program_set_up(state) != 0) return -1;
    setenv("PATH", "/nonexistent", 1); /* no pictures */
    bool ok = train(words, "words", "--tokenizer=word", "--special_tokens=<|sep|>") &&
              train(bytes, "bytes", "--tokenizer=byte", "--tie_weights=false") &&
              train(vectors, "vectors", "--objective=word2vec", "--epochs=1");
    return ok ? 0 : -1;
}

static void test_its_tables(void **state) {
    (void)state;
    outcome o = RUN("trace", words, "--text", "the king and the queen", "-k=3");
    assert_prints(o, "4 positions, loss ");
    assert_prints(o, "weights tied");
    assert_prints(o, "       1  king ");
    assert_prints(o, "  0, 3 ");
    assert_prints(o, "\ninput side: 3 of ");
    for (const char *line = o.out, *end; (end = strchr(line, '\n')); line = end + 1)
        if (strncmp(line, "checkpoint", 10) != 0) assert_true(end - line <= 80);
}

/* The norm in that line of the rows that were not read. */
static double output_of(const char *line) {
    double output;
    assert_int_equal(sscanf(line + 16, "%*d %lf", &output), 1);
    return output;
}

static void test_the_rows_beside_those_read(void **state) {
    (void)state;
    outcome o = RUN("trace", words, "--text", "the king and the queen", "-k=5");
    const char *line = strstr(o.out, "\nrows that were not read");
    assert_non_null(line);
    for (int i = 0; i < 3; i++) line = strchr(line, '\n') + 1;
    const char *last = NULL;
    for (int i = 0; i < 5; i++, last = line, line = strchr(line, '\n') + 1)
        if (last) assert_true(output_of(line) <= output_of(last));
    assert_true(*line == '\n');
    assert_null(strstr(RUN("trace", words, "--text=the king", "-k=0").out, "not read"));
}

static void test_many_positions_are_cut(void **state) {
    (void)state;
    outcome o = RUN("trace", words, "--text", "the the the the the the king");
    assert_prints(o, "  0, 1, 2, .. ");
}

static void test_special_tokens_are_tokens(void **state) {
    (void)state;
    assert_prints(RUN("trace", words, "--text", "the<|sep|>king"), ": 2 positions, loss ");
}

static void test_a_step_lowers_the_loss(void **state) {
    (void)state;
    static char first[PROGRAM_TEXT_SIZE];
    strcpy(first, RUN("trace", bytes, "--text", "the king", "--step=0.1").out);
    const char *at = strstr(first, "at learning rate 0.1: loss ");
    double before, after;
    assert_non_null(at);
    assert_int_equal(sscanf(at, "at learning rate 0.1: loss %lf -> %lf", &before, &after), 2);
    assert_true(after < before);
    outcome o = RUN("trace", bytes, "--text", "the king", "--threads=2", "--step=0.1");
    assert_string_equal(o.out, first);
}

/* The end of a cell, quoted or not. */
static const char *cell_end(const char *at) {
    bool quoted = false;
    for (; quoted || *at != ','; at++) quoted ^= *at == '"';
    return at;
}

/* Reads "id,token,positions,input,output,sum" of that line; true if it has positions. */
static bool read_line(const char *line, int id, double norms[3]) {
    char *end;
    assert_int_equal(strtol(line, &end, 10), id);
    const char *positions = cell_end(end + 1) + 1, *numbers = strchr(positions, ',') + 1;
    norms[2] = 0;
    assert_true(sscanf(numbers, "%lf,%lf,%lf", &norms[0], &norms[1], &norms[2]) >= 2);
    return *positions != ',';
}

static void test_its_csv(void **state) {
    (void)state;
    static char text[PROGRAM_TEXT_SIZE];
    char path[512];
    snprintf(path, sizeof path, "%s", folder_path("trace.csv"));
    assert_int_equal(RUN("trace", bytes, "--text", "hello", "--csv", path).code, 0);
    program_read("trace.csv", text);
    assert_non_null(strstr(text, "\n34,\"\"\"\",,0,")); /* a quote, twice between quotes */
    assert_non_null(strstr(text, "\n44,\",\",,0,"));
    assert_non_null(strstr(text, "\n108,l,2 3,"));
    const char *line = strchr(text, '\n') + 1;
    assert_int_equal(strncmp(text, "id,token,positions,input_norm,output_norm,sum_norm\n", 51), 0);
    for (int id = 0; id < 256; id++, line = strchr(line, '\n') + 1) {
        double norms[3];
        bool is_read = read_line(line, id, norms);
        assert_true(is_read == (id == 'h' || id == 'e' || id == 'l'));
        assert_true(is_read == (norms[0] > 0) && norms[1] > 0);
    }
    assert_int_equal(*line, '\0');
}

static void test_what_is_wrong_is_named(void **state) {
    (void)state;
    assert_error(RUN("trace", words), 2, "usage: gradus trace RUN --text TEXT");
    assert_error(RUN("trace", words, "--text=king"), 1, "--text has 1 token, at least 2");
    outcome o = RUN("trace", words, "--text=the king", "--out=trace.svg");
    assert_error(o, 2, "trace.svg: expected a name that ends in .png");
    assert_string_equal(o.out, "");
    assert_error(RUN("trace", words, "--text="), 1, "--text has 0 tokens");
    assert_error(RUN("trace", bytes, "--text=eighteen bytes ..."), 1,
                 "--text has 18 tokens, at most 17 fit");
}

static void test_what_is_wrong_with_a_run_is_named(void **state) {
    (void)state;
    assert_error(RUN("trace", folder, "--text=a b"), 1, "not a run");
    assert_error(RUN("trace", vectors, "--text=a b"), 1, "holds word vectors, not a GPT");
    assert_int_equal(RUN("trace", words, "--text=the king", "--out", folder_path("t.png")).code, 1);
}

static void test_lesson_5_of_a_run(void **state) {
    (void)state;
    outcome o = RUN("lesson", "5", "--run", words, "--out", folder_path("lessons"));
    assert_prints(o, "The same in ");
    assert_prints(o, "On the input side 5 of ");
    o = RUN("lesson", "5", "--run", words, "--text=king", "--out", folder_path("lessons"));
    assert_int_equal(o.code, 1);
    assert_non_null(strstr(o.err, "the text 'king' is less than two tokens"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_its_tables),
        cmocka_unit_test(test_the_rows_beside_those_read),
        cmocka_unit_test(test_many_positions_are_cut),
        cmocka_unit_test(test_special_tokens_are_tokens),
        cmocka_unit_test(test_a_step_lowers_the_loss),
        cmocka_unit_test(test_its_csv),
        cmocka_unit_test(test_what_is_wrong_is_named),
        cmocka_unit_test(test_what_is_wrong_with_a_run_is_named),
        cmocka_unit_test(test_lesson_5_of_a_run),
    };
    return cmocka_run_group_tests(tests, set_up, tree_remove);
}
