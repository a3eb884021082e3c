#include "tokenizer/file/write_json.h"

#include <string.h>

/* {"SpecialToken": {"id": "[CLS]", "type_id": 0}}, or a Sequence. */
static void write_place(json_writer *w, const char *kind, const char *id, int type) {
    json_open(w, '{');
    json_key(w, kind);
    json_open(w, '{');
    json_key_string(w, "id", id);
    json_key(w, "type_id");
    json_int(w, type);
    json_close(w, '}');
    json_close(w, '}');
}

static void write_ids(json_writer *w, const tokenizer *tok, const tok_ids *ids, int type) {
    str token = {0};
    for (size_t i = 0; i < ids->len; i++) {
        json_spell(tok, ids->data[i], &token);
        write_place(w, "SpecialToken", token.data, type);
    }
    str_free(&token);
}

/* Of two texts the second stands where a text of its own would, but for what begins it where
 * something ends the first. */
static void write_places(json_writer *w, const tokenizer *tok, bool pair) {
    json_open(w, '[');
    write_ids(w, tok, &tok->before, 0);
    write_place(w, "Sequence", "A", 0);
    write_ids(w, tok, &tok->after, 0);
    if (pair) {
        if (tok->after.len == 0) write_ids(w, tok, &tok->before, 1);
        write_place(w, "Sequence", "B", 1);
        write_ids(w, tok, &tok->after, 1);
    }
    json_close(w, ']');
}

static void write_token(json_writer *w, const char *token, int32_t id) {
    json_key(w, token);
    json_open(w, '{');
    json_key_string(w, "id", token);
    json_key(w, "ids");
    json_open(w, '[');
    json_int(w, id);
    json_close(w, ']');
    json_key(w, "tokens");
    json_open(w, '[');
    json_string(w, token, strlen(token));
    json_close(w, ']');
    json_close(w, '}');
}

/* Each token once. */
static void write_tokens(json_writer *w, const tokenizer *tok) {
    const tok_ids *lists[] = {&tok->before, &tok->after};
    vocab seen = {0};
    str token = {0};
    json_open(w, '{');
    for (int k = 0; k < 2; k++)
        for (size_t i = 0; i < lists[k]->len; i++) {
            int32_t n_seen = seen.size;
            json_spell(tok, lists[k]->data[i], &token);
            if (vocab_add(&seen, token.data, token.len) == n_seen)
                write_token(w, token.data, lists[k]->data[i]);
        }
    json_close(w, '}');
    str_free(&token);
    vocab_free(&seen);
}

void json_write_template(json_writer *w, const tokenizer *tok) {
    if (tok->before.len + tok->after.len == 0) {
        json_null(w);
        return;
    }
    json_open_part(w, "TemplateProcessing");
    json_key(w, "single");
    write_places(w, tok, false);
    json_key(w, "pair");
    write_places(w, tok, true);
    json_key(w, "special_tokens");
    write_tokens(w, tok);
    json_close(w, '}');
}
