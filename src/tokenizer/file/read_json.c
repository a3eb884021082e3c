#include "tokenizer/file/read_json.h"
#include "base/array.h"

#include "tokenizer/file/readers.h"

#include <string.h>

/* Whether it is what gradus wrote before: {"type": "char", "version": 1, ..., "vocab": [..]}. */
static bool is_former_own(const cJSON *root) {
    const cJSON *type = root->child, *version = type ? type->next : NULL;
    return cJSON_IsString(type) && strcmp(type->string, "type") == 0 && cJSON_IsNumber(version) &&
           strcmp(version->string, "version") == 0;
}

typedef struct top_fields {
    const char *version;
    const cJSON *added_tokens, *normalizer, *pre_tokenizer, *post_processor, *decoder, *model;
} top_fields;

static bool read_top(json_reader *r, const cJSON *root, top_fields *f) {
    const json_field fields[] = {{"version", JSON_STRING, &f->version},
                                 {"truncation", JSON_IGNORED, NULL},
                                 {"padding", JSON_IGNORED, NULL},
                                 {"added_tokens", JSON_LIST, &f->added_tokens},
                                 {"normalizer", JSON_OBJECT, &f->normalizer},
                                 {"pre_tokenizer", JSON_OBJECT, &f->pre_tokenizer},
                                 {"post_processor", JSON_OBJECT, &f->post_processor},
                                 {"decoder", JSON_OBJECT, &f->decoder},
                                 {"model", JSON_OBJECT, &f->model}};
    if (cJSON_IsObject(root) && is_former_own(root))
        return json_fail(r, "",
                         "written by gradus before its tokenizers were tokenizer.json; train it "
                         "again");
    if (!json_fields(r, root, "", fields, COUNT(fields))) return false;
    if (!f->model) return json_fail(r, "", "not a tokenizer: no \"model\"");
    if (f->version && strcmp(f->version, "1.0") != 0)
        return json_fail(r, "", "version '%s', expected 1.0",
                         quote(f->version, strlen(f->version)).text);
    return true;
}

tokenizer *read_tokenizer_json(const char *content, size_t n, const char *name, err *e) {
    cJSON *root = json_parse(content, n, name, e);
    if (!root) return NULL;
    json_reader r = {.name = name, .e = e, .tok = tok_new(TOK_BPE)};
    top_fields f = {0};
    bool ok = read_top(&r, root, &f) && json_read_normalizer(&r, f.normalizer) &&
              json_read_splitter(&r, f.pre_tokenizer) &&
              json_read_model(&r, f.model, f.added_tokens) &&
              json_read_template(&r, f.post_processor) && json_read_decoder(&r, f.decoder);
    read_pieces_free(&r.pieces);
    cJSON_Delete(root);
    if (ok) return tok_finish(r.tok, name, e);
    tok_free(r.tok);
    return NULL;
}
