#include "tokenizer/file/write_json.h"

static void write_added(json_writer *w, const specials *sp) {
    json_open(w, '[');
    for (size_t i = 0; i < sp->n; i++) {
        const special_token *token = &sp->tokens[i];
        json_open(w, '{');
        json_key(w, "id");
        json_int(w, token->id);
        json_key_string(w, "content", token->content.data);
        json_key_bool(w, "single_word", token->single_word);
        json_key_bool(w, "lstrip", token->lstrip);
        json_key_bool(w, "rstrip", token->rstrip);
        json_key_bool(w, "normalized", token->normalized);
        json_key_bool(w, "special", token->special);
        json_close(w, '}');
    }
    json_close(w, ']');
}

bool tok_write(const tokenizer *tok, str *out, const char *name, err *e) {
    json_writer w = {.out = out};
    json_open(&w, '{');
    json_key_string(&w, "version", "1.0");
    json_key_string(&w, "truncation", NULL);
    json_key_string(&w, "padding", NULL);
    json_key(&w, "added_tokens");
    write_added(&w, &tok->specials);
    json_key(&w, "normalizer");
    json_write_normalizer(&w, tok);
    json_key(&w, "pre_tokenizer");
    json_write_splitter(&w, tok);
    json_key(&w, "post_processor");
    json_write_template(&w, tok);
    json_key(&w, "decoder");
    json_write_decoder(&w, tok);
    json_key(&w, "model");
    bool ok = json_write_model(&w, tok, name, e);
    json_close(&w, '}');
    return ok;
}
