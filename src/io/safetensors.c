#include "io/safetensors.h"

#include "base/check.h"
#include "base/mem.h"
#include "base/str.h"

#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>

enum { LENGTH_BYTES = 8, DATA_ALIGNMENT = 64, MAX_HEADER = 100 * 1000 * 1000 };

static const char METADATA[] = "__metadata__";

static const struct dtype {
    const char *name;
    unsigned bits;
} dtypes[] = {
    {"BOOL", 8},    {"U8", 8},      {"I8", 8},          {"I16", 16},        {"U16", 16},
    {"F16", 16},    {"BF16", 16},   {"I32", 32},        {"U32", 32},        {"F32", 32},
    {"F64", 64},    {"I64", 64},    {"U64", 64},        {"C64", 64},        {"F8_E4M3", 8},
    {"F8_E5M2", 8}, {"F8_E8M0", 8}, {"F8_E4M3FNUZ", 8}, {"F8_E5M2FNUZ", 8}, {"F6_E2M3", 6},
    {"F6_E3M2", 6}, {"F4", 4},
};

static const struct dtype *find_dtype(const char *name) {
    for (size_t i = 0; i < sizeof dtypes / sizeof *dtypes; i++)
        if (strcmp(dtypes[i].name, name) == 0) return &dtypes[i];
    return NULL;
}

/* The bytes that such a tensor takes; false where they overflow or end inside a byte. */
static bool tensor_bytes(const struct dtype *d, const int64_t *shape, int n_dim, uint64_t *bytes) {
    uint64_t bits = d->bits;
    bool empty = false, fits = true;
    for (int i = 0; i < n_dim; i++) {
        empty |= shape[i] == 0;
        fits &= !__builtin_mul_overflow(bits, (uint64_t)shape[i], &bits);
    }
    *bytes = empty ? 0 : bits / 8;
    return empty || (fits && bits % 8 == 0);
}

