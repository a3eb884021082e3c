#include "train/checkpoint.h"

#include "base/mem.h"
#include "base/str.h"
#include "io/safetensors.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifdef GRADUS_F64
static const char dtype[] = "F64";
#else
static const char dtype[] = "F32";
#endif

enum { MAX_NAME = 96, MAX_VALUE = 40 };

/* The flat arrays of a checkpoint and the prefix of their tensors' names. */
typedef struct array {
    const char *prefix;
    real *numbers; /* laid out as the parameters */
} array;

static int arrays_of(const nn_params *params, const optim *o, array out[3]) {
    int n = 0;
    out[n++] = (array){"", params->value};
    if (o && o->exp_avg) out[n++] = (array){"optimizer.exp_avg.", o->exp_avg};
    if (o && o->exp_avg_sq) out[n++] = (array){"optimizer.exp_avg_sq.", o->exp_avg_sq};
    return n;
}

/* One number of the state and how it is written; doubles in hexadecimal, so that no bit is lost. */
typedef struct field {
    const char *key;
    enum { WHOLE, REAL_NUMBER, FINGERPRINT } kind;
    void *at;
} field;

enum { N_FIELDS = 10 };

static void fields_of(train_state *s, field out[N_FIELDS]) {
    const field all[N_FIELDS] = {
        {"gradus.step", WHOLE, &s->step},
        {"gradus.last_eval_step", WHOLE, &s->last_eval_step},
        {"gradus.last_val_loss", REAL_NUMBER, &s->last_val_loss},
        {"gradus.best_val_loss", REAL_NUMBER, &s->best_val_loss},
        {"gradus.best_step", WHOLE, &s->best_step},
        {"gradus.bad_evals", WHOLE, &s->bad_evals},
        {"gradus.loss_sum", REAL_NUMBER, &s->loss_sum},
        {"gradus.loss_count", WHOLE, &s->loss_count},
        {"gradus.tokenizer", FINGERPRINT, &s->tokenizer},
        {"gradus.data", FINGERPRINT, &s->data},
    };
    memcpy(out, all, sizeof all);
}

static void write_field(const field *f, char text[MAX_VALUE]) {
    if (f->kind == WHOLE) snprintf(text, MAX_VALUE, "%" PRId64, *(int64_t *)f->at);
    if (f->kind == REAL_NUMBER) snprintf(text, MAX_VALUE, "%a", *(double *)f->at);
    if (f->kind == FINGERPRINT) snprintf(text, MAX_VALUE, "%016" PRIx64, *(uint64_t *)f->at);
}

static bool read_field(const field *f, const char *text, const char *path, err *e) {
    char *end = NULL;
    if (text && f->kind == WHOLE && str_to_int(text, f->at)) return true;
    if (text && f->kind == REAL_NUMBER) *(double *)f->at = strtod(text, &end);
    if (text && f->kind == FINGERPRINT) *(uint64_t *)f->at = strtoull(text, &end, 16);
    if (end && end != text && *end == '\0') return true;
    return err_set(e, ERR_INPUT,
                   "%s: metadata '%s' is %s, expected a number; not a checkpoint of gradus", path,
                   f->key, text ? text : "missing");
}

/* The tensor of a parameter as the file has it: of a padded matrix the columns that count. */
static io_tensor describe(const nn_param *p, const array *a, const char *name) {
    const tensor *value = &p->var.value;
    io_tensor out = {
        .name = name, .dtype = dtype, .n_dim = value->n_dim, .data = a->numbers + p->offset};
    memcpy(out.shape, value->shape, (size_t)value->n_dim * sizeof *out.shape);
    out.bytes = (size_t)tensor_numel(value) * sizeof(real);
    if (p->columns) {
        out.shape[1] = p->columns;
        out.bytes = (size_t)(value->shape[0] * p->columns) * sizeof(real);
    }
    return out;
}

/* Copies the rows of a parameter between its padded form and that of a file. */
static void pack(const nn_param *p, const real *padded, real *packed) {
    for (int64_t r = 0; r < p->var.value.shape[0]; r++)
        memcpy(packed + r * p->columns, padded + r * p->var.value.shape[1],
               (size_t)p->columns * sizeof *packed);
}

static void unpack(const nn_param *p, const real *packed, real *padded) {
    for (int64_t r = 0; r < p->var.value.shape[0]; r++)
        memcpy(padded + r * p->var.value.shape[1], packed + r * p->columns,
               (size_t)p->columns * sizeof *packed);
}

