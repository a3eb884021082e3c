/* Whether two runs of tiny_run.h ended with the same bits. After cmocka.h. */
#ifndef TESTS_TRAIN_SAME_RUN_H
#define TESTS_TRAIN_SAME_RUN_H

#include "base/file.h"
#include "io/csv.h"
#include "tiny_run.h"

static inline void assert_same_file(const char *name, const char *run, const char *other) {
    err e = {0};
    file_map a, b;
    assert_true(file_open_map(&a, tiny_path(run, name), &e));
    assert_true(file_open_map(&b, tiny_path(other, name), &e));
    if (a.size != b.size || memcmp(a.data, b.data, a.size) != 0)
        fail_msg("%s of %s is not that of %s", name, run, other);
    file_close_map(&a);
    file_close_map(&b);
}

/* All columns but the time. */
static inline void assert_same_log(const char *run, const char *other) {
    static const char *const columns[] = {"step", "train_loss", "val_loss", "lr", "grad_norm"};
    err e = {0};
    io_csv_table a, b;
    assert_true(io_csv_read(&a, tiny_path(run, "log.csv"), &e));
    assert_true(io_csv_read(&b, tiny_path(other, "log.csv"), &e));
    assert_int_equal(a.n_rows, b.n_rows);
    for (size_t k = 0; k < sizeof columns / sizeof *columns; k++) {
        const double *x = io_csv_column(&a, columns[k]), *y = io_csv_column(&b, columns[k]);
        for (size_t i = 0; i < a.n_rows; i++)
            if (x[i] != y[i] && !(isnan(x[i]) && isnan(y[i])))
                fail_msg("%s of row %zu: %g and %g", columns[k], i, x[i], y[i]);
    }
    io_csv_table_free(&a);
    io_csv_table_free(&b);
}

#endif
