/* Lesson 6: the numbers of micrograd's README, and that gradients are sums over uses. */
#include "lesson/06_graph.h"

#include "base/file.h"
#include "base/mem.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "dot.h"
#include "lesson_page.h"

static const double allowed = sizeof(real) == 8 ? 1e-4 : 1e-3;

static void assert_about(double x, double expected, double within) {
    if (!(fabs(x - expected) < within)) fail_msg("%.9g, expected %.9g", x, expected);
}

static double number(const tensor *x) {
    return (double)x->data[0];
}

static void test_the_numbers_of_the_readme(void **state) {
    (void)state;
    scalar_graph s;
    scalar_graph_make(&s, -4, 2);
    assert_about(number(&s.g->value), 24.7041, 1e-4);
    assert_about(number(&s.a->grad), 138.8338, allowed);
    assert_about(number(&s.b->grad), 645.5773, allowed);
    assert_about(scalar_graph_formula(-4, 2), number(&s.g->value), 1e-4);
    scalar_graph_free(&s);
}

static void test_against_differences(void **state) {
    (void)state;
    static const double points[][2] = {{-4, 2}, {1.5, -0.5}, {0.25, 1}};
    for (size_t i = 0; i < sizeof points / sizeof *points; i++) {
        const double a = points[i][0], b = points[i][1], h = 1e-6;
        const double da =
            (scalar_graph_formula(a + h, b) - scalar_graph_formula(a - h, b)) / (2 * h);
        const double db =
            (scalar_graph_formula(a, b + h) - scalar_graph_formula(a, b - h)) / (2 * h);
        const double relative = sizeof(real) == 8 ? 1e-6 : 1e-4;
        scalar_graph s;
        scalar_graph_make(&s, a, b);
        assert_about(number(&s.a->grad), da, relative * (1 + fabs(da)));
        assert_about(number(&s.b->grad), db, relative * (1 + fabs(db)));
        scalar_graph_free(&s);
    }
}

/* Whatever is used: what backward gives is what the slopes say. */
static void test_gradients_add_over_uses(void **state) {
    (void)state;
    scalar_graph s;
    scalar_graph_make(&s, -4, 2);
    assert_int_equal(s.n, SCALAR_GRAPH_STEPS);
    assert_about(scalar_graph_arrives(&s, s.a), number(&s.a->grad), 1e-3);
    assert_about(scalar_graph_arrives(&s, s.b), number(&s.b->grad), 1e-3);
    for (int i = 0; i + 1 < s.n; i++)
        assert_about(scalar_graph_arrives(&s, s.steps[i].v), number(&s.steps[i].v->grad), 1e-4);
    scalar_graph_free(&s);
}

static void test_exercises(void **state) {
    (void)state;
    err e = {0};
    assert_true(lesson_check(6, 1, "0.6456", &e)); /* 645.5773 times 0.001 */
    assert_true(lesson_check(6, 2, "7", &e));
    assert_false(lesson_check(6, 1, "645.5773", &e));
    e = (err){0};
    assert_false(lesson_check(6, 2, "6", &e));
}

/* Without Graphviz: the graph is written in any case. */
static void test_told(void **state) {
    (void)state;
    err e = {0};
    file_map file;
    tell_lesson(6);
    assert_told("24.7041");
    assert_told("138.8338           138.8338");
    assert_told("645.5773           645.5773");
    assert_told("06_graph.dot");
    free(page_told);
    assert_true(file_open_map(&file, folder_path("06_graph.dot"), &e));
    char *text = mem_copy_string(file.data, file.size);
    file_close_map(&file);
    assert_int_equal(assert_dot(text), SCALAR_GRAPH_STEPS + 4); /* a, b and twice 1 */
    assert_non_null(strstr(text, "<B>g = g1 + 10 / f</B>"));
    assert_non_null(strstr(text, ">24.704"));
    free(text);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_numbers_of_the_readme),
        cmocka_unit_test(test_against_differences),
        cmocka_unit_test(test_gradients_add_over_uses),
        cmocka_unit_test(test_exercises),
        cmocka_unit_test(test_told),
    };
    return cmocka_run_group_tests(tests, lesson_set_up, folder_remove);
}
