#include "tokenizer/file/protobuf.h"

#include <string.h>

proto_message proto_of(const char *bytes, size_t n) {
    return (proto_message){.at = bytes, .end = bytes + n};
}

/* Seven bits a byte, the lowest first; the top bit says that more follow. */
static uint64_t read_varint(proto_message *m) {
    uint64_t value = 0;
    for (int shift = 0; shift < 64 && m->at < m->end; shift += 7) {
        unsigned char byte = (unsigned char)*m->at++;
        value |= (uint64_t)(byte & 0x7F) << shift;
        if (byte < 0x80) return value;
    }
    m->broken = true;
    return 0;
}

static uint64_t read_fixed(proto_message *m, int size) {
    uint64_t value = 0;
    if (m->end - m->at < size) {
        m->broken = true;
        return 0;
    }
    for (int i = 0; i < size; i++) value |= (uint64_t)(unsigned char)*m->at++ << 8 * i;
    return value;
}

static void read_bytes(proto_message *m, proto_field *field) {
    uint64_t length = read_varint(m);
    if (m->broken || length > (uint64_t)(m->end - m->at)) {
        m->broken = true;
        return;
    }
    field->bytes = m->at;
    field->length = (size_t)length;
    m->at += length;
}

bool proto_next(proto_message *m, proto_field *field) {
    *field = (proto_field){0};
    if (m->broken || m->at == m->end) return false;
    uint64_t tag = read_varint(m);
    field->number = (uint32_t)(tag >> 3);
    field->kind = (proto_kind)(tag & 7);
    if (tag >> 32 || field->number == 0) m->broken = true;
    if (m->broken) return false;
    switch (field->kind) {
    case PROTO_VARINT:
        field->value = read_varint(m);
        break;
    case PROTO_FIXED64:
        field->value = read_fixed(m, 8);
        break;
    case PROTO_FIXED32:
        field->value = read_fixed(m, 4);
        break;
    case PROTO_BYTES:
        read_bytes(m, field);
        break;
    default:
        m->broken = true;
    }
    return !m->broken;
}

bool proto_float(const proto_field *field, float *out) {
    uint32_t bits = (uint32_t)field->value;
    if (field->kind != PROTO_FIXED32) return false;
    memcpy(out, &bits, sizeof bits);
    return true;
}

bool proto_int(const proto_field *field, int64_t *out) {
    if (field->kind == PROTO_VARINT) *out = (int64_t)field->value;
    return field->kind == PROTO_VARINT;
}

bool proto_bool(const proto_field *field, bool *out) {
    if (field->kind == PROTO_VARINT) *out = field->value != 0;
    return field->kind == PROTO_VARINT;
}
