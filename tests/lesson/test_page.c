/* Text and tables fit the page. */
#include "lesson/page.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static char *told;
static size_t told_bytes;

static page page_open(page_style style) {
    return (page){open_memstream(&told, &told_bytes), style};
}

static void assert_page(page *p, const char *expected) {
    fclose(p->out);
    assert_string_equal(told, expected);
    free(told);
}

static void test_text_is_wrapped_between_words(void **state) {
    (void)state;
    page p = page_open(PAGE_PLAIN);
    page_text(&p, "%s %s %s", "1234567890123456789012345678901234567890",
              "123456789012345678901234567890123456789", "over\nthe edge");
    assert_page(&p, "1234567890123456789012345678901234567890 "
                    "123456789012345678901234567890123456789\nover the edge\n\n");
}

static void test_a_character_of_several_bytes_is_one_column(void **state) {
    (void)state;
    char line[256] = "";
    for (int i = 0; i < 40; i++) strcat(line, "é ");
    line[strlen(line) - 1] = '\0';
    char expected[300];
    snprintf(expected, sizeof expected, "%s\n\n", line);
    page p = page_open(PAGE_PLAIN);
    page_text(&p, "%s", line);
    assert_page(&p, expected);
}

static void test_a_word_that_no_line_holds_is_cut(void **state) {
    (void)state;
    char word[PAGE_WIDTH + 2], expected[PAGE_WIDTH + 5];
    memset(word, 'x', sizeof word);
    word[sizeof word - 1] = '\0';
    snprintf(expected, sizeof expected, "%.*s\nx\n\n", PAGE_WIDTH, word);
    page p = page_open(PAGE_PLAIN);
    page_text(&p, "%s", word);
    assert_page(&p, expected);
}

static void test_a_cell_is_cut_between_characters(void **state) {
    (void)state;
    char cell[PAGE_CELL_BYTES];
    assert_string_equal(page_cell(cell, "café au lait", 4), "café");
    assert_string_equal(page_cell(cell, "café", 6), "café  ");
    assert_string_equal(page_cell(cell, "a\nb", 3), "a b");
    assert_int_equal(page_fit("café", 9), 5);
    assert_int_equal(page_columns("café"), 4);
}

static void test_headings_are_bold_on_a_terminal_only(void **state) {
    (void)state;
    page p = page_open(PAGE_PLAIN);
    page_heading(&p, "Lesson %d", 1);
    assert_page(&p, "\nLesson 1\n\n");
    p = page_open(PAGE_TERMINAL);
    page_heading(&p, "Lesson %d", 1);
    assert_page(&p, "\n\033[1mLesson 1\033[0m\n\n");
}

static void test_a_matrix_has_a_line_a_row(void **state) {
    (void)state;
    real x[] = {1, -2, 0.5, 0.25};
    tensor m = tensor_2d(x, 2, 2);
    page p = page_open(PAGE_PLAIN);
    page_matrix(&p, "E", (const char *const[]){"cat", "is"}, &m, 2);
    assert_page(&p, "  E (2, 2)\n    cat   1.00  -2.00\n    is    0.50   0.25\n\n");
}

static void test_columns_that_do_not_fit_are_left_out(void **state) {
    (void)state;
    real x[100] = {0};
    tensor row = tensor_1d(x, 100);
    page p = page_open(PAGE_PLAIN);
    page_matrix(&p, "x", NULL, &row, 4);
    fclose(p.out);
    const char *numbers = strchr(told, '\n') + 1;
    size_t n = strcspn(numbers, "\n");
    assert_in_range(n, 70, PAGE_WIDTH);
    assert_memory_equal(numbers + n - 3, " ..", 3);
    free(told);
}

static void test_markdown(void **state) {
    (void)state;
    page p = page_open(PAGE_MARKDOWN);
    page_title(&p, "Lesson %d", 1);
    page_heading(&p, "Your turn");
    page_text(&p, "a <|bos|>\nand 2*3");
    page_text(&p, "1. n_embd, _x");
    page_line(&p, "x  1");
    page_picture(&p, "x", "a/b.png");
    assert_page(
        &p,
        "\n## Lesson 1\n\n\n### Your turn\n\na \\<|bos|> and 2\\*3\n\n1\\. n_embd, \\_x\n\n    x  1\n![x](a/b.png)\n\n");
}

static void test_a_picture_is_named(void **state) {
    (void)state;
    page p = page_open(PAGE_PLAIN);
    page_picture(&p, "x", "a/b.png");
    assert_page(&p, "Picture: a/b.png\n\n");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_text_is_wrapped_between_words),
        cmocka_unit_test(test_a_character_of_several_bytes_is_one_column),
        cmocka_unit_test(test_a_word_that_no_line_holds_is_cut),
        cmocka_unit_test(test_a_cell_is_cut_between_characters),
        cmocka_unit_test(test_headings_are_bold_on_a_terminal_only),
        cmocka_unit_test(test_a_matrix_has_a_line_a_row),
        cmocka_unit_test(test_columns_that_do_not_fit_are_left_out),
        cmocka_unit_test(test_markdown),
        cmocka_unit_test(test_a_picture_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