bool train_checkpoint_save(const char *path, const nn_params *params, const optim *o,
                           const train_state *s, err *e) {
    array arrays[3];
    int n_arrays = arrays_of(params, o, arrays), n_params = params->n;
    io_tensor *tensors = mem_new((size_t)(n_arrays * n_params), sizeof *tensors);
    char(*names)[MAX_NAME] = mem_new((size_t)(n_arrays * n_params), sizeof *names);
    for (int i = 0; i < n_arrays * n_params; i++) {
        const nn_param *p = params->list[i % n_params];
        snprintf(names[i], MAX_NAME, "%s%s", arrays[i / n_params].prefix, p->name);
        tensors[i] = describe(p, &arrays[i / n_params], names[i]);
        if (p->columns) {
            real *packed = mem_new(1, tensors[i].bytes);
            pack(p, tensors[i].data, packed);
            tensors[i].data = packed;
        }
    }
    train_state state = *s;
    field fields[N_FIELDS];
    fields_of(&state, fields);
    char values[N_FIELDS][MAX_VALUE];
    io_meta meta[N_FIELDS + 1] = {{"format", "pt"}};
    for (int i = 0; i < N_FIELDS; i++) {
        write_field(&fields[i], values[i]);
        meta[i + 1] = (io_meta){fields[i].key, values[i]};
    }
    bool ok =
        io_safetensors_write(path, tensors, (size_t)(n_arrays * n_params), meta, N_FIELDS + 1, e);
    for (int i = 0; i < n_arrays * n_params; i++)
        if (params->list[i % n_params]->columns) free((void *)tensors[i].data);
    free(names);
    free(tensors);
    return ok;
}

static bool check_tensor(const io_tensor *found, const io_tensor *expected, const char *path,
                         err *e) {
    if (!found) return err_set(e, ERR_INPUT, "%s: tensor '%s' is missing", path, expected->name);
    if (strcmp(found->dtype, dtype) != 0)
        return err_set(e, ERR_INPUT, "%s: tensor '%s' is %s, expected %s", path, found->name,
                       found->dtype, dtype);
    bool same = found->n_dim == expected->n_dim;
    for (int d = 0; same && d < found->n_dim; d++) same = found->shape[d] == expected->shape[d];
    if (same) return true;
    str have = {0}, want = {0};
    for (int d = 0; d < found->n_dim; d++)
        str_printf(&have, d ? ", %lld" : "%lld", (long long)found->shape[d]);
    for (int d = 0; d < expected->n_dim; d++)
        str_printf(&want, d ? ", %lld" : "%lld", (long long)expected->shape[d]);
    err_set(e, ERR_INPUT,
            "%s: tensor '%s' has shape [%s], the config and the tokenizer make it [%s]", path,
            found->name, have.data ? have.data : "", want.data);
    str_free(&have);
    str_free(&want);
    return false;
}

/* Checks every tensor (copy = false), or copies every tensor that was checked (copy = true). */
static bool each_tensor(const io_safetensors *f, nn_params *params, optim *o, bool copy,
                        const char *path, err *e) {
    array arrays[3];
    int n_arrays = arrays_of(params, o, arrays);
    char name[MAX_NAME];
    for (int a = 0; a < n_arrays; a++)
        for (int i = 0; i < params->n; i++) {
            const nn_param *p = params->list[i];
            snprintf(name, sizeof name, "%s%s", arrays[a].prefix, p->name);
            io_tensor expected = describe(p, &arrays[a], name);
            const io_tensor *found = io_safetensors_find(f, name);
            if (!copy && !check_tensor(found, &expected, path, e)) return false;
            if (copy && p->columns)
                unpack(p, found->data, arrays[a].numbers + p->offset);
            else if (copy)
                memcpy(arrays[a].numbers + p->offset, found->data, found->bytes);
        }
    return true;
}

bool train_checkpoint_load(const char *path, nn_params *params, optim *o, train_state *s, err *e) {
    io_safetensors f;
    if (!io_safetensors_open(&f, path, e)) return false;
    train_state state;
    field fields[N_FIELDS];
    fields_of(&state, fields);
    bool ok = true;
    for (int i = 0; ok && i < N_FIELDS; i++)
        ok = read_field(&fields[i], io_safetensors_meta(&f, fields[i].key), path, e);
    if (ok && state.step < 0)
        ok = err_set(e, ERR_INPUT, "%s: step %" PRId64 " is negative", path, state.step);
    ok = ok && each_tensor(&f, params, o, false, path, e);
    if (ok) {
        each_tensor(&f, params, o, true, path, e);
        if (o) o->step = state.step;
        *s = state;
    }
    io_safetensors_close(&f);
    return ok;
}
