/* Reading tokenizer.json: its objects become the parts of a tokenizer. Trees are cJSON's; their
 * lists of children are walked and never searched by name, which would be quadratic. Private to
 * this folder. */
#ifndef TOKENIZER_READ_JSON_H
#define TOKENIZER_READ_JSON_H

#include "tokenizer/file/read_pieces.h"

#include <cjson/cJSON.h>

/* The tree of content[0..n) (free with cJSON_Delete), or NULL and e. */
cJSON *json_parse(const char *content, size_t n, const char *name, err *e);
/* Reads an object of pieces with their ids. */
bool json_pieces(read_pieces *p, const cJSON *object, const char *name, err *e);

/* A file that is being read. `what` below names the object at hand: "decoder 'Strip'". */
typedef struct json_reader {
    const char *name;
    err *e;
    tokenizer *tok;
    read_pieces pieces; /* of the model, and the added tokens */
    unsigned decoders;  /* a bit for each kind met, in the order of a Sequence */
} json_reader;

/* Sets the error "NAME: WHAT: ..." and returns false. */
bool json_fail(const json_reader *r, const char *what, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

typedef enum json_kind {
    JSON_BOOL,   /* bool * */
    JSON_STRING, /* const char **, borrowed from the tree */
    JSON_NUMBER, /* double * */
    JSON_LIST,   /* const cJSON **, as the following */
    JSON_OBJECT,
    JSON_ANY,
    JSON_IGNORED /* read by others of the field, without a say in what the ids are */
} json_kind;

typedef struct json_field {
    const char *key;
    json_kind kind;
    void *out; /* left as it is where the key is missing or its value null */
} json_field;

/* Reads the values of an object. A key that is twice there or unknown (unless its value is null or
 * false) and a value of another type are errors. "type" is always known. */
bool json_fields(const json_reader *r, const cJSON *object, const char *what,
                 const json_field *fields, size_t n);

/* How the object with a certain "type" is read. */
typedef struct json_part {
    const char *type;
    bool (*read)(json_reader *r, const cJSON *object, const struct json_part *part,
                 const char *what);
    int kind; /* for those that share a function */
} json_part;

/* Reads the object, if it is not null, as the part of its type; `stage` = "normalizer". */
bool json_read_part(json_reader *r, const cJSON *object, const char *stage, const json_part *known,
                    size_t n_known);
/* Calls `read` with each object of the list under `key`. */
bool json_read_sequence(json_reader *r, const cJSON *object, const char *what, const char *key,
                        bool (*read)(json_reader *r, const cJSON *object));
/* Reads {"String": "..."} or {"Regex": "..."}; new (free with pattern_free), or NULL and e. */
pattern *json_pattern(const json_reader *r, const cJSON *object, const char *what);
/* The place of `name` in "a|b|c", or -1. */
int json_choice(const char *name, const char *choices);

/* The parts, one file each. Each adds to r->tok; null is fine where there need not be one. */
bool json_read_normalizer(json_reader *r, const cJSON *object);
bool json_read_splitter(json_reader *r, const cJSON *object);
bool json_read_model(json_reader *r, const cJSON *object, const cJSON *added_tokens);
bool json_read_template(json_reader *r, const cJSON *object);
bool json_read_decoder(json_reader *r, const cJSON *object);
/* Adds the tokens to r->pieces and to the special ones. */
bool json_read_added(json_reader *r, const cJSON *list);

#endif
