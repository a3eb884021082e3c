/* The added tokens of tokenizer.json. */
#include "base/array.h"
#include "tokenizer/file/read_json.h"

#include <string.h>

static bool read_token(json_reader *r, const cJSON *object) {
    const char *content = NULL, what[] = "added token";
    double id = -1;
    special_token token = {0};
    const json_field fields[] = {{"id", JSON_NUMBER, &id},
                                 {"content", JSON_STRING, &content},
                                 {"single_word", JSON_BOOL, &token.single_word},
                                 {"lstrip", JSON_BOOL, &token.lstrip},
                                 {"rstrip", JSON_BOOL, &token.rstrip},
                                 {"normalized", JSON_BOOL, &token.normalized},
                                 {"special", JSON_BOOL, &token.special}};
    if (!json_fields(r, object, what, fields, COUNT(fields))) return false;
    if (!content) return json_fail(r, what, "no \"content\"");
    size_t len = strlen(content);
    int32_t known = read_pieces_id(&r->pieces, content, len);
    if (known >= 0 && known != id)
        return json_fail(r, what, "'%s' has the id %g, in the vocabulary %d",
                         quote(content, len).text, id, (int)known);
    if (known < 0 && !read_pieces_add(&r->pieces, content, len, id, r->name, r->e)) return false;
    special_token *added = special_add(&r->tok->specials, (int32_t)id, content, len);
    token.id = added->id;
    token.content = added->content;
    *added = token;
    return true;
}

bool json_read_added(json_reader *r, const cJSON *list) {
    for (const cJSON *item = list ? list->child : NULL; item; item = item->next)
        if (!read_token(r, item)) return false;
    return specials_sort(&r->tok->specials, r->name, r->e);
}
