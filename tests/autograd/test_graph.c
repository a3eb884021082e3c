/* A tape drawn: what is in the text for Graphviz. */
#include "autograd/graph.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "dot.h"
#include "folder.h"
#include "graph.h"
#include "io/graphviz.h"

static str drawn;
static ag_graph_size size;

static const ag_graph_options plain = {
    .numbers = 4, .digits = 3, .formulas = true, .n_open = AG_GRAPH_ALL};

static void draw(const ag_tape *t, ag_graph_options o) {
    str_free(&drawn);
    drawn = (str){0};
    size = ag_graph_write(&drawn, t, &o);
    assert_int_equal(assert_dot(drawn.data), size.boxes);
    assert_int_equal(dot_count(drawn.data, " -> "), size.arrows);
}

static int tear_down(void **state) {
    str_free(&drawn);
    return folder_remove(state);
}

static void assert_drawn(const char *part) {
    if (!strstr(drawn.data, part)) fail_msg("expected '%s' in:\n%s", part, drawn.data);
}

static void assert_not_drawn(const char *part) {
    if (strstr(drawn.data, part)) fail_msg("did not expect '%s' in:\n%s", part, drawn.data);
}

/* Where it is there. */
static void assert_graphviz_takes_it(void) {
    err e = {0};
    if (io_graphviz_available() &&
        !io_graphviz_write(folder_path("graph.svg"), drawn.data, drawn.len, &e))
        fail_msg("%s in:\n%s", e.message, drawn.data);
}

static ag_var *leaf_of(ag_tape *t, real *numbers, int64_t n, const char *name) {
    ag_var *v = ag_leaf(t, tensor_1d(numbers, n));
    v->name = name;
    return v;
}

static void test_a_variable_says_what_it_is(void **state) {
    (void)state;
    real numbers[] = {1, -2, 3};
    ag_tape *t = ag_tape_new(AG_KEEP);
    ag_var *x = leaf_of(t, numbers, 3, "x"), *y = ag_sum(t, ag_mul(t, x, x));
    y->name = "total";
    ag_backward(t, y, 1);
    draw(t, plain);
    assert_drawn("<B>x</B>");
    assert_drawn(">1&#160; -2&#160; 3<");
    assert_drawn(">2&#160; -4&#160; 6<");
    assert_drawn("<B>mul</B>");
    assert_drawn("a * b");
    assert_drawn("(3) " REAL_NAME);
    assert_drawn("<B>total</B>");
    assert_drawn(">14<");
    ag_tape_free(t);
}

static void test_what_is_used_twice_is_one_box_with_two_arrows(void **state) {
    (void)state;
    real numbers[] = {3};
    ag_tape *t = ag_tape_new(AG_KEEP);
    ag_var *x = leaf_of(t, numbers, 1, "x");
    ag_mul(t, x, x);
    draw(t, plain);
    assert_int_equal(size.boxes, 2);
    assert_int_equal(dot_count(drawn.data, "n0 -> n1;"), 2);
    ag_tape_free(t);
}

static void test_only_what_y_is_computed_from(void **state) {
    (void)state;
    real numbers[] = {3};
    ag_tape *t = ag_tape_new(AG_KEEP);
    ag_var *x = leaf_of(t, numbers, 1, "x"), *y = ag_tanh(t, x);
    ag_relu(t, y);
    ag_graph_options o = plain;
    o.y = y;
    draw(t, plain);
    assert_int_equal(size.boxes, 3);
    assert_not_drawn("where backward begins");
    draw(t, o);
    assert_int_equal(size.boxes, 2);
    assert_drawn("where backward begins");
    assert_not_drawn("relu");
    ag_tape_free(t);
}

static void test_names_and_titles_are_only_text(void **state) {
    (void)state;
    real numbers[] = {3};
    ag_tape *t = ag_tape_new(AG_KEEP);
    leaf_of(t, numbers, 1, "<b> & \"c\" {|} \\ ]\n\xff \xc3\xa9");
    ag_graph_options o = plain;
    o.title = "</TABLE>\x01";
    draw(t, o);
    assert_graphviz_takes_it();
    assert_drawn("&lt;b&gt; &amp; \"c\" {|} \\ ] \xEF\xBF\xBD \xc3\xa9");
    assert_drawn("&lt;/TABLE&gt; ");
    ag_tape_free(t);
}

static void test_large_tensors_are_summed_up(void **state) {
    (void)state;
    real numbers[] = {3, -4, 0, 0, 0};
    ag_tape *t = ag_tape_new(AG_KEEP);
    leaf_of(t, numbers, 5, "x");
    draw(t, plain);
    assert_drawn("norm 5, from -4 to 3");
    ag_tape_free(t);
}

