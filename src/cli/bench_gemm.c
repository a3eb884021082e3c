#include "base/file.h"
#include "base/str.h"
#include "base/thread.h"
#include "cli/args.h"
#include "cli/bench.h"
#include "cli/bench_shapes.h"
#include "cli/products.h"
#include "tensor/bandwidth.h"
#include "tensor/gemm.h"
#include "tensor/gemm_bf16.h"
#include "tensor/onednn.h"

#include <stdio.h>
#include <string.h>

#define USAGE "bench gemm [--shape all|" BENCH_SHAPE_NAMES "] [--threads N] [--csv FILE]"

enum { MOST_ROWS = 96 };

/* A product of the step of a shape and how fast each kind computes it. */
typedef struct row {
    char name[32];
    product p;
    double speed[N_PRODUCTS];
} row;

typedef struct table {
    row rows[MOST_ROWS];
    int n;
    double best[N_PRODUCTS];
} table;

static void add_row(table *t, product p, const char *shape, const char *layer, const char *pass) {
    row *r = &t->rows[t->n++];
    r->p = p;
    snprintf(r->name, sizeof r->name, "%s%s%s%s", shape, *layer ? " " : "", layer, pass);
    for (product_kind kind = 0; kind < N_PRODUCTS; kind++) {
        r->speed[kind] = product_speed(kind, &p);
        if (r->speed[kind] > t->best[kind]) t->best[kind] = r->speed[kind];
    }
}

/* y = x w with x (R, I) and w (I, O), dx = dy w^T, dw = x^T dy */
static void add_linear(table *t, const char *shape, const char *layer, int64_t R, int64_t I,
                       int64_t O) {
    add_row(t, (product){R, I, O, false, false}, shape, layer, "");
    add_row(t, (product){R, O, I, false, true}, shape, layer, " dx");
    add_row(t, (product){I, R, O, true, false}, shape, layer, " dw");
}

/* logits = x w^T with x (R, C) and w (V, C), dx = g w, dw = g^T x: here in one piece. */
static void add_head(table *t, const char *shape, int64_t R, int64_t C, int64_t V) {
    add_row(t, (product){R, C, V, false, true}, shape, "head", "");
    add_row(t, (product){R, V, C, false, false}, shape, "head", " dx");
    add_row(t, (product){V, R, C, true, false}, shape, "head", " dw");
}

static void add_shape(table *t, const bench_shape *s) {
    int64_t R = s->B * s->T, C = s->C;
    add_linear(t, s->name, "qkv", R, C, 3 * C);
    add_linear(t, s->name, "attention out", R, C, C);
    add_linear(t, s->name, "mlp in", R, C, 4 * C);
    add_linear(t, s->name, "mlp out", R, 4 * C, C);
    add_head(t, s->name, R, C, s->V);
}

static void print_machine(void) {
    const char *onednn = tensor_onednn_version();
    printf("%d threads; %s with %s kernels; bf16 by %s; ", thread_count(),
           product_name(PRODUCT_REAL), tensor_gemm_kernels(), tensor_gemm_bf16_kernel());
    printf(onednn ? "oneDNN %s\n" : "oneDNN: not in this build (libdnnl-dev)\n", onednn);
    printf("memory: read %.1f GB/s, copy %.1f GB/s (read and written)\n",
           1e-9 * tensor_read_bandwidth(), 1e-9 * tensor_copy_bandwidth());
}

/* GFLOP/s, and in percent of the best of its kind. */
static void print_rows(const table *t) {
    printf("%-25s%6s%6s%6s", "GFLOP/s, % of the best", "M", "K", "N");
    for (product_kind kind = 0; kind < N_PRODUCTS; kind++) printf("%19s", product_name(kind));
    for (int i = 0; i < t->n; i++) {
        const row *r = &t->rows[i];
        printf("\n%-25s%6lld%6lld%6lld", r->name, (long long)r->p.M, (long long)r->p.K,
               (long long)r->p.N);
        for (product_kind kind = 0; kind < N_PRODUCTS; kind++)
            if (r->speed[kind] > 0)
                printf("%12.0f %5.1f%%", 1e-9 * r->speed[kind],
                       100 * r->speed[kind] / t->best[kind]);
            else
                printf("%19s", "-");
    }
    putchar('\n');
}

static bool write_rows(const table *t, const char *path, err *e) {
    file_writer w;
    if (!file_begin(&w, path, e)) return false;
    fputs("name,m,k,n,kind,gflop_per_s,gb_per_s,percent_of_best\n", w.stream);
    for (int i = 0; i < t->n; i++) {
        const row *r = &t->rows[i];
        for (product_kind kind = 0; kind < N_PRODUCTS; kind++)
            if (r->speed[kind] > 0)
                fprintf(w.stream, "%s,%lld,%lld,%lld,%s,%.6g,,%.4g\n", r->name, (long long)r->p.M,
                        (long long)r->p.K, (long long)r->p.N, product_name(kind),
                        1e-9 * r->speed[kind], 100 * r->speed[kind] / t->best[kind]);
    }
    fprintf(w.stream, "memory,,,,read,,%.4g,\n", 1e-9 * tensor_read_bandwidth());
    fprintf(w.stream, "memory,,,,copy,,%.4g,\n", 1e-9 * tensor_copy_bandwidth());
    return file_commit(&w, e);
}

bool bench_gemm(int argc, char **argv, err *e) {
    const char *name = "all", *csv = "";
    int64_t threads = 0;
    const args_flag flags[] = {
        {"shape", ARGS_TEXT, &name, 0, 0, "whose products: all or one of the shapes (all)"},
        {"csv", ARGS_TEXT, &csv, 0, 0, "write the table to a file"},
        ARGS_THREADS(threads)};
    args a;
    if (!args_parse(&a, argc, argv, flags, sizeof flags / sizeof *flags, 0, 0, USAGE, e))
        return false;
    bool all = strcmp(name, "all") == 0;
    const bench_shape *one = all ? NULL : bench_shape_find(name, USAGE, e);
    if (!all && !one) return false;
    thread_set_count((int)threads);
    table t = {0};
    print_machine();
    add_row(&t, (product){768, 768, 768, false, false}, "square", "", "");
    size_t n_shapes;
    const bench_shape *shapes = bench_shapes_all(&n_shapes);
    for (size_t i = 0; i < n_shapes; i++)
        if (all || &shapes[i] == one) add_shape(&t, &shapes[i]);
    print_rows(&t);
    return !csv[0] || write_rows(&t, csv, e);
}
