#include "io/csv.h"

#include "base/file.h"
#include "folder.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <string.h>

static const char *const columns[] = {"step", "train_loss", "val_loss"};

static void put(const char *text) {
    err e = {0};
    assert_true(file_write(folder_path("log.csv"), text, strlen(text), &e));
}

static void assert_holds(const char *text) {
    err e = {0};
    file_map map;
    assert_true(file_open_map(&map, folder_path("log.csv"), &e));
    assert_int_equal(map.size, strlen(text));
    assert_memory_equal(map.data, text, map.size);
    file_close_map(&map);
}

static void assert_unreadable(const char *text, const char *reason) {
    io_csv_table table;
    err e = {0};
    put(text);
    assert_false(io_csv_read(&table, folder_path("log.csv"), &e));
    assert_int_equal(e.code, ERR_INPUT);
    if (!strstr(e.message, reason)) fail_msg("said: %s\n  expected: %s", e.message, reason);
    io_csv_table_free(&table);
}

static void test_rows_as_text(void **state) {
    (void)state;
    io_csv csv;
    err e = {0};
    put("an older log\n");
    assert_true(io_csv_create(&csv, folder_path("log.csv"), columns, 3, &e));
    assert_holds("step,train_loss,val_loss\n");
    assert_true(io_csv_row(&csv, (double[]){0, 4.25, NAN}));
    assert_holds("step,train_loss,val_loss\n0,4.25,\n");
    assert_true(io_csv_row(&csv, (double[]){123456789012, 1.0 / 3, 1e-12}));
    assert_true(io_csv_row(&csv, (double[]){2, INFINITY, -INFINITY}));
    io_csv_close(&csv);
    assert_holds("step,train_loss,val_loss\n0,4.25,\n123456789012,0.333333333,1e-12\n2,inf,-inf\n");
}

static void test_reads_what_it_writes(void **state) {
    (void)state;
    io_csv csv;
    io_csv_table table;
    err e = {0};
    assert_true(io_csv_create(&csv, folder_path("log.csv"), columns, 3, &e));
    for (int step = 0; step < 1000; step++)
        io_csv_row(&csv, (double[]){step, 1.5 * step, step % 10 ? NAN : step / 4.0});
    io_csv_row(&csv, (double[]){1000, INFINITY, -INFINITY});
    io_csv_close(&csv);
    assert_true(io_csv_read(&table, folder_path("log.csv"), &e));
    assert_int_equal(table.n_columns, 3);
    assert_int_equal(table.n_rows, 1001);
    const double *loss = io_csv_column(&table, "train_loss"), *val = table.columns[2];
    assert_ptr_equal(loss, table.columns[1]);
    assert_null(io_csv_column(&table, "lr"));
    for (int step = 0; step < 1000; step++) {
        assert_true(loss[step] == 1.5 * step);
        assert_true(step % 10 ? isnan(val[step]) : val[step] == step / 4.0);
    }
    assert_true(isinf(loss[1000]) && loss[1000] > 0 && isinf(val[1000]) && val[1000] < 0);
    io_csv_table_free(&table);
}

static void test_reads_only_whole_lines(void **state) {
    (void)state;
    io_csv_table table;
    err e = {0};
    put("a,b\r\n1,2\r\n3,4\n5,");
    assert_true(io_csv_read(&table, folder_path("log.csv"), &e));
    assert_string_equal(table.names[1], "b");
    assert_int_equal(table.n_rows, 2);
    assert_true(table.columns[1][0] == 2 && table.columns[1][1] == 4);
    io_csv_table_free(&table);
    put("a\n");
    assert_true(io_csv_read(&table, folder_path("log.csv"), &e));
    assert_int_equal(table.n_rows, 0);
    io_csv_table_free(&table);
}

static void test_refuses_what_is_no_table(void **state) {
    (void)state;
    assert_unreadable("", "no header line");
    assert_unreadable("a,b", "no header line");
    assert_unreadable("a,b\n1,2\n3\n", "log.csv:3: 1 cells, expected 2");
    assert_unreadable("a,b\n1,2,3\n", "log.csv:2: 3 cells, expected 2");
    assert_unreadable("a,b\n1,2\n3,x4\n", "log.csv:3: 'x4' is not a number (column b)");
    assert_unreadable("a,b\n1,0x10\n", "'0x10' is not a number");
    io_csv_table table;
    err e = {0};
    assert_false(io_csv_read(&table, folder_path("absent.csv"), &e));
    assert_non_null(strstr(e.message, "absent.csv: No such file"));
}

