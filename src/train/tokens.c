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

bool train_tokens_write(const char *path, const int32_t *ids, int64_t n, int32_t vocab_size,
                        err *e) {
    bool wide = vocab_size > UINT16_MAX + 1;
    if (n > INT32_MAX)
        return err_set(e, ERR_INPUT, "%s: %lld tokens, more than the %d that a token file holds",
                       path, (long long)n, INT32_MAX);
    file_writer w;
    if (!file_begin(&w, path, e)) return false;
    int32_t header[HEADER_WORDS] = {wide ? MAGIC_32 : MAGIC_16, wide ? VERSION_32 : VERSION_16,
                                    (int32_t)n};
    fwrite(header, sizeof header, 1, w.stream);
    for (int64_t i = 0; i < n; i++) {
        uint32_t id = (uint32_t)ids[i];
        CHECK(ids[i] >= 0 && ids[i] < vocab_size, "token id %d of a vocabulary of %d", ids[i],
              vocab_size);
        if (wide)
            fwrite(&id, sizeof id, 1, w.stream);
        else
            fwrite(&(uint16_t){(uint16_t)id}, sizeof(uint16_t), 1, w.stream);
    }
    return file_commit(&w, e);
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
    t->n = header[2];
    t->ids = t->map.data + sizeof header;
    uint64_t expected = sizeof header + (uint64_t)(uint32_t)header[2] * (t->wide ? 4 : 2);
    if (header[2] < 0 || t->map.size != expected)
        return err_set(e, ERR_INPUT, "%s: %zu bytes where %d tokens need %llu", path, t->map.size,
                       header[2], (unsigned long long)expected);
    return true;
}

static int32_t id_at(const train_tokens *t, int64_t i) {
    return t->wide ? (int32_t)((const uint32_t *)t->ids)[i] : ((const uint16_t *)t->ids)[i];
}

bool train_tokens_open(train_tokens *t, const char *path, int32_t vocab_size, err *e) {
    *t = (train_tokens){0};
    if (!file_open_map(&t->map, path, e)) return false;
    bool ok = read_header(t, path, e);
    for (int64_t i = 0; ok && i < t->n; i++)
        if (id_at(t, i) < 0 || id_at(t, i) >= vocab_size)
            ok = err_set(e, ERR_INPUT, "%s: token %lld is %u, outside the vocabulary of %d", path,
                         (long long)i, (unsigned)id_at(t, i), vocab_size);
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
    for (int64_t i = 0; i < n; i++) out[i] = id_at(t, first + i);
}

uint64_t train_tokens_fingerprint(const train_tokens *t) {
    uint64_t hash = HASH_START;
    for (int64_t i = 0; i < t->n; i++) hash = hash_add(hash, (uint32_t)id_at(t, i));
    return hash;
}