static int by_string(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The key that stands twice in a JSON object, or NULL; cJSON keeps both and finds the first. */
static const char *duplicate_key(const cJSON *object) {
    const char **keys = mem_new((size_t)cJSON_GetArraySize(object), sizeof *keys);
    const char *found = NULL;
    size_t n = 0;
    const cJSON *item;
    cJSON_ArrayForEach(item, object) keys[n++] = item->string;
    qsort(keys, n, sizeof *keys, by_string);
    for (size_t i = 1; i < n && !found; i++)
        if (strcmp(keys[i - 1], keys[i]) == 0) found = keys[i];
    free(keys);
    return found;
}

/* A whole number from 0 up to where doubles, which cJSON reads into, stop being exact. */
static bool read_count(const cJSON *item, int64_t *out) {
    const double limit = 0x1p53;
    if (!cJSON_IsNumber(item) || !(item->valuedouble >= 0 && item->valuedouble < limit))
        return false;
    *out = (int64_t)item->valuedouble;
    return (double)*out == item->valuedouble;
}

static bool read_shape(const cJSON *shape, io_tensor *t) {
    if (!cJSON_IsArray(shape)) return false;
    const cJSON *item;
    cJSON_ArrayForEach(item, shape) {
        if (t->n_dim == IO_MAX_DIM || !read_count(item, &t->shape[t->n_dim])) return false;
        t->n_dim++;
    }
    return true;
}

/* One entry of the header. The data of all tensors are data[0..n). */
static bool read_tensor(const cJSON *entry, const char *data, size_t n, io_tensor *t,
                        const char *file, err *e) {
    const char *name = entry->string;
    const cJSON *type = cJSON_GetObjectItemCaseSensitive(entry, "dtype");
    const cJSON *shape = cJSON_GetObjectItemCaseSensitive(entry, "shape");
    const cJSON *offsets = cJSON_GetObjectItemCaseSensitive(entry, "data_offsets");
    if (!type || !shape || !offsets || cJSON_GetArraySize(entry) != 3)
        return err_set(e, ERR_INPUT, "%s: tensor '%.80s': expected dtype, shape and data_offsets",
                       file, name);

    const struct dtype *d = cJSON_IsString(type) ? find_dtype(type->valuestring) : NULL;
    if (!d)
        return err_set(e, ERR_INPUT, "%s: tensor '%.80s': unknown dtype '%.20s'", file, name,
                       cJSON_IsString(type) ? type->valuestring : "");

    *t = (io_tensor){.dtype = d->name};
    if (!read_shape(shape, t))
        return err_set(e, ERR_INPUT,
                       "%s: tensor '%.80s': shape is not an array of at most %d whole numbers",
                       file, name, IO_MAX_DIM);

    int64_t begin, end;
    if (!cJSON_IsArray(offsets) || cJSON_GetArraySize(offsets) != 2 ||
        !read_count(offsets->child, &begin) || !read_count(offsets->child->next, &end) ||
        begin > end)
        return err_set(e, ERR_INPUT, "%s: tensor '%.80s': data_offsets are not [begin, end]", file,
                       name);
    if ((uint64_t)end > n)
        return err_set(e, ERR_INPUT,
                       "%s: tensor '%.80s' ends at byte %lld of the data, but the file holds %zu",
                       file, name, (long long)end, n);

    uint64_t bytes;
    if (!tensor_bytes(d, t->shape, t->n_dim, &bytes))
        return err_set(e, ERR_INPUT, "%s: tensor '%.80s': impossible shape for %s", file, name,
                       d->name);
    if (bytes != (uint64_t)(end - begin))
        return err_set(e, ERR_INPUT,
                       "%s: tensor '%.80s': %lld bytes of data, expected %llu for its shape in %s",
                       file, name, (long long)(end - begin), (unsigned long long)bytes, d->name);
    t->data = data + begin;
    t->bytes = (size_t)bytes;
    t->name = mem_copy_string(name, strlen(name));
    return true;
}

static bool read_metadata(io_safetensors *f, const cJSON *entry, const char *file, err *e) {
    if (!cJSON_IsObject(entry))
        return err_set(e, ERR_INPUT, "%s: %s is not an object", file, METADATA);
    const char *twice = duplicate_key(entry);
    if (twice) return err_set(e, ERR_INPUT, "%s: %s has '%.80s' twice", file, METADATA, twice);

    f->meta = mem_new((size_t)cJSON_GetArraySize(entry), sizeof *f->meta);
    const cJSON *item;
    cJSON_ArrayForEach(item, entry) {
        if (!cJSON_IsString(item))
            return err_set(e, ERR_INPUT, "%s: %s: '%.80s' is not a string", file, METADATA,
                           item->string);
        f->meta[f->n_meta++] =
            (io_meta){mem_copy_string(item->string, strlen(item->string)),
                      mem_copy_string(item->valuestring, strlen(item->valuestring))};
    }
    return true;
}

static int by_data(const void *a, const void *b) {
    const io_tensor *s = a, *t = b;
    if (s->data != t->data) return (const char *)s->data < (const char *)t->data ? -1 : 1;
    return (s->bytes > t->bytes) - (s->bytes < t->bytes);
}

/* Whether the tensors, in the order of their data, cover data[0..n) without a hole or overlap. */
static bool check_tiling(const io_safetensors *f, const char *data, size_t n, const char *file,
                         err *e) {
    size_t expected = 0;
    for (size_t i = 0; i < f->n_tensors; i++) {
        const io_tensor *t = &f->tensors[i];
        size_t begin = (size_t)((const char *)t->data - data);
        if (begin != expected)
            return err_set(e, ERR_INPUT,
                           "%s: tensor '%.80s' begins at byte %zu of the data, expected %zu (%s)",
                           file, t->name, begin, expected, begin < expected ? "overlap" : "hole");
        expected += t->bytes;
    }
    if (expected == n) return true;
    return err_set(e, ERR_INPUT, "%s: %zu bytes of data, expected %zu for its tensors", file, n,
                   expected);
}

static bool read_header(io_safetensors *f, const cJSON *header, const char *data, size_t n,
                        const char *file, err *e) {
    const char *twice = duplicate_key(header);
    if (twice) return err_set(e, ERR_INPUT, "%s: '%.80s' stands twice in the header", file, twice);

    f->tensors = mem_new((size_t)cJSON_GetArraySize(header), sizeof *f->tensors);
    const cJSON *entry;
    cJSON_ArrayForEach(entry, header) {
        if (strcmp(entry->string, METADATA) == 0) {
            if (!read_metadata(f, entry, file, e)) return false;
        } else {
            if (!read_tensor(entry, data, n, &f->tensors[f->n_tensors], file, e)) return false;
            f->n_tensors++;
        }
    }
    qsort(f->tensors, f->n_tensors, sizeof *f->tensors, by_data);
    return check_tiling(f, data, n, file, e);
}

/* Whether JSON text holds the escape of NUL, at which cJSON would silently cut a string short. */
static bool has_escaped_nul(const char *s, size_t n) {
    for (size_t i = 0; i + 1 < n; i++)
        if (s[i] == '\\') {
            if (n - i >= 6 && memcmp(s + i, "\\u0000", 6) == 0) return true;
            i++;
        }
    return false;
}

/* Parses the JSON text of the header, which blanks may follow. Returns new (cJSON_Delete). */
static cJSON *parse_json(const char *text, size_t n, const char *file, err *e) {
    size_t valid = str_utf8_valid(text, n);
    if (valid < n || has_escaped_nul(text, n)) {
        err_set(e, ERR_INPUT, "%s: the header is not %s", file,
                valid < n ? "valid UTF-8" : "free of NUL characters");
        return NULL;
    }
    const char *end = text;
    cJSON *header = *text == '{' ? cJSON_ParseWithLengthOpts(text, n, &end, false) : NULL;
    while (header && end < text + n && *end == ' ') end++;
    if (header && end == text + n) return header;
    cJSON_Delete(header);
    err_set(e, ERR_INPUT, "%s: the header is not a JSON object (at its byte %zu)", file,
            (size_t)(end - text));
    return NULL;
}

static uint64_t read_length(const unsigned char *bytes) {
    uint64_t length = 0;
    for (int i = LENGTH_BYTES; i-- > 0;) length = length << 8 | bytes[i];
    return length;
}

bool io_safetensors_parse(io_safetensors *f, const void *bytes, size_t n, const char *name,
                          err *e) {
    *f = (io_safetensors){0};
    if (n < LENGTH_BYTES)
        return err_set(e, ERR_INPUT, "%s: %zu bytes, too short for a safetensors file", name, n);
    uint64_t length = read_length(bytes);
    if (length == 0 || length > MAX_HEADER || length > n - LENGTH_BYTES)
        return err_set(e, ERR_INPUT,
                       "%s: not a safetensors file: header of %llu bytes in a file of %zu "
                       "(the limit is %d)",
                       name, (unsigned long long)length, n, MAX_HEADER);

    const char *text = (const char *)bytes + LENGTH_BYTES, *data = text + length;
    cJSON *header = parse_json(text, (size_t)length, name, e);
    bool ok = header && read_header(f, header, data, n - LENGTH_BYTES - (size_t)length, name, e);
    cJSON_Delete(header);
    if (!ok) io_safetensors_close(f);
    return ok;
}

bool io_safetensors_open(io_safetensors *f, const char *path, err *e) {
    *f = (io_safetensors){0};
    file_map map;
    if (!file_open_map(&map, path, e)) return false;
    bool ok = io_safetensors_parse(f, map.data, map.size, path, e);
    if (ok)
        f->map = map;
    else
        file_close_map(&map);
    return ok;
}

void io_safetensors_close(io_safetensors *f) {
    for (size_t i = 0; i < f->n_tensors; i++) free((void *)f->tensors[i].name);
    for (size_t i = 0; i < f->n_meta; i++) {
        free((void *)f->meta[i].key);
        free((void *)f->meta[i].value);
    }
    free(f->tensors);
    free(f->meta);
    file_close_map(&f->map);
    *f = (io_safetensors){0};
}

/* Linear: a model has some hundred tensors, each looked up once. */
const io_tensor *io_safetensors_find(const io_safetensors *f, const char *name) {
    for (size_t i = 0; i < f->n_tensors; i++)
        if (strcmp(f->tensors[i].name, name) == 0) return &f->tensors[i];
    return NULL;
}

const char *io_safetensors_meta(const io_safetensors *f, const char *key) {
    for (size_t i = 0; i < f->n_meta; i++)
        if (strcmp(f->meta[i].key, key) == 0) return f->meta[i].value;
    return NULL;
}

static void add_tensor(cJSON *header, const io_tensor *t, uint64_t begin) {
    const struct dtype *d = find_dtype(t->dtype);
    uint64_t bytes;
    CHECK(d && tensor_bytes(d, t->shape, t->n_dim, &bytes) && bytes == t->bytes,
          "tensor '%s': %zu bytes do not fit its shape in %s", t->name, t->bytes, t->dtype);
    CHECK(strcmp(t->name, METADATA) != 0, "a tensor may not be called %s", METADATA);

    cJSON *entry = cJSON_AddObjectToObject(header, t->name);
    cJSON_AddStringToObject(entry, "dtype", t->dtype);
    cJSON *shape = cJSON_AddArrayToObject(entry, "shape");
    for (int i = 0; i < t->n_dim; i++)
        cJSON_AddItemToArray(shape, cJSON_CreateNumber((double)t->shape[i]));
    cJSON *offsets = cJSON_AddArrayToObject(entry, "data_offsets");
    cJSON_AddItemToArray(offsets, cJSON_CreateNumber((double)begin));
    cJSON_AddItemToArray(offsets, cJSON_CreateNumber((double)(begin + bytes)));
}

/* Returns new (free with cJSON_free): the header as JSON text. */
static char *header_text(const io_tensor *tensors, size_t n_tensors, const io_meta *meta,
                         size_t n_meta) {
    cJSON *header = cJSON_CreateObject();
    if (n_meta) {
        cJSON *pairs = cJSON_AddObjectToObject(header, METADATA);
        for (size_t i = 0; i < n_meta; i++)
            cJSON_AddStringToObject(pairs, meta[i].key, meta[i].value);
        CHECK(!duplicate_key(pairs), "metadata '%s' given twice", duplicate_key(pairs));
    }
    uint64_t begin = 0;
    for (size_t i = 0; i < n_tensors; i++) {
        add_tensor(header, &tensors[i], begin);
        begin += tensors[i].bytes;
    }
    CHECK(!duplicate_key(header), "tensor '%s' given twice", duplicate_key(header));
    char *text = cJSON_PrintUnformatted(header);
    CHECK(text, "no memory for the header of %zu tensors", n_tensors);
    cJSON_Delete(header);
    return text;
}

bool io_safetensors_write(const char *path, const io_tensor *tensors, size_t n_tensors,
                          const io_meta *meta, size_t n_meta, err *e) {
    char *text = header_text(tensors, n_tensors, meta, n_meta);
    size_t used = strlen(text), start = LENGTH_BYTES + used;
    start = (start + DATA_ALIGNMENT - 1) / DATA_ALIGNMENT * DATA_ALIGNMENT;
    size_t length = start - LENGTH_BYTES;

    file_writer w = {0};
    bool ok = (str_utf8_valid(text, used) == used && length <= MAX_HEADER) ||
              err_set(e, ERR_INPUT, "%s: names and metadata must be valid UTF-8 below %d bytes",
                      path, MAX_HEADER);
    ok = ok && file_begin(&w, path, e);
    if (ok) {
        for (int i = 0; i < LENGTH_BYTES; i++) putc((int)(length >> 8 * i & 0xFF), w.stream);
        fprintf(w.stream, "%s%*s", text, (int)(length - used), "");
        for (size_t i = 0; i < n_tensors; i++)
            if (tensors[i].bytes) fwrite(tensors[i].data, 1, tensors[i].bytes, w.stream);
        ok = file_commit(&w, e);
    }
    cJSON_free(text);
    return ok;
}
