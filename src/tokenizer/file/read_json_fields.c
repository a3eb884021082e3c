#include "tokenizer/file/read_json.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

bool json_fail(const json_reader *r, const char *what, const char *fmt, ...) {
    char text[700];
    va_list args;
    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    return err_set(r->e, ERR_INPUT, "%s: %s%s%s", r->name, what, *what ? ": " : "", text);
}

static bool has_kind(const cJSON *item, json_kind kind) {
    switch (kind) {
    case JSON_BOOL:
        return cJSON_IsBool(item);
    case JSON_STRING:
        return cJSON_IsString(item);
    case JSON_NUMBER:
        return cJSON_IsNumber(item);
    case JSON_LIST:
        return cJSON_IsArray(item);
    case JSON_OBJECT:
        return cJSON_IsObject(item);
    default:
        return true;
    }
}

static void take_value(const cJSON *item, const json_field *field) {
    switch (field->kind) {
    case JSON_BOOL:
        *(bool *)field->out = cJSON_IsTrue(item);
        break;
    case JSON_STRING:
        *(const char **)field->out = item->valuestring;
        break;
    case JSON_NUMBER:
        *(double *)field->out = item->valuedouble;
        break;
    case JSON_IGNORED:
        break;
    default:
        *(const cJSON **)field->out = item;
        break;
    }
}

/* "a, b, c" into list[0..size). */
static const char *list_keys(const json_field *fields, size_t n, char *list, size_t size) {
    size_t len = 0;
    *list = '\0';
    for (size_t i = 0; i < n && len < size; i++)
        len += (size_t)snprintf(list + len, size - len, "%s%s", i ? ", " : "", fields[i].key);
    return list;
}

static bool read_field(const json_reader *r, const cJSON *item, const char *what,
                       const json_field *fields, size_t n, uint64_t *seen) {
    static const char *const kinds[] = {"true or false", "a string", "a number", "a list",
                                        "an object"};
    char list[400];
    quoted key = quote(item->string, strlen(item->string));
    size_t i = 0;
    while (i < n && strcmp(fields[i].key, item->string) != 0) i++;
    if (i == n && (cJSON_IsNull(item) || cJSON_IsFalse(item))) return true;
    if (i == n)
        return json_fail(r, what, "'%s' is not known (known: %s)", key.text,
                         list_keys(fields, n, list, sizeof list));
    if (*seen >> i & 1) return json_fail(r, what, "'%s' stands there twice", key.text);
    *seen |= (uint64_t)1 << i;
    if (cJSON_IsNull(item)) return true;
    if (!has_kind(item, fields[i].kind))
        return json_fail(r, what, "'%s' is not %s", key.text, kinds[fields[i].kind]);
    take_value(item, &fields[i]);
    return true;
}

bool json_fields(const json_reader *r, const cJSON *object, const char *what,
                 const json_field *fields, size_t n) {
    uint64_t seen = 0;
    if (!cJSON_IsObject(object)) return json_fail(r, what, "expected an object");
    for (const cJSON *item = object->child; item; item = item->next)
        if (strcmp(item->string, "type") != 0 && !read_field(r, item, what, fields, n, &seen))
            return false;
    return true;
}

/* The string under "type", the first of them, or NULL. */
static const char *type_of(const cJSON *object) {
    if (!cJSON_IsObject(object)) return NULL;
    for (const cJSON *item = object->child; item; item = item->next)
        if (strcmp(item->string, "type") == 0) return cJSON_GetStringValue(item);
    return NULL;
}

bool json_read_part(json_reader *r, const cJSON *object, const char *stage, const json_part *known,
                    size_t n_known) {
    if (!object || cJSON_IsNull(object)) return true;
    const char *type = type_of(object);
    if (!type) return json_fail(r, stage, "expected an object with a \"type\"");
    quoted shown = quote(type, strlen(type));
    str what = {0}, names = {0};
    str_printf(&what, "%s '%s'", stage, shown.text);
    bool ok = true, found = false;
    for (size_t i = 0; i < n_known && !found; i++) {
        str_printf(&names, "%s%s", i ? ", " : "", known[i].type);
        found = strcmp(known[i].type, type) == 0;
        if (found) ok = known[i].read(r, object, &known[i], what.data);
    }
    if (!found)
        ok = err_set(r->e, ERR_INPUT, "%s: %s is not known (known: %s)", r->name, what.data,
                     names.data);
    str_free(&what);
    str_free(&names);
    return ok;
}

bool json_read_sequence(json_reader *r, const cJSON *object, const char *what, const char *key,
                        bool (*read)(json_reader *r, const cJSON *object)) {
    const cJSON *list = NULL;
    const json_field fields[] = {{key, JSON_LIST, &list}};
    if (!json_fields(r, object, what, fields, 1)) return false;
    if (!list) return json_fail(r, what, "no \"%s\"", key);
    for (const cJSON *item = list->child; item; item = item->next)
        if (!read(r, item)) return false;
    return true;
}

pattern *json_pattern(const json_reader *r, const cJSON *object, const char *what) {
    const char *literal = NULL, *regex = NULL;
    const json_field fields[] = {{"String", JSON_STRING, &literal}, {"Regex", JSON_STRING, &regex}};
    if (!object || !json_fields(r, object, what, fields, 2) || !literal == !regex) {
        json_fail(r, what, "expected a pattern, {\"String\": ..} or {\"Regex\": ..}");
        return NULL;
    }
    const char *source = literal ? literal : regex;
    str name = {0};
    str_printf(&name, "%s: %s", r->name, what);
    pattern *p = pattern_new(source, strlen(source), literal, name.data, r->e);
    str_free(&name);
    return p;
}

int json_choice(const char *name, const char *choices) {
    for (int place = 0; *choices; place++) {
        size_t len = strcspn(choices, "|");
        if (len == strlen(name) && memcmp(name, choices, len) == 0) return place;
        choices += len + (choices[len] == '|');
    }
    return -1;
}
