#include "cli/prompt.h"

#include "base/file.h"

#include <string.h>

bool prompt_encode_file(const tokenizer *tok, const char *path, tok_ids *ids, err *e) {
    file_map text;
    if (!file_open_map(&text, path, e)) return false;
    tok_encode(tok, text.data, text.size, ids);
    file_close_map(&text);
    return true;
}

bool prompt_encode(const tokenizer *tok, const char *prompt, tok_ids *ids, err *e) {
    static const char from_file[] = "FILE:";
    if (strncmp(prompt, from_file, strlen(from_file)) == 0) {
        if (!prompt_encode_file(tok, prompt + strlen(from_file), ids, e)) return false;
    } else if (prompt[0]) {
        tok_encode(tok, prompt, strlen(prompt), ids);
    } else {
        tok_encode(tok, "\n", 1, ids);
    }
    return ids->len > 0 || err_set(e, ERR_INPUT, "the prompt '%s' has no token", prompt);
}