static void test_resume_drops_later_rows(void **state) {
    (void)state;
    io_csv csv;
    err e = {0};
    put("step,train_loss,val_loss\n0,4,4\n10,3,\n20,2,\n20,2,1\n30,1,\n40,0.");
    assert_true(io_csv_resume(&csv, folder_path("log.csv"), columns, 3, 20, &e));
    assert_holds("step,train_loss,val_loss\n0,4,4\n10,3,\n20,2,\n20,2,1\n");
    assert_true(io_csv_row(&csv, (double[]){30, 1.25, NAN}));
    io_csv_close(&csv);
    assert_holds("step,train_loss,val_loss\n0,4,4\n10,3,\n20,2,\n20,2,1\n30,1.25,\n");
    assert_false(file_exists(folder_path("log.csv.tmp")));
}

static void test_resume_drops_a_half_line_it_could_keep(void **state) {
    (void)state;
    io_csv csv;
    err e = {0};
    put("step,train_loss,val_loss\n0,4,4\n10,3,1");
    assert_true(io_csv_resume(&csv, folder_path("log.csv"), columns, 3, 10, &e));
    io_csv_close(&csv);
    assert_holds("step,train_loss,val_loss\n0,4,4\n");
}

static void test_resume_refuses_another_table(void **state) {
    (void)state;
    static const char *const texts[] = {"step,train_loss\n0,4\n", "", "step,train_loss,val_loss",
                                        "step,train_loss,val_loss\nzero,1,2\n"};
    static const char *const reasons[] = {"the columns are 'step,train_loss', expected 'step,train",
                                          "the columns are ''", "the columns are ''",
                                          "log.csv:2: the first cell is not a number"};
    for (int i = 0; i < 4; i++) {
        io_csv csv;
        err e = {0};
        put(texts[i]);
        assert_false(io_csv_resume(&csv, folder_path("log.csv"), columns, 3, 20, &e));
        if (!strstr(e.message, reasons[i])) fail_msg("said: %s", e.message);
        assert_holds(texts[i]);
        assert_false(file_exists(folder_path("log.csv.tmp")));
        io_csv_close(&csv);
    }
}

static const char *const worded[] = {"step", "word", "a, b", "say \"a\""};

/* RFC 4180: a comma or a quote is quoted, and quotes are doubled. */
static void test_texts_are_quoted(void **state) {
    (void)state;
    io_csv csv;
    err e = {0};
    assert_true(io_csv_create(&csv, folder_path("log.csv"), worded, 4, &e));
    assert_true(io_csv_text_row(&csv, (const char *const[]){"0", "king", ",", ""}));
    assert_true(io_csv_text_row(&csv, (const char *const[]){"10", "\"", "a b", "\",\""}));
    io_csv_close(&csv);
    assert_holds("step,word,\"a, b\",\"say \"\"a\"\"\"\n0,king,\",\",\n"
                 "10,\"\"\"\",a b,\"\"\",\"\"\"\n");
    assert_true(io_csv_resume(&csv, folder_path("log.csv"), worded, 4, 5, &e));
    io_csv_close(&csv);
    assert_holds("step,word,\"a, b\",\"say \"\"a\"\"\"\n0,king,\",\",\n");
}

static void test_quoted_names_are_read(void **state) {
    (void)state;
    io_csv csv;
    io_csv_table table;
    err e = {0};
    assert_true(io_csv_create(&csv, folder_path("log.csv"), worded, 4, &e));
    assert_true(io_csv_row(&csv, (double[]){1, 2, 3, 4}));
    io_csv_close(&csv);
    assert_true(io_csv_read(&table, folder_path("log.csv"), &e));
    assert_int_equal(table.n_columns, 4);
    for (int i = 0; i < 4; i++) assert_true(io_csv_column(&table, worded[i])[0] == i + 1);
    io_csv_table_free(&table);
}

static void test_full_disk(void **state) {
    (void)state;
    if (!file_exists("/dev/full")) {
        puts("skipped: no /dev/full here");
        skip();
    }
    io_csv csv;
    err e = {0};
    assert_false(io_csv_create(&csv, "/dev/full", columns, 3, &e));
    assert_non_null(strstr(e.message, "No space left"));
    csv = (io_csv){fopen("/dev/full", "w"), 3};
    assert_false(io_csv_row(&csv, (double[]){1, 2, 3}));
    io_csv_close(&csv);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows_as_text),
        cmocka_unit_test(test_reads_what_it_writes),
        cmocka_unit_test(test_reads_only_whole_lines),
        cmocka_unit_test(test_refuses_what_is_no_table),
        cmocka_unit_test(test_resume_drops_later_rows),
        cmocka_unit_test(test_resume_drops_a_half_line_it_could_keep),
        cmocka_unit_test(test_resume_refuses_another_table),
        cmocka_unit_test(test_texts_are_quoted),
        cmocka_unit_test(test_quoted_names_are_read),
        cmocka_unit_test(test_full_disk),
    };
    return cmocka_run_group_tests(tests, folder_make, folder_remove);
}
