/* Reading Google's Protocol Buffers, field by field. Private to this folder. */
#ifndef TOKENIZER_PROTOBUF_H
#define TOKENIZER_PROTOBUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What is left of a message. */
typedef struct proto_message {
    const char *at, *end;
    bool broken; /* the message ended inside a field, or is none */
} proto_message;

typedef enum proto_kind {
    PROTO_VARINT = 0,
    PROTO_FIXED64 = 1,
    PROTO_BYTES = 2, /* a string, bytes, or a message */
    PROTO_FIXED32 = 5
} proto_kind;

typedef struct proto_field {
    uint32_t number;
    proto_kind kind;
    uint64_t value;    /* varint, fixed */
    const char *bytes; /* borrowed from the message; `length` of them */
    size_t length;
} proto_field;

proto_message proto_of(const char *bytes, size_t n);
/* Takes the next field off m; false at the end, and when m is broken. */
bool proto_next(proto_message *m, proto_field *field);
/* Each reads a field of its kind, and is false when the field is of another. */
bool proto_float(const proto_field *field, float *out);
bool proto_bool(const proto_field *field, bool *out);
bool proto_int(const proto_field *field, int64_t *out);

#endif
