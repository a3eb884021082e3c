#include "train/chat.h"

#include "base/check.h"

static const tok_role needed[] = {TOK_BOS, TOK_EOS, TOK_SYSTEM, TOK_USER, TOK_ASSISTANT};
enum { N_NEEDED = sizeof needed / sizeof *needed };

const char *chat_special_names(void) {
    return "<|bos|>,<|eos|>,<|system|>,<|user|>,<|assistant|>";
}

bool chat_add_special(tokenizer *tok, err *e) {
    str names = {0};
    for (int i = 0; i < N_NEEDED; i++)
        if (tok_role_id(tok, needed[i]) < 0)
            str_printf(&names, "%s%s", names.len ? "," : "", tok_role_name(needed[i]));
    bool ok = names.len == 0 || tok_add_special(tok, names.data, e);
    str_free(&names);
    return ok;
}

bool chat_has_special(const tokenizer *tok) {
    for (int i = 0; i < N_NEEDED; i++)
        if (tok_role_id(tok, needed[i]) < 0) return false;
    return true;
}

static int32_t role_id(const tokenizer *tok, tok_role role) {
    int32_t id = tok_role_id(tok, role);
    CHECK(id >= 0, "a conversation without the token %s", tok_role_name(role));
    return id;
}

/* Marks the tokens behind those that are marked already. */
static void mark(const tok_ids *ids, tok_ids *mask, bool counts) {
    while (mask && mask->len < ids->len) tok_ids_append(mask, counts);
}

void chat_render_message(const tokenizer *tok, tok_role role, const char *content, size_t n,
                         tok_ids *ids, tok_ids *mask) {
    tok_ids_append(ids, role_id(tok, role));
    mark(ids, mask, false);
    if (n > 0) tok_encode(tok, content, n, NULL, ids);
    if (role == TOK_ASSISTANT) tok_ids_append(ids, role_id(tok, TOK_EOS));
    mark(ids, mask, role == TOK_ASSISTANT);
}

size_t chat_render(const tokenizer *tok, const chat_file *chat, size_t first, tok_ids *ids,
                   tok_ids *mask) {
    size_t i = first;
    tok_ids_append(ids, role_id(tok, TOK_BOS));
    mark(ids, mask, false);
    do {
        const chat_message *m = &chat->messages[i++];
        chat_render_message(tok, m->role, chat->text.data + m->start, m->length, ids, mask);
    } while (i < chat->n && !chat->messages[i].begins);
    return i;
}
