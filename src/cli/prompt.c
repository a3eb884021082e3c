#include "cli/prompt.h"

#include "base/file.h"

#include <string.h>

static bool encode_file(const tokenizer *tok, const char *path, const tok_options *options,
                        tok_ids *ids, err *e) {
    file_map text;
    if (!file_open_map(&text, path, e)) return false;
    tok_encode(tok, text.data, text.size, options, ids);
    file_close_map(&text);
    return true;
}

static bool has_unknown(const tokenizer *tok, const tok_ids *ids) {
    for (size_t i = 0; i < ids->len; i++)
        if (ids->data[i] == tok_unknown(tok)) return true;
    return false;
}

/* What comes before everything else: where the assistant begins to speak, or a line break; a full
 * stop where line breaks are no tokens. */
static void encode_beginning(const train_run *run, tok_ids *ids) {
    static const tok_role roles[] = {TOK_BOS, TOK_ASSISTANT};
    for (int i = 0; run->config.format == TRAIN_CHAT && i < 2; i++)
        if (tok_role_id(run->tok, roles[i]) >= 0)
            tok_ids_append(ids, tok_role_id(run->tok, roles[i]));
    static const char *const texts[] = {"\n", "."};
    for (int i = 0; ids->len == 0 && i < 2; i++) {
        tok_encode(run->tok, texts[i], 1, NULL, ids);
        if (i == 0 && has_unknown(run->tok, ids)) ids->len = 0;
    }
}

bool prompt_encode(const train_run *run, const char *prompt, bool allow_special, tok_ids *ids,
                   err *e) {
    static const char from_file[] = "FILE:";
    const tok_options options = {.allow_special = allow_special};
    if (strncmp(prompt, from_file, strlen(from_file)) == 0) {
        if (!encode_file(run->tok, prompt + strlen(from_file), &options, ids, e)) return false;
    } else if (prompt[0]) {
        tok_encode(run->tok, prompt, strlen(prompt), &options, ids);
    } else {
        encode_beginning(run, ids);
    }
    return ids->len > 0 || err_set(e, ERR_INPUT, "the prompt '%s' has no token", prompt);
}

bool prompt_is_end(const train_run *run, int32_t id) {
    return id == tok_role_id(run->tok, TOK_EOS);
}
