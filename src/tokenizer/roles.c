/* Special tokens by what they are for. */
#include "tokenizer/tokenizer.h"

#include <string.h>

enum { MAX_NAMES = 6 };

/* The names in the field, ours first. */
static const char *const names[TOK_ROLES][MAX_NAMES] = {
    [TOK_BOS] = {"<|bos|>", "<s>", "[CLS]", "<|begin_of_text|>", "<bos>", "<|startoftext|>"},
    [TOK_EOS] = {"<|eos|>", "</s>", "[SEP]", "<|end_of_text|>", "<eos>", "<|endoftext|>"},
    [TOK_PAD] = {"<|pad|>", "<pad>", "[PAD]", "<|padding|>"},
    [TOK_UNK] = {"<|unk|>", "<unk>", "[UNK]"},
    [TOK_SYSTEM] = {"<|system|>"},
    [TOK_USER] = {"<|user|>", "<|user_start|>"},
    [TOK_ASSISTANT] = {"<|assistant|>", "<|assistant_start|>"},
};

int32_t tok_role_id(const tokenizer *tok, tok_role role) {
    for (int i = 0; i < MAX_NAMES && names[role][i]; i++) {
        int32_t id = tok_find(tok, names[role][i], strlen(names[role][i]));
        if (id >= 0 && tok_is_special(tok, id)) return id;
    }
    return role == TOK_UNK ? tok_unknown(tok) : -1;
}

const char *tok_role_name(tok_role role) {
    return names[role][0];
}
