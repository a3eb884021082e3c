/* Any bytes are GPT-2's vocab.json and, behind the line "merges:", merges.txt, or one message. What
 * was read gives back every text whose bytes it has. */
#define _GNU_SOURCE /* memmem */
#include "base/check.h"
#include "tokenizer/file/readers.h"

#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool has_all_bytes(const tokenizer *tok) {
    for (int byte = 0; byte < 256; byte++)
        if (tok_find(tok, &(char){(char)byte}, 1) < 0) return false;
    return true;
}

static void give_back(const tokenizer *tok, const char *text, size_t n) {
    tok_ids ids = {0};
    str out = {0};
    tok_encode(tok, text, n, NULL, &ids);
    tok_decode(tok, ids.data, ids.len, &out);
    if (has_all_bytes(tok))
        CHECK(out.len == n && (n == 0 || memcmp(out.data, text, n) == 0), "the text changed");
    tok_ids_free(&ids);
    str_free(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const char line[] = "merges:\n";
    const char *content = (const char *)data, *merges = memmem(data, size, line, sizeof line - 1);
    size_t n = merges ? (size_t)(merges - content) : size;
    merges = merges ? merges + sizeof line - 1 : content + size;
    err e = {0};
    tokenizer *tok = read_gpt2(content, n, "vocab.json", merges, (size_t)(content + size - merges),
                               "merges.txt", &e);
    if (tok) {
        give_back(tok, content, size);
        tok_free(tok);
    } else {
        CHECK(e.code == ERR_INPUT && *e.message, "refused without a message");
        CHECK(!strpbrk(e.message, "\r\n"), "more than one line");
        CHECK(str_utf8_valid(e.message, strlen(e.message)) == strlen(e.message), "not UTF-8");
    }
    return 0;
}
