/* gradus graph, on a run that is trained in a moment and on its config; without Graphviz. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "dot.h"
#include "program.h"

static char run[512], tiny_ini[512], vectors[512], graph[512], picture[512];

static void name_path(char *out, const char *name) {
    snprintf(out, sizeof run, "%s", folder_path(name));
}

static int set_up(void **state) {
    static const char of_vectors[] = "[run]\nobjective = word2vec\n";
    err e = {0};
    char config[600];
    if (program_set_up(state) != 0) return -1;
    name_path(run, "run");
    name_path(tiny_ini, "tiny.ini");
    name_path(vectors, "vectors");
    name_path(graph, "graph.dot");
    name_path(picture, "graph.svg");
    snprintf(config, sizeof config, "%s/config.ini", vectors);
    if (!file_make_folder(vectors, &e) || !file_write(config, of_vectors, strlen(of_vectors), &e))
        return -1;
    setenv("PATH", folder, 1);
    return RUN("train", tiny_ini, "--special_tokens=<|sep|>").code;
}

static const char *read_graph(void) {
    static char text[PROGRAM_TEXT_SIZE];
    return program_read("graph.dot", text);
}

static void assert_in_graph(const char *part) {
    if (!strstr(read_graph(), part)) fail_msg("expected '%s' in:\n%s", part, read_graph());
}

/* How many boxes and arrows the program says it drew are in the file. */
static void assert_drawn(outcome o) {
    int boxes, arrows;
    const char *last = strstr(o.out, "graph.dot: ");
    assert_prints(o, "loss ");
    assert_int_equal(last ? sscanf(last, "graph.dot: %d boxes, %d arrows", &boxes, &arrows) : 0, 2);
    assert_int_equal(assert_dot(read_graph()), boxes);
    assert_int_equal(dot_count(read_graph(), " -> "), arrows);
}

static void test_a_run(void **state) {
    (void)state;
    const outcome o = RUN("graph", run, "--text", "the \"&\" <man>", "--out", graph);
    assert_drawn(o);
    assert_prints(o, "1 of 2 blocks are drawn as one box each; --layers 2 draws all");
    assert_in_graph("<B>h.0.attn.c_attn.weight</B>");
    assert_in_graph("softmax(q k^T / sqrt(HS), causal) v per head");
    assert_in_graph("The loss of \"the \"&amp;\" &lt;man&gt;\" by ");
    assert_in_graph("<B>h.1</B></TD>");
    assert_in_graph("<B>loss</B>");
    assert_in_graph("<B>q</B>");
    assert_in_graph("<B>v</B>");
    assert_int_equal(dot_count(read_graph(), "<B>wte.weight</B>"), 1);
    assert_true(dot_count(read_graph(), " n0 -> ") == 2); /* tied: rows and head */
}

/* The numbers are those of the run, whose special tokens a text may hold. */
static void test_the_loss_is_that_of_the_trace(void **state) {
    (void)state;
    char loss[32];
    const outcome o = RUN("graph", run, "--text", "the<|sep|>king", "--out", graph);
    const char *at = strstr(o.out, "loss ");
    assert_non_null(at);
    snprintf(loss, sizeof loss, "%.*s,", (int)strcspn(at, "\n"), at);
    assert_prints(RUN("trace", run, "--text", "the<|sep|>king"), loss);
}

static void test_layers(void **state) {
    (void)state;
    assert_drawn(RUN("graph", run, "--text", "the king", "--out", graph, "--layers=2"));
    assert_in_graph("<B>h.1.mlp.c_proj.weight</B>");
    assert_int_equal(dot_count(read_graph(), "subgraph cluster"), 6);
    assert_drawn(RUN("graph", run, "--text", "the king", "--out", graph, "--layers=0"));
    assert_int_equal(dot_count(read_graph(), "subgraph cluster"), 0);
}

static void test_numbers(void **state) {
    (void)state;
    assert_drawn(RUN("graph", run, "--text", "the king", "--out", graph, "--numbers=16"));
    const int all = dot_count(read_graph(), "norm ");
    assert_drawn(RUN("graph", run, "--text", "the king", "--out", graph, "--numbers=0"));
    assert_true(dot_count(read_graph(), "norm ") > all);
}

static void test_a_config_of_each_tokenizer(void **state) {
    (void)state;
    static const char *const types[] = {"byte", "char", "word", "bpe", "wordpiece", "unigram"};
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        char path[512], text[256];
        err e = {0};
        name_path(path, "other.ini");
        int n = snprintf(text, sizeof text,
                         "[data]\ntokenizer = %s\n[model]\nn_layer = 1\nn_head = 1\nn_embd = 8\n"
                         "block_size = 32\ndropout = 0.5\n",
                         types[i]);
        assert_true(file_write(path, text, (size_t)n, &e));
        assert_drawn(RUN("graph", path, "--text", "a king and a queen", "--out", graph));
        assert_int_equal(dot_count(read_graph(), ">dropout<"), 0);
    }
}

/* h.1 is not around h.10. */
static void test_more_than_ten_layers(void **state) {
    (void)state;
    char path[512];
    err e = {0};
    static const char deep[] = "[data]\ntokenizer = byte\n[model]\nn_layer = 11\nn_head = 1\n"
                               "n_embd = 8\nblock_size = 8\n";
    name_path(path, "deep.ini");
    assert_true(file_write(path, deep, strlen(deep), &e));
    assert_drawn(RUN("graph", path, "--text", "ab", "--out", graph, "--layers=11"));
    assert_int_equal(dot_count(read_graph(), "subgraph cluster"), 3 * 11);
    assert_drawn(RUN("graph", path, "--text", "ab", "--out", graph, "--layers=2"));
    assert_int_equal(dot_count(read_graph(), "subgraph cluster"), 3 * 2);
    assert_int_equal(dot_count(read_graph(), "<B>h.10</B>"), 1);
}

static void test_without_graphviz(void **state) {
    (void)state;
    assert_error(RUN("graph", run, "--text", "the king", "--out", picture), 1,
                 "apt-get install graphviz");
    assert_false(file_exists(picture));
    assert_true(file_exists(graph));
}

static void test_errors(void **state) {
    (void)state;
    assert_error(RUN("graph", run, "--out", graph), 2, "usage: gradus graph");
    assert_error(RUN("graph", run, "--text", "the king"), 2, "usage: gradus graph");
    assert_error(RUN("graph", run, "--text", "the king", "--out", run), 2, ".svg, .png, .pdf");
    assert_error(RUN("graph", run, "--text", "k", "--out", graph), 1, "at least 2");
    assert_error(RUN("graph", run, "--text", "", "--out", graph), 1, "--text has no token");
    assert_error(RUN("graph", run, "--text", "the king and the queen", "--out", graph), 1,
                 "more than the 17 that");
    assert_error(RUN("graph", vectors, "--text", "the king", "--out", graph), 1, "word vectors");
    assert_error(RUN("graph", folder, "--text", "the king", "--out", graph), 1, "not a run");
    assert_error(RUN("graph", "none.ini", "--text", "the king", "--out", graph), 1, "none.ini");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_run),
        cmocka_unit_test(test_the_loss_is_that_of_the_trace),
        cmocka_unit_test(test_layers),
        cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_a_config_of_each_tokenizer),
        cmocka_unit_test(test_more_than_ten_layers),
        cmocka_unit_test(test_without_graphviz),
        cmocka_unit_test(test_errors),
    };
    return cmocka_run_group_tests(tests, set_up, tree_remove);
}
