#include "train/chat.h"

#include "base/array.h"
#include "base/file.h"

#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Where a message about the file points to. */
typedef struct place {
    const char *path;
    size_t line;
    err *e;
} place;

static bool refuse(const place *at, const char *found, const char *expected) {
    return err_set(at->e, ERR_INPUT, "%s:%zu: %s, expected %s", at->path, at->line, found,
                   expected);
}

/* Shows no more of the name than a line has room for, and no character that would end it. */
static bool refuse_role(const char *name, const char *nearest, const place *at) {
    char shown[41] = "";
    for (size_t i = 0; i < sizeof shown - 1 && name[i]; i++)
        shown[i] = (unsigned char)name[i] < ' ' ? '?' : name[i];
    return err_set(at->e, ERR_INPUT, "%s:%zu: role '%s', expected system, user or assistant%s%s%s",
                   at->path, at->line, shown, nearest ? " (did you mean '" : "",
                   nearest ? nearest : "", nearest ? "'?)" : "");
}

/* Borrows from the message; NULL, with the error, where it has no text of that name. */
static const char *read_field(const cJSON *message, const char *name, const char *expected,
                              const place *at) {
    char found[64];
    const cJSON *field = cJSON_GetObjectItemCaseSensitive(message, name);
    if (cJSON_IsString(field)) return field->valuestring;
    snprintf(found, sizeof found, field ? "\"%s\" that is no text" : "a message without \"%s\"",
             name);
    refuse(at, found, expected);
    return NULL;
}

static bool read_role(const cJSON *message, tok_role *role, const place *at) {
    static const char *const names[] = {"system", "user", "assistant"};
    static const tok_role roles[] = {TOK_SYSTEM, TOK_USER, TOK_ASSISTANT};
    const char *name = read_field(message, "role", "system, user or assistant", at);
    if (!name) return false;
    for (int i = 0; i < 3; i++)
        if (strcmp(name, names[i]) == 0) {
            *role = roles[i];
            return true;
        }
    return refuse_role(name, str_nearest(name, names, 3), at);
}

static bool read_message(chat_file *chat, const cJSON *message, bool begins, const place *at) {
    tok_role role = TOK_USER;
    if (!cJSON_IsObject(message))
        return refuse(at, "a message that is no object", "{\"role\": ..., \"content\": ...}");
    if (!read_role(message, &role, at)) return false;
    const char *content = read_field(message, "content", "what is said", at);
    if (!content) return false;
    chat->messages =
        array_room(chat->messages, &chat->capacity, chat->n + 1, sizeof *chat->messages);
    size_t length = strlen(content);
    chat->messages[chat->n++] = (chat_message){role, begins, chat->text.len, length};
    str_append(&chat->text, content, length);
    return true;
}

static bool read_messages(chat_file *chat, const cJSON *line, const place *at) {
    const cJSON *list =
        cJSON_IsArray(line) ? line : cJSON_GetObjectItemCaseSensitive(line, "messages");
    const cJSON *message;
    if (!cJSON_IsArray(list))
        return refuse(at, "no list of messages", "{\"messages\": [...]} or [...]");
    if (!list->child) return refuse(at, "a conversation without messages", "one or more");
    cJSON_ArrayForEach(message, list) {
        if (!read_message(chat, message, message == list->child, at)) return false;
    }
    chat->n_conversations++;
    return true;
}

/* cJSON ends a text at this character, and would lose what follows. */
static bool has_escaped_nul(const char *line, size_t n) {
    for (size_t i = 0; i + 5 < n; i++)
        if (line[i] == '\\' && memcmp(line + ++i, "u0000", 5) == 0) return true;
    return false;
}

static bool read_line(chat_file *chat, const char *line, size_t n, const place *at) {
    const char *end = line;
    if (memchr(line, '\0', n) || has_escaped_nul(line, n))
        return refuse(at, "a NUL character", "text");
    cJSON *json = cJSON_ParseWithLengthOpts(line, n, &end, false);
    size_t parsed = (size_t)(end - line);
    while (json && parsed < n && strchr(" \t\r", line[parsed])) parsed++;
    bool ok = json && parsed == n;
    if (!ok)
        err_set(at->e, ERR_INPUT,
                "%s:%zu: not JSON from byte %zu of the line on, expected a conversation on each "
                "line",
                at->path, at->line, parsed + 1);
    ok = ok && read_messages(chat, json, at);
    cJSON_Delete(json);
    return ok;
}

static bool is_blank(const char *line, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (line[i] == '\0' || !strchr(" \t\r", line[i])) return false;
    return true;
}

bool chat_parse(chat_file *chat, const char *text, size_t size, const char *name, err *e) {
    bool ok = true;
    place at = {name, 0, e};
    *chat = (chat_file){0};
    str_append(&chat->text, "", 0);
    for (size_t i = 0, n; ok && i < size; i += n + 1) {
        const char *line = text + i, *end = memchr(line, '\n', size - i);
        n = end ? (size_t)(end - line) : size - i;
        at.line++;
        ok = is_blank(line, n) || read_line(chat, line, n, &at);
    }
    if (ok && chat->n == 0) ok = err_set(e, ERR_INPUT, "%s: no conversation in it", name);
    return ok;
}

bool chat_read(chat_file *chat, const char *path, err *e) {
    file_map file;
    *chat = (chat_file){0};
    if (!file_open_map(&file, path, e)) return false;
    bool ok = chat_parse(chat, file.data, file.size, path, e);
    file_close_map(&file);
    return ok;
}

void chat_free(chat_file *chat) {
    free(chat->messages);
    str_free(&chat->text);
    *chat = (chat_file){0};
}
