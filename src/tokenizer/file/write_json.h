/* Writing JSON as Hugging Face's tokenizers do: pretty, two blanks for each level. Private to this
 * folder. */
#ifndef TOKENIZER_WRITE_JSON_H
#define TOKENIZER_WRITE_JSON_H

#include "tokenizer/parts.h"

/* A document in the making. Values follow one another; in an object json_key stands before each. */
typedef struct json_writer {
    str *out;
    int depth;
    bool empty, keyed; /* nothing stands yet in the innermost bracket; a key waits for its value */
} json_writer;

void json_open(json_writer *w, char bracket);
void json_close(json_writer *w, char bracket);
void json_key(json_writer *w, const char *key);
void json_null(json_writer *w);
void json_int(json_writer *w, int64_t value);
/* The shortest number that reads back the same. */
void json_double(json_writer *w, double value);
/* UTF-8, of which only what must be is escaped. */
void json_string(json_writer *w, const char *bytes, size_t n);
/* A key and its value; text NULL = null. */
void json_key_string(json_writer *w, const char *key, const char *text);
void json_key_bool(json_writer *w, const char *key, bool value);
/* The entry of "a|b|c" at that place. */
void json_key_choice(json_writer *w, const char *key, const char *choices, int place);
/* Puts the token into *out as the file spells it. */
void json_spell(const tokenizer *tok, int32_t id, str *out);
/* Opens an object with its "type". */
void json_open_part(json_writer *w, const char *type);

/* What stands around n steps: nothing around one, a Sequence with the list `key` around several,
 * null instead of none. */
void json_open_steps(json_writer *w, size_t n, const char *key);
void json_close_steps(json_writer *w, size_t n);

/* The parts, one file each: each writes one value. */
void json_write_normalizer(json_writer *w, const tokenizer *tok);
void json_write_splitter(json_writer *w, const tokenizer *tok);
void json_write_template(json_writer *w, const tokenizer *tok);
void json_write_decoder(json_writer *w, const tokenizer *tok);
/* False where JSON cannot hold the vocabulary. */
bool json_write_model(json_writer *w, const tokenizer *tok, const char *name, err *e);
/* {"String": ..} or {"Regex": ..} */
void json_write_pattern(json_writer *w, const pattern *p);

#endif
