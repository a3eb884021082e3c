#include "train/tokens.h"

#include "base/check.h"
#include "base/hash.h"

#include <stdlib.h>
#include <string.h>

enum {
    HEADER_WORDS = 256,
    MAGIC_16 = 20240520,
    VERSION_16 = 1,
    MAGIC_32 = 20240801,
    VERSION_32 = 7
};

static void write_header(train_tokens_writer *w) {
    int32_t header[HEADER_WORDS] = {w->wide ? MAGIC_32 : MAGIC_16,
                                    w->wide ? VERSION_32 : VERSION_16,
                                    w->n > INT32_MAX ? -1 : (int32_t)w->n};
    fwrite(header, sizeof header, 1, w->file.stream);
}

bool train_tokens_begin(train_tokens_writer *w, const char *path, int32_t vocab_size, err *e) {
    *w = (train_tokens_writer){.vocab_size = vocab_size, .wide = vocab_size > UINT16_MAX + 1};
    if (!file_begin(&w->file, path, e)) return false;
    write_header(w);
    return true;
}

void train_tokens_append(train_tokens_writer *w, const int32_t *ids, int64_t n) {
    enum { BLOCK = 4096 };
    uint16_t narrow[BLOCK];
    for (int64_t i = 0; i < n; i++)
        CHECK(ids[i] >= 0 && ids[i] < w->vocab_size, "token id %d of a vocabulary of %d", ids[i],
              w->vocab_size);
    w->n += n;
    if (w->wide) {
        fwrite(ids, sizeof *ids, (size_t)n, w->file.stream);
        return;
    }
    for (int64_t first = 0; first < n; first += BLOCK) {
        int64_t length = n - first < BLOCK ? n - first : BLOCK;
        for (int64_t i = 0; i < length; i++) narrow[i] = (uint16_t)ids[first + i];
        fwrite(narrow, sizeof *narrow, (size_t)length, w->file.stream);
    }
}

bool train_tokens_commit(train_tokens_writer *w, err *e) {
    rewind(w->file.stream);
    write_header(w);
    return file_commit(&w->file, e);
}

void train_tokens_discard(train_tokens_writer *w) {
    file_discard(&w->file);
}

bool train_tokens_write(const char *path, const int32_t *ids, int64_t n, int32_t vocab_size,
                        err *e) {
    train_tokens_writer w;
    if (!train_tokens_begin(&w, path, vocab_size, e)) return false;
    train_tokens_append(&w, ids, n);
    return train_tokens_commit(&w, e);
}

static bool read_header(train_tokens *t, const char *path, err *e) {
    int32_t header[HEADER_WORDS];
    if (t->map.size < sizeof header)
        return err_set(e, ERR_INPUT, "%s: not a token file: %zu bytes, the header alone has %zu",
                       path, t->map.size, sizeof header);
    memcpy(header, t->map.data, sizeof header);
    t->wide = header[0] == MAGIC_32 && header[1] == VERSION_32;
    bool narrow = header[0] == MAGIC_16 && header[1] == VERSION_16;
    if (!t->wide && !narrow)
        return err_set(e, ERR_INPUT, "%s: not a token file: magic %d, version %d", path, header[0],
                       header[1]);
    size_t id_size = t->wide ? 4 : 2, bytes = t->map.size - sizeof header;
    t->n = header[2] == -1 ? (int64_t)(bytes / id_size) : header[2];
    t->ids = t->map.data + sizeof header;
    if (t->n < 0 || bytes != (size_t)t->n * id_size)
        return err_set(e, ERR_INPUT, "%s: %zu bytes where %lld tokens need %llu", path, t->map.size,
                       (long long)t->n,
                       (unsigned long long)(sizeof header + (uint64_t)t->n * id_size));
    return true;
}

int32_t train_tokens_at(const train_tokens *t, int64_t i) {
    return t->wide ? (int32_t)((const uint32_t *)t->ids)[i] : ((const uint16_t *)t->ids)[i];
}

bool train_tokens_open(train_tokens *t, const char *path, int32_t vocab_size, err *e) {
    *t = (train_tokens){0};
    if (!file_open_map(&t->map, path, e)) return false;
    bool ok = read_header(t, path, e);
    for (int64_t i = 0; ok && i < t->n; i++)
        if (train_tokens_at(t, i) < 0 || train_tokens_at(t, i) >= vocab_size)
            ok = err_set(e, ERR_INPUT, "%s: token %lld is %u, outside the vocabulary of %d", path,
                         (long long)i, (unsigned)train_tokens_at(t, i), vocab_size);
    if (!ok) train_tokens_close(t);
    return ok;
}

void train_tokens_close(train_tokens *t) {
    file_close_map(&t->map);
    *t = (train_tokens){.map = t->map};
}

train_tokens train_tokens_of(const int32_t *ids, int64_t n) {
    return (train_tokens){.n = n, .ids = ids, .wide = true};
}

void train_tokens_copy(const train_tokens *t, int64_t first, int64_t n, int32_t *out) {
    CHECK(first >= 0 && n >= 0 && first + n <= t->n, "tokens [%lld, %lld) of %lld",
          (long long)first, (long long)(first + n), (long long)t->n);
    for (int64_t i = 0; i < n; i++) out[i] = train_tokens_at(t, first + i);
}

void train_tokens_read_ahead(const train_tokens *t, int64_t first, int64_t n) {
    if (t->map.size == 0) return;
    size_t begin = (size_t)((const char *)t->ids - t->map.data), id_size = t->wide ? 4 : 2;
    file_read_ahead(&t->map, begin + (size_t)first * id_size, (size_t)n * id_size);
}

uint64_t train_tokens_fingerprint(const train_tokens *t) {
    uint64_t hash = HASH_START;
    for (int64_t i = 0; i < t->n; i++) hash = hash_add(hash, (uint32_t)train_tokens_at(t, i));
    return hash;
}
