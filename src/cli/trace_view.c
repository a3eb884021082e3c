#include "cli/trace_view.h"

#include "base/file.h"
#include "base/mem.h"
#include "io/csv.h"

#include <stdio.h>
#include <stdlib.h>

typedef struct ranked {
    double norm;
    int32_t id;
} ranked;

static int by_falling_norm(const void *a, const void *b) {
    const ranked *x = a, *y = b;
    if (x->norm != y->norm) return x->norm < y->norm ? 1 : -1;
    return x->id < y->id ? -1 : x->id > y->id;
}

bool trace_is_read(const train_trace *tr, int32_t id) {
    for (int64_t i = 0; i < tr->n_rows; i++)
        if (tr->rows[i] == id) return true;
    return false;
}

char *trace_positions(const train_trace *tr, int32_t id, char *out, size_t size) {
    enum { MORE = 4 }; /* ", .." */
    size_t length = 0;
    out[0] = '\0';
    for (int64_t t = 0; t < tr->T; t++) {
        if (tr->ids[t] != id) continue;
        char number[32];
        int n = snprintf(number, sizeof number, "%s%lld", length ? ", " : "", (long long)t);
        bool fits = length + (size_t)n + MORE < size;
        length += (size_t)snprintf(out + length, size - length, "%s", fits ? number : ", ..");
        if (!fits) break;
    }
    return out;
}

static void rank(trace_view *v) {
    const int64_t V = v->trace->V;
    ranked *list = mem_new((size_t)V, sizeof *list);
    for (int64_t i = 0; i < V; i++) list[i] = (ranked){v->rows[i].output, (int32_t)i};
    qsort(list, (size_t)V, sizeof *list, by_falling_norm);
    for (int64_t i = 0; i < V; i++) v->order[i] = list[i].id;
    free(list);
}

trace_view trace_view_new(const tokenizer *tok, const train_trace *trace, int64_t k) {
    const int64_t V = trace->V;
    trace_view v = {.tok = tok, .trace = trace};
    v.rows = mem_new((size_t)V, sizeof *v.rows);
    v.order = mem_new((size_t)V, sizeof *v.order);
    v.others = mem_new((size_t)V, sizeof *v.others);
#pragma omp parallel for schedule(static)
    for (int64_t i = 0; i < V; i++) v.rows[i] = train_trace_row_of(trace, i);
    rank(&v);
    for (int64_t i = 0; i < V && v.n_others < k; i++)
        if (!trace_is_read(trace, v.order[i])) v.others[v.n_others++] = v.order[i];
    return v;
}

void trace_view_free(trace_view *v) {
    free(v->rows);
    free(v->order);
    free(v->others);
}

/* "0 4 7": the positions that read the token. */
static void append_positions(str *out, const train_trace *tr, int32_t id) {
    const char *between = "";
    for (int64_t t = 0; t < tr->T; t++) {
        if (tr->ids[t] != id) continue;
        str_printf(out, "%s%lld", between, (long long)t);
        between = " ";
    }
}

static void append_line(str *out, const trace_view *v, int32_t id) {
    const train_trace_row *row = &v->rows[id];
    str token = {0};
    tok_printable(v->tok, id, &token);
    str_printf(out, "%d,", (int)id);
    io_csv_append_cell(out, token.data ? token.data : "");
    str_append(out, ",", 1);
    append_positions(out, v->trace, id);
    str_printf(out, ",%.9g,%.9g,", row->input, row->output);
    if (v->trace->tied) str_printf(out, "%.9g", row->sum);
    str_append(out, "\n", 1);
    str_free(&token);
}

bool trace_write_csv(const trace_view *v, const char *path, err *e) {
    str text = {0};
    str_printf(&text, "id,token,positions,input_norm,output_norm,sum_norm\n");
    for (int32_t id = 0; id < v->trace->V; id++) append_line(&text, v, id);
    bool ok = file_write(path, text.data, text.len, e);
    str_free(&text);
    return ok;
}
