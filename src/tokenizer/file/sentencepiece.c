#include "tokenizer/file/sentencepiece.h"

#include "base/array.h"
#include "base/str.h"
#include "tokenizer/file/protobuf.h"
#include "tokenizer/vocab.h"

#include <math.h>
#include <stdlib.h>

typedef struct reading {
    spm_model *model;
    size_t capacity;
    bool has_trainer, has_normalizer;
    const char *content, *name;
    err *e;
} reading;

static spm_bytes bytes_of(const proto_field *f) {
    return (spm_bytes){f->bytes, f->length};
}

/* An error at a place of the file. */
static bool refuse(const reading *r, const char *at, const char *found) {
    return err_set(r->e, ERR_INPUT, "%s: byte %zu: %s", r->name, (size_t)(at - r->content), found);
}

/* Calls `take` with each field of the message. */
typedef bool take_field(reading *r, void *into, const proto_field *f);

static bool read_message(reading *r, proto_message m, take_field *take, void *into) {
    proto_field f;
    for (const char *at = m.at; proto_next(&m, &f); at = m.at)
        if (!take(r, into, &f))
            return refuse(r, at, "a field of the wrong kind for a SentencePiece model");
    return !m.broken ||
           refuse(r, m.at, "the file ends inside a field, or is no SentencePiece model");
}

static bool take_piece_field(reading *r, void *into, const proto_field *f) {
    (void)r;
    spm_piece *piece = into;
    int64_t type = piece->type;
    switch (f->number) {
    case 1:
        piece->text = bytes_of(f);
        return f->kind == PROTO_BYTES;
    case 2:
        return proto_float(f, &piece->score);
    case 3:
        if (!proto_int(f, &type)) return false;
        piece->type = type < SPM_NORMAL || type > SPM_BYTE ? 0 : (spm_type)type;
        return true;
    default:
        return true;
    }
}

static bool take_trainer_field(reading *r, void *into, const proto_field *f) {
    (void)r;
    spm_model *m = into;
    switch (f->number) {
    case 3:
        return proto_int(f, &m->algorithm);
    case 24:
        return proto_bool(f, &m->blank_as_suffix);
    case 35:
        return proto_bool(f, &m->byte_fallback);
    case 46:
        m->bos = bytes_of(f);
        return f->kind == PROTO_BYTES;
    case 47:
        m->eos = bytes_of(f);
        return f->kind == PROTO_BYTES;
    default:
        return true;
    }
}

static bool take_normalizer_field(reading *r, void *into, const proto_field *f) {
    (void)r;
    spm_model *m = into;
    switch (f->number) {
    case 2:
        m->charsmap = bytes_of(f);
        return f->kind == PROTO_BYTES;
    case 3:
        return proto_bool(f, &m->add_dummy_prefix);
    case 4:
        return proto_bool(f, &m->remove_extra_whitespaces);
    case 5:
        return proto_bool(f, &m->escape_whitespaces);
    default:
        return true;
    }
}

static bool take_denormalizer_field(reading *r, void *into, const proto_field *f) {
    (void)r;
    spm_model *m = into;
    if (f->number == 2 && f->length) m->denormalizes = true;
    return true;
}

static bool add_piece(reading *r, const proto_field *f) {
    spm_model *m = r->model;
    spm_piece piece = {.type = SPM_NORMAL};
    if (!read_message(r, proto_of(f->bytes, f->length), take_piece_field, &piece)) return false;
    if (m->n == VOCAB_MAX_SIZE) return refuse(r, f->bytes, "more pieces than gradus can hold");
    if (piece.text.n == 0) return refuse(r, f->bytes, "a piece without text");
    if (str_utf8_valid(piece.text.data, piece.text.n) != piece.text.n)
        return refuse(r, f->bytes, "a piece that is not UTF-8");
    if (!isfinite(piece.score)) return refuse(r, f->bytes, "a score that is not a finite number");
    if (piece.type == 0)
        return refuse(r, f->bytes, "a piece of an unknown type, expected 1 (normal) to 6 (byte)");
    m->pieces = array_room(m->pieces, &r->capacity, m->n + 1, sizeof *m->pieces);
    m->pieces[m->n++] = piece;
    return true;
}

static bool take_model_field(reading *r, void *into, const proto_field *f) {
    if (f->number == 0 || f->number > 5) return true; /* extensions */
    if (f->kind != PROTO_BYTES) return false;
    proto_message m = proto_of(f->bytes, f->length);
    switch (f->number) {
    case 1:
        return add_piece(r, f);
    case 2:
        r->has_trainer = true;
        return read_message(r, m, take_trainer_field, into);
    case 3:
        r->has_normalizer = true;
        return read_message(r, m, take_normalizer_field, into);
    case 5:
        return read_message(r, m, take_denormalizer_field, into);
    default:
        return true; /* 4: self test */
    }
}

bool spm_read(spm_model *m, const char *content, size_t n, const char *name, err *e) {
    *m = (spm_model){.algorithm = SPM_UNIGRAM,
                     .bos = {"<s>", 3},
                     .eos = {"</s>", 4},
                     .add_dummy_prefix = true,
                     .remove_extra_whitespaces = true,
                     .escape_whitespaces = true};
    reading r = {.model = m, .content = content, .name = name, .e = e};
    if (!read_message(&r, proto_of(content, n), take_model_field, m)) return false;
    if (m->n && r.has_trainer && r.has_normalizer) return true;
    return err_set(e, ERR_INPUT, "%s: no %s: the file is cut short, or is no SentencePiece model",
                   name,
                   m->n == 0        ? "pieces"
                   : !r.has_trainer ? "trainer_spec"
                                    : "normalizer_spec");
}

void spm_free(spm_model *m) {
    free(m->pieces);
    *m = (spm_model){0};
}
