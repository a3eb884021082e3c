/* Any bytes are tensors that lie inside the file and cover it, or one message. */
#include "base/check.h"
#include "io/safetensors.h"

#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Reads every byte of the tensors, so that a sanitizer sees one that lies outside. */
static size_t walk(const io_safetensors *f) {
    size_t bytes = 0;
    unsigned sum = 0;
    for (size_t i = 0; i < f->n_tensors; i++) {
        const io_tensor *t = &f->tensors[i];
        CHECK(io_safetensors_find(f, t->name) == t, "'%s' finds another", t->name);
        CHECK(t->n_dim >= 0 && t->n_dim <= IO_MAX_DIM && *t->dtype, "'%s' has no shape", t->name);
        for (size_t k = 0; k < t->bytes; k++) sum += ((const uint8_t *)t->data)[k];
        bytes += t->bytes;
    }
    for (size_t i = 0; i < f->n_meta; i++)
        CHECK(io_safetensors_meta(f, f->meta[i].key) == f->meta[i].value, "metadata finds another");
    return bytes + (sum & 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    io_safetensors f;
    err e = {0};
    if (!io_safetensors_parse(&f, data, size, "fuzz", &e)) {
        CHECK(e.code == ERR_INPUT && *e.message, "refused without a message");
        CHECK(!strpbrk(e.message, "\r\n"), "more than one line");
        io_safetensors_close(&f);
        return 0;
    }
    uint64_t header = 0;
    for (int i = 8; i-- > 0;) header = header << 8 | data[i];
    CHECK(walk(&f) == size - 8 - header, "the tensors do not cover the data");
    io_safetensors_close(&f);
    return 0;
}
