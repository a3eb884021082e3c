#include "tensor/onednn.h"

#include <stddef.h>

#ifdef GRADUS_ONEDNN

#include "base/mem.h"
#include "base/thread.h"
#include "tensor/bf16.h"

#include <oneapi/dnnl/dnnl.h>
#include <stdio.h>
#include <stdlib.h>

/* What versions 2 and 3 call differently: who owns the description of a matrix, and how many steps
 * it takes to describe a product. */
#if DNNL_VERSION_MAJOR >= 3

typedef dnnl_memory_desc_t matrix;
typedef const_dnnl_memory_desc_t matrix_ref;

static dnnl_status_t describe(matrix *m, const dnnl_dims_t shape, dnnl_data_type_t type,
                              dnnl_format_tag_t layout) {
    return dnnl_memory_desc_create_with_tag(m, 2, shape, type, layout);
}

static matrix_ref ref(const matrix *m) {
    return *m;
}

static void forget(matrix *m) {
    if (*m) dnnl_memory_desc_destroy(*m);
}

static dnnl_status_t describe_product(dnnl_primitive_desc_t *p, dnnl_engine_t engine,
                                      const matrix *a, const matrix *b, const matrix *c) {
    return dnnl_matmul_primitive_desc_create(p, engine, *a, *b, NULL, *c, NULL);
}

#else

typedef dnnl_memory_desc_t matrix;
typedef const dnnl_memory_desc_t *matrix_ref;

static dnnl_status_t describe(matrix *m, const dnnl_dims_t shape, dnnl_data_type_t type,
                              dnnl_format_tag_t layout) {
    return dnnl_memory_desc_init_by_tag(m, 2, shape, type, layout);
}

static matrix_ref ref(const matrix *m) {
    return m;
}

static void forget(matrix *m) {
    (void)m;
}

static dnnl_status_t describe_product(dnnl_primitive_desc_t *p, dnnl_engine_t engine,
                                      const matrix *a, const matrix *b, const matrix *c) {
    dnnl_matmul_desc_t product;
    dnnl_status_t status = dnnl_matmul_desc_init(&product, a, b, NULL, c);
    return status ? status : dnnl_primitive_desc_create(p, &product, NULL, engine, NULL);
}

#endif

/* C = A B and what oneDNN holds for it; zeroed where it was not made. */
typedef struct product {
    dnnl_engine_t engine;
    dnnl_stream_t stream;
    matrix a, b, c;
    dnnl_primitive_desc_t description;
    dnnl_primitive_t primitive;
    dnnl_memory_t memory[3]; /* A, B, C: oneDNN's own */
} product;

static dnnl_status_t make_memory(product *p) {
    matrix_ref b = dnnl_primitive_desc_query_md(p->description, dnnl_query_weights_md, 0);
    dnnl_status_t status =
        dnnl_memory_create(&p->memory[0], ref(&p->a), p->engine, DNNL_MEMORY_ALLOCATE);
    if (!status) status = dnnl_memory_create(&p->memory[1], b, p->engine, DNNL_MEMORY_ALLOCATE);
    if (!status)
        status = dnnl_memory_create(&p->memory[2], ref(&p->c), p->engine, DNNL_MEMORY_ALLOCATE);
    return status;
}

static dnnl_status_t make(product *p, int64_t M, int64_t K, int64_t N) {
    const dnnl_dims_t a = {M, K}, b = {K, N}, c = {M, N};
    dnnl_status_t status = dnnl_engine_create(&p->engine, dnnl_cpu, 0);
    if (!status) status = dnnl_stream_create(&p->stream, p->engine, dnnl_stream_default_flags);
    if (!status) status = describe(&p->a, a, dnnl_bf16, dnnl_ab);
    if (!status) status = describe(&p->b, b, dnnl_bf16, dnnl_format_tag_any);
    if (!status) status = describe(&p->c, c, dnnl_f32, dnnl_ab);
    if (!status) status = describe_product(&p->description, p->engine, &p->a, &p->b, &p->c);
    if (!status) status = dnnl_primitive_create(&p->primitive, p->description);
    return status ? status : make_memory(p);
}

static void release(product *p) {
    for (int i = 0; i < 3; i++)
        if (p->memory[i]) dnnl_memory_destroy(p->memory[i]);
    if (p->primitive) dnnl_primitive_destroy(p->primitive);
    if (p->description) dnnl_primitive_desc_destroy(p->description);
    forget(&p->a);
    forget(&p->b);
    forget(&p->c);
    if (p->stream) dnnl_stream_destroy(p->stream);
    if (p->engine) dnnl_engine_destroy(p->engine);
}

/* Numbers near 1 all over A or B. In whatever order oneDNN keeps them: speed is all we ask for. */
static dnnl_status_t fill(dnnl_memory_t memory, int64_t n) {
    void *data;
    dnnl_status_t status = dnnl_memory_get_data_handle(memory, &data);
    for (int64_t i = 0; !status && i < n; i++) ((bf16 *)data)[i] = (bf16)(0x3f80 + i % 64);
    return status;
}

static dnnl_status_t run(const product *p) {
    const dnnl_exec_arg_t arguments[] = {{DNNL_ARG_SRC, p->memory[0]},
                                         {DNNL_ARG_WEIGHTS, p->memory[1]},
                                         {DNNL_ARG_DST, p->memory[2]}};
    dnnl_status_t status = dnnl_primitive_execute(p->primitive, p->stream, 3, arguments);
    return status ? status : dnnl_stream_wait(p->stream);
}

/* The shortest of the runs in 0.1 s, after a first one that is not counted. */
static dnnl_status_t measure(const product *p, double *seconds) {
    const double least_seconds = 0.1;
    dnnl_status_t status = run(p);
    double begin = thread_clock();
    *seconds = least_seconds;
    while (!status && thread_clock() - begin < least_seconds) {
        double start = thread_clock();
        status = run(p);
        double taken = thread_clock() - start;
        if (taken < *seconds) *seconds = taken;
    }
    return status;
}

double tensor_onednn_bf16_speed(int64_t M, int64_t K, int64_t N) {
    product p = {0};
    double seconds = 0;
    dnnl_status_t status = make(&p, M, K, N);
    if (!status) status = fill(p.memory[0], M * K);
    if (!status) status = fill(p.memory[1], K * N);
    if (!status) status = measure(&p, &seconds);
    release(&p);
    return status ? 0 : 2.0 * (double)M * (double)N * (double)K / seconds;
}

const char *tensor_onednn_version(void) {
    static char text[32];
    const dnnl_version_t *v = dnnl_version();
    snprintf(text, sizeof text, "%d.%d.%d", v->major, v->minor, v->patch);
    return text;
}

#else

double tensor_onednn_bf16_speed(int64_t M, int64_t K, int64_t N) {
    (void)M, (void)K, (void)N;
    return 0;
}

const char *tensor_onednn_version(void) {
    return NULL;
}

#endif