static void test_views_say_their_range(void **state) {
    (void)state;
    ag_tape *t = ag_tape_new(AG_KEEP);
    ag_var *x = random_leaf(t, 1, SHAPE(2, 6));
    ag_var *y = ag_sum(t, ag_slice(t, ag_slice(t, x, 1, 1, 4), 1, 2, 2));
    for (int i = 0; i < 12; i++) x->value.data[i] = (real)i;
    ag_backward(t, y, 1);
    draw(t, plain);
    assert_drawn("x[:, 1:5]");
    assert_drawn("x[:, 2:4]");
    assert_drawn("filled,dashed");
    assert_drawn(">3&#160; 4<BR ALIGN=\"LEFT\"/>9&#160; 10<");
    assert_drawn(">1&#160; 1<BR ALIGN=\"LEFT\"/>1&#160; 1<");
    ag_tape_free(t);
}

static void test_bf16_is_named_and_read(void **state) {
    (void)state;
    real x[] = {1, 2}, w[] = {0.5, 0, 0, 0.25};
    ag_tape *t = ag_tape_new(AG_KEEP);
    ag_tape_set_activations(t, TENSOR_BF16);
    ag_var *in = ag_input(t, tensor_2d(x, 1, 2));
    ag_linear(t, in, ag_leaf(t, tensor_2d(w, 2, 2)), NULL, AG_IDENTITY);
    draw(t, plain);
    assert_drawn("(1, 2) bf16");
    assert_drawn(">0.5&#160; 0.5<");
    assert_drawn(">constant<");
    ag_tape_free(t);
}

/* The gradient's memory holds NaN where no id pointed. */
static void test_rows_without_gradient_count_as_zeros(void **state) {
    (void)state;
    static const int32_t ids[] = {2, 0};
    ag_var w;
    parameter_init(&w, "w", 1, SHAPE(3, 2));
    ag_tape *t = ag_tape_new(AG_KEEP);
    ag_backward(t, ag_sum(t, ag_embedding(t, &w, ids, 1, 2)), 1);
    draw(t, plain);
    assert_drawn("norm 2, from 0 to 1, in 2 of 3 rows");
    ag_graph_options all = plain;
    all.numbers = 6;
    draw(t, all);
    assert_drawn(">1&#160; 1<BR ALIGN=\"LEFT\"/>0&#160; 0<BR ALIGN=\"LEFT\"/>1&#160; 1<");
    ag_tape_free(t);
    parameter_free(&w);
}

static void test_numbers_that_are_gone_are_left_out(void **state) {
    (void)state;
    real numbers[] = {2};
    ag_var p;
    parameter_init(&p, "untouched", 1, SHAPE(1));
    ag_tape *t = ag_tape_new(AG_RELEASE);
    ag_var *y = ag_mul(t, leaf_of(t, numbers, 1, "x"), ag_input(t, tensor_1d(numbers, 1)));
    ag_tanh(t, &p);
    ag_backward(t, y, 1);
    draw(t, plain);
    assert_int_equal(dot_count(drawn.data, ">value&#160;<"), 3); /* of the leaves */
    assert_int_equal(dot_count(drawn.data, ">grad&#160;<"), 1);  /* of x */
    ag_tape_free(t);
    parameter_free(&p);
}

/* A leaf of the tape with a name is no parameter: its rows would never be freed. */
static void test_any_variable_may_be_named(void **state) {
    (void)state;
    static const int32_t ids[] = {1};
    ag_tape *t = ag_tape_new(AG_KEEP);
    ag_var *w = random_leaf(t, 1, SHAPE(2, 1)), *y = ag_embedding(t, w, ids, 1, 1);
    w->name = "w";
    y->name = "row";
    ag_backward(t, ag_sum(t, y), 1);
    draw(t, plain);
    assert_drawn(">0<BR ALIGN=\"LEFT\"/>1<");
    ag_tape_free(t);
}

/* Two blocks of x + w x, with a head that is the first matrix again. */
enum { N_PARAMETERS = 4 };
static const char *const names[N_PARAMETERS] = {"wte.weight", "h.0.mlp.w.weight",
                                                "h.1.mlp.w.weight", "ln.weight"};

static ag_var *two_blocks(ag_tape *t, ag_var *w) {
    ag_var *x = ag_tanh(t, &w[0]);
    for (int i = 1; i <= 2; i++) x = ag_add(t, x, ag_relu(t, ag_mul(t, x, &w[i])));
    return ag_sum(t, ag_mul(t, ag_mul(t, x, &w[3]), &w[0]));
}

