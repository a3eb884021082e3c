/* The post-processors of tokenizer.json: which ids stand before and after a text. */
#include "base/array.h"
#include "tokenizer/file/read_json.h"

#include <string.h>

enum { MAX_PLACES = 64 }; /* each is looked for among all special tokens */

/* Appends the id; what is no id is left to tok_finish. */
static bool append_id(json_reader *r, const cJSON *id, const char *what, tok_ids *out) {
    if (!cJSON_IsNumber(id) || !(id->valuedouble >= 0 && id->valuedouble < VOCAB_MAX_SIZE) ||
        id->valuedouble != (double)id->valueint)
        return json_fail(r, what, "an id that is none");
    tok_ids_append(out, id->valueint);
    return true;
}

static bool has_template(const json_reader *r) {
    return r->tok->before.len || r->tok->after.len;
}

/* Offsets are not known here. */
static bool read_byte_level(json_reader *r, const cJSON *object, const json_part *part,
                            const char *what) {
    (void)part;
    const json_field fields[] = {{"add_prefix_space", JSON_IGNORED, NULL},
                                 {"trim_offsets", JSON_IGNORED, NULL},
                                 {"use_regex", JSON_IGNORED, NULL}};
    return json_fields(r, object, what, fields, COUNT(fields));
}

/* ["[SEP]", 102] */
static bool read_pair_of(json_reader *r, const cJSON *pair, const char *what, tok_ids *out) {
    const cJSON *content = pair ? pair->child : NULL, *id = content ? content->next : NULL;
    if (!cJSON_IsString(content) || !id || id->next)
        return json_fail(r, what, "expected \"sep\" and \"cls\", each [\"CONTENT\", ID]");
    return append_id(r, id, what, out);
}

static bool read_bert(json_reader *r, const cJSON *object, const json_part *part,
                      const char *what) {
    (void)part;
    const cJSON *sep = NULL, *cls = NULL;
    const json_field fields[] = {{"sep", JSON_LIST, &sep},
                                 {"cls", JSON_LIST, &cls},
                                 {"trim_offsets", JSON_IGNORED, NULL},
                                 {"add_prefix_space", JSON_IGNORED, NULL}};
    if (has_template(r)) return json_fail(r, what, "a second template");
    return json_fields(r, object, what, fields, COUNT(fields)) &&
           read_pair_of(r, cls, what, &r->tok->before) &&
           read_pair_of(r, sep, what, &r->tok->after);
}

/* Appends the ids that special_tokens has for the name. */
static bool append_special(json_reader *r, const cJSON *tokens, const char *name, const char *what,
                           tok_ids *out) {
    const cJSON *token = tokens ? tokens->child : NULL, *ids = NULL;
    while (token && strcmp(token->string, name) != 0) token = token->next;
    if (!token)
        return json_fail(r, what, "'%s' is not in special_tokens", quote(name, strlen(name)).text);
    const json_field fields[] = {
        {"id", JSON_IGNORED, NULL}, {"ids", JSON_LIST, &ids}, {"tokens", JSON_IGNORED, NULL}};
    if (!json_fields(r, token, what, fields, COUNT(fields))) return false;
    if (!ids) return json_fail(r, what, "no \"ids\"");
    for (const cJSON *id = ids->child; id; id = id->next)
        if (!append_id(r, id, what, out)) return false;
    return true;
}

/* {"SpecialToken": {"id": "[CLS]", "type_id": 0}} or {"Sequence": {"id": "A", "type_id": 0}} */
static bool read_place(json_reader *r, const cJSON *place, const cJSON *tokens, const char *what,
                       int *n_texts) {
    const cJSON *special = NULL, *text = NULL;
    const char *id = NULL;
    const json_field kinds[] = {{"SpecialToken", JSON_OBJECT, &special},
                                {"Sequence", JSON_OBJECT, &text}};
    const json_field fields[] = {{"id", JSON_STRING, &id}, {"type_id", JSON_IGNORED, NULL}};
    if (!json_fields(r, place, what, kinds, COUNT(kinds))) return false;
    if (!special == !text) return json_fail(r, what, "neither a SpecialToken nor a Sequence");
    if (!json_fields(r, special ? special : text, what, fields, COUNT(fields))) return false;
    if (!id) return json_fail(r, what, "a place of the template without \"id\"");
    *n_texts += text != NULL;
    if (text) return true;
    return append_special(r, tokens, id, what, *n_texts ? &r->tok->after : &r->tok->before);
}

static bool read_template(json_reader *r, const cJSON *object, const json_part *part,
                          const char *what) {
    (void)part;
    const cJSON *single = NULL, *tokens = NULL;
    const json_field fields[] = {{"single", JSON_LIST, &single},
                                 {"pair", JSON_IGNORED, NULL},
                                 {"special_tokens", JSON_OBJECT, &tokens}};
    if (has_template(r)) return json_fail(r, what, "a second template");
    if (!json_fields(r, object, what, fields, COUNT(fields))) return false;
    if (!single) return json_fail(r, what, "no \"single\"");
    if (cJSON_GetArraySize(single) > MAX_PLACES)
        return json_fail(r, what, "more than %d places in \"single\"", MAX_PLACES);
    int n_texts = 0;
    for (const cJSON *place = single->child; place; place = place->next)
        if (!read_place(r, place, tokens, what, &n_texts)) return false;
    return n_texts == 1 || json_fail(r, what, "the text must stand once in \"single\"");
}

static bool read_sequence(json_reader *r, const cJSON *object, const json_part *part,
                          const char *what);

bool json_read_template(json_reader *r, const cJSON *object) {
    static const json_part known[] = {
        {"ByteLevel", read_byte_level, 0},   {"BertProcessing", read_bert, 0},
        {"RobertaProcessing", read_bert, 0}, {"TemplateProcessing", read_template, 0},
        {"Sequence", read_sequence, 0},
    };
    return json_read_part(r, object, "post_processor", known, COUNT(known));
}

static bool read_sequence(json_reader *r, const cJSON *object, const json_part *part,
                          const char *what) {
    (void)part;
    return json_read_sequence(r, object, what, "processors", json_read_template);
}
