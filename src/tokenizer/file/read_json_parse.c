#include "tokenizer/file/read_json.h"

#include <string.h>

/* The escape of a zero byte in text[0..n), which would end a string of cJSON, or NULL. */
static const char *find_zero_escape(const char *text, size_t n) {
    const char *end = text + n;
    for (const char *at = text; (at = memchr(at, '\\', (size_t)(end - at))); at += 2) {
        if (end - at >= 6 && memcmp(at, "\\u0000", 6) == 0) return at;
        if (end - at < 2) break;
    }
    return NULL;
}

cJSON *json_parse(const char *content, size_t n, const char *name, err *e) {
    if (!read_is_text(content, n, name, e)) return NULL;
    const char *zero = find_zero_escape(content, n);
    if (zero) {
        err_set(e, ERR_INPUT, "%s: byte %td: \\u0000 is not allowed", name, zero - content);
        return NULL;
    }
    const char *end = content;
    cJSON *root = cJSON_ParseWithLengthOpts(content, n, &end, false);
    for (; root && end < content + n; end++)
        if (!strchr(" \t\r\n", *end)) {
            cJSON_Delete(root);
            root = NULL;
            break;
        }
    if (!root) err_set(e, ERR_INPUT, "%s: broken JSON at byte %td", name, end - content);
    return root;
}

bool json_pieces(read_pieces *p, const cJSON *object, const char *name, err *e) {
    for (const cJSON *item = object->child; item; item = item->next) {
        if (!cJSON_IsNumber(item))
            return err_set(e, ERR_INPUT, "%s: piece '%s' has no number as its id", name,
                           quote(item->string, strlen(item->string)).text);
        if (!read_pieces_add(p, item->string, strlen(item->string), item->valuedouble, name, e))
            return false;
    }
    return true;
}