static void with_two_blocks(void (*look)(const ag_tape *t, const ag_var *y)) {
    ag_var w[N_PARAMETERS];
    ag_tape *t = ag_tape_new(AG_KEEP);
    for (int i = 0; i < N_PARAMETERS; i++) parameter_init(&w[i], names[i], 1, SHAPE(2));
    look(t, two_blocks(t, w));
    ag_tape_free(t);
    for (int i = 0; i < N_PARAMETERS; i++) parameter_free(&w[i]);
}

static void look_at_frames(const ag_tape *t, const ag_var *y) {
    ag_graph_options o = plain;
    o.y = y;
    o.grouped = true;
    draw(t, o);
    assert_graphviz_takes_it();
    assert_int_equal(size.boxes, 4 + 1 + 3 * 2 + 3);
    assert_int_equal(dot_count(drawn.data, "subgraph cluster"), 4);
    assert_int_equal(dot_count(drawn.data, "label=<<B>h.0</B>>"), 1);
    assert_int_equal(dot_count(drawn.data, "label=<<B>mlp</B>>"), 2);
    const char *frame = strstr(drawn.data, "<B>h.1</B>"), *last = strstr(frame, "<B>add</B>");
    assert_non_null(last);
    assert_true(strstr(frame, "\n        }\n") < last); /* the sum stands behind the mlp, */
    assert_true(strstr(frame, "\n    }\n") > last);     /* but in h.1 */
}

static void test_frames_by_the_names_of_parameters(void **state) {
    (void)state;
    with_two_blocks(look_at_frames);
}

static void look_at_closed(const ag_tape *t, const ag_var *y) {
    ag_graph_options o = plain;
    o.y = y;
    o.grouped = true;
    o.n_open = 1;
    draw(t, o);
    assert_graphviz_takes_it();
    assert_int_equal(size.boxes, 4 + 1 + 3 + 3);
    assert_drawn("<B>h.1</B></TD></TR><TR><TD>3 results</TD></TR>"
                 "<TR><TD>1 parameter with 2 numbers<");
    assert_not_drawn("h.1.mlp.w.weight");
    o.n_open = 0;
    draw(t, o);
    assert_int_equal(size.boxes, 2 + 1 + 2 + 3);
    assert_not_drawn("subgraph");
    assert_int_equal(size.arrows, 1 + 1 + 1 + 2 + 2 + 1);
}

static void test_blocks_as_one_box_each(void **state) {
    (void)state;
    with_two_blocks(look_at_closed);
}

static void look_twice(const ag_tape *t, const ag_var *y) {
    (void)y;
    draw(t, plain);
    str first = drawn;
    drawn = (str){0};
    draw(t, plain);
    assert_string_equal(first.data, drawn.data);
    assert_int_equal(dot_count(drawn.data, "<B>wte.weight</B>"), 1);
    assert_int_equal(dot_count(drawn.data, " n0 -> "), 2);
    str_free(&first);
}

static void test_the_same_tape_gives_the_same_text(void **state) {
    (void)state;
    with_two_blocks(look_twice);
}

static void test_an_empty_tape(void **state) {
    (void)state;
    ag_tape *t = ag_tape_new(AG_KEEP);
    draw(t, plain);
    assert_int_equal(size.boxes, 0);
    assert_graphviz_takes_it();
    ag_tape_free(t);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_variable_says_what_it_is),
        cmocka_unit_test(test_what_is_used_twice_is_one_box_with_two_arrows),
        cmocka_unit_test(test_only_what_y_is_computed_from),
        cmocka_unit_test(test_names_and_titles_are_only_text),
        cmocka_unit_test(test_large_tensors_are_summed_up),
        cmocka_unit_test(test_views_say_their_range),
        cmocka_unit_test(test_bf16_is_named_and_read),
        cmocka_unit_test(test_rows_without_gradient_count_as_zeros),
        cmocka_unit_test(test_numbers_that_are_gone_are_left_out),
        cmocka_unit_test(test_any_variable_may_be_named),
        cmocka_unit_test(test_frames_by_the_names_of_parameters),
        cmocka_unit_test(test_blocks_as_one_box_each),
        cmocka_unit_test(test_the_same_tape_gives_the_same_text),
        cmocka_unit_test(test_an_empty_tape),
    };
    return cmocka_run_group_tests(tests, folder_make, tear_down);
}
