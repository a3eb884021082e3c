/* The input as a file of conversations, which must be refused with one line or become tokens. */
#include "train/chat.h"

#include "base/check.h"
#include "tokenizer/training.h"

#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The tokens hold what the messages say, byte for byte. */
static void render_chat(const chat_file *chat) {
    err e = {0};
    const tok_training how = {.type = TOK_BYTE};
    tokenizer *tok = tok_train(&how, NULL, 0, &e);
    CHECK(tok && chat_add_special(tok, &e), "%s", e.message);
    tok_ids ids = {0}, mask = {0};
    size_t n = 0, n_conversations = 0, n_bytes = 0;
    for (size_t i = 0; i < chat->n; n_conversations++) i = chat_render(tok, chat, i, &ids, &mask);
    for (size_t i = 0; i < chat->n; i++) n += chat->messages[i].length;
    for (size_t i = 0; i < ids.len; i++) n_bytes += ids.data[i] < 256;
    CHECK(n_conversations == chat->n_conversations, "%zu conversations", n_conversations);
    CHECK(mask.len == ids.len, "%zu marks for %zu tokens", mask.len, ids.len);
    CHECK(n_bytes == n, "%zu bytes became %zu tokens", n, n_bytes);
    tok_ids_free(&ids);
    tok_ids_free(&mask);
    tok_free(tok);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    chat_file chat;
    err e = {0};
    bool ok = chat_parse(&chat, (const char *)data, size, "fuzz", &e);
    CHECK(ok == (e.code == ERR_NONE), "a result and an error, or neither");
    CHECK(!strchr(e.message, '\n'), "an error of several lines");
    if (ok) render_chat(&chat);
    chat_free(&chat);
    return 0;
}
