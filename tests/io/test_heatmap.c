#include "io/heatmap.h"

#include "base/file.h"
#include "folder.h"
#include "io/font.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define STB_IMAGE_IMPLEMENTATION
#define STBI_ONLY_PNG
#include <stb/stb_image.h>

typedef struct image {
    int width, height;
    unsigned char *rgb;
} image;

static const unsigned char deep_blue[] = {5, 48, 97}, deep_red[] = {103, 0, 31},
                           white[] = {255, 255, 255}, grey[] = {160, 160, 160};

static image draw(const real *x, int64_t rows, int64_t cols, const char *title) {
    err e = {0};
    assert_true(io_heatmap_write(folder_path("map.png"), x, rows, cols, title, &e));
    assert_false(file_exists(folder_path("map.png.tmp")));
    image m;
    m.rgb = stbi_load(folder_path("map.png"), &m.width, &m.height, NULL, 3);
    assert_non_null(m.rgb);
    return m;
}

static bool is(const image *m, int i, const unsigned char *colour) {
    return memcmp(m->rgb + 3 * (size_t)i, colour, 3) == 0;
}

static int count(const image *m, const unsigned char *colour) {
    int n = 0;
    for (int i = 0; i < m->width * m->height; i++) n += is(m, i, colour);
    return n;
}

/* The first pixel of that colour, row by row. */
static int first(const image *m, const unsigned char *colour) {
    int i = 0;
    while (i < m->width * m->height && !is(m, i, colour)) i++;
    return i;
}

static void test_colours_and_places(void **state) {
    (void)state;
    const real x[] = {-2, 2, 0, (real)NAN};
    image m = draw(x, 2, 2, "four cells");
    int side = 500, blue = first(&m, deep_blue);
    assert_int_equal(count(&m, deep_blue), side * side);
    assert_int_equal(count(&m, deep_red), side * side);
    assert_int_equal(count(&m, grey), side * side);
    assert_int_equal(first(&m, deep_red), blue + side);
    assert_int_equal(first(&m, grey), blue + side * m.width + side);
    assert_true(is(&m, blue + side * m.width, white));
    stbi_image_free(m.rgb);
}

static void test_one_outlier_does_not_fade_the_rest(void **state) {
    (void)state;
    real x[200];
    for (int i = 0; i < 200; i++) x[i] = i % 2 ? -1 : 1;
    x[7] = (real)1e6;
    x[8] = (real)INFINITY;
    image m = draw(x, 10, 20, "");
    int side = 60;
    assert_int_equal(count(&m, deep_red), 101 * side * side);
    assert_int_equal(count(&m, deep_blue), 99 * side * side);
    stbi_image_free(m.rgb);
}

static void test_infinities_do_not_fade_the_rest(void **state) {
    (void)state;
    real x[200];
    for (int i = 0; i < 200; i++) x[i] = i % 2 ? -1 : (real)INFINITY;
    image m = draw(x, 10, 20, "");
    assert_int_equal(count(&m, deep_red), 100 * 60 * 60);
    assert_int_equal(count(&m, deep_blue), 100 * 60 * 60);
    stbi_image_free(m.rgb);
}

static void test_all_zeros(void **state) {
    (void)state;
    const real x[6] = {0};
    image m = draw(x, 2, 3, "zeros");
    assert_int_equal(count(&m, deep_red) + count(&m, deep_blue) + count(&m, grey), 0);
    stbi_image_free(m.rgb);
}

static void test_sizes(void **state) {
    (void)state;
    static const struct {
        int64_t rows, cols;
        int width, height; /* of the cells alone */
    } cases[] = {{65, 128, 1152, 585},
                 {3000, 768, 768, 768},
                 {1, 1, 1000, 1000},
                 {1, 5000, 1200, 12},
                 {9000, 4, 40, 1000}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        size_t n = (size_t)(cases[i].rows * cases[i].cols);
        real *x = malloc(n * sizeof *x);
        for (size_t k = 0; k < n; k++) x[k] = 1;
        image m = draw(x, cases[i].rows, cases[i].cols, "ones");
        assert_int_equal(count(&m, deep_red), cases[i].width * cases[i].height);
        assert_in_range(m.width, cases[i].width + 20, 1300);
        assert_in_range(m.height, cases[i].height + 20, 1300);
        stbi_image_free(m.rgb);
        free(x);
    }
}

/* What is drawn of too many rows is spread over all of them. */
static void test_sampling_is_even(void **state) {
    (void)state;
    enum { ROWS = 4000, COLS = 40 };
    real *x = malloc(ROWS * COLS * sizeof *x);
    for (int i = 0; i < ROWS * COLS; i++) x[i] = i / COLS < ROWS / 4 ? -1 : 1;
    image m = draw(x, ROWS, COLS, "");
    assert_int_equal(count(&m, deep_blue), 25 * COLS * 10 * 10);
    assert_int_equal(count(&m, deep_red), 75 * COLS * 10 * 10);
    stbi_image_free(m.rgb);
    free(x);
}

static void test_titles(void **state) {
    (void)state;
    const real x[] = {1};
    char title[400];
    memset(title, 'W', sizeof title);
    title[sizeof title - 1] = '\0';
    image bare = draw(x, 1, 1, ""), full = draw(x, 1, 1, title);
    assert_in_range(full.width, bare.width, 1300);
    assert_true(count(&full, white) <
                count(&bare, white) + (full.width - bare.width) * full.height);
    stbi_image_free(bare.rgb);
    stbi_image_free(full.rgb);
    image utf8 = draw(x, 1, 1, "caf\xc3\xa9\n\x01");
    stbi_image_free(utf8.rgb);
}

static void test_unwritable_place(void **state) {
    (void)state;
    const real x[] = {1};
    err e = {0};
    assert_false(io_heatmap_write(folder_path("absent/map.png"), x, 1, 1, "", &e));
    assert_non_null(strstr(e.message, "No such file"));
}

static bool same_glyph(char a, char b) {
    for (int y = 0; y < IO_FONT_HEIGHT; y++)
        for (int x = 0; x < IO_FONT_WIDTH; x++)
            if (io_font_ink(a, x, y) != io_font_ink(b, x, y)) return false;
    return true;
}

static void test_every_character_has_its_own_glyph(void **state) {
    (void)state;
    for (char a = ' '; a < 127; a++)
        for (char b = ' '; b < a; b++)
            if (same_glyph(a, b)) fail_msg("'%c' looks like '%c'", a, b);
    assert_true(same_glyph('\n', '\xff'));
    assert_false(same_glyph('\n', ' '));
    assert_true(io_font_ink('L', 0, 0) && !io_font_ink('L', 4, 0) && io_font_ink('L', 4, 6));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_colours_and_places),
        cmocka_unit_test(test_one_outlier_does_not_fade_the_rest),
        cmocka_unit_test(test_infinities_do_not_fade_the_rest),
        cmocka_unit_test(test_all_zeros),
        cmocka_unit_test(test_sizes),
        cmocka_unit_test(test_sampling_is_even),
        cmocka_unit_test(test_titles),
        cmocka_unit_test(test_unwritable_place),
        cmocka_unit_test(test_every_character_has_its_own_glyph),
    };
    return cmocka_run_group_tests(tests, folder_make, folder_remove);
}
