#include "train/resample.h"

/* Where the tokens of a set are read: behind an unknown token the rest of its word stays too, as it
 * would become a word of its own. */
typedef struct reader {
    const train_resample *r;
    int64_t i;
    bool in_unknown_word;
    str text; /* of the run that was read last */
} reader;

static bool begins_word(const tokenizer *tok, int32_t id, str *memory) {
    tok_decoding inside = {.begun = true};
    memory->len = 0;
    tok_decode_next(tok, &inside, id, memory);
    return memory->len > 0 && memory->data[0] == ' ';
}

/* Whether the next token stays what it is. */
static bool stays(reader *in) {
    const tokenizer *tok = in->r->tok;
    int32_t id = train_tokens_at(&in->r->set->tokens, in->i);
    if (id == tok_unknown(tok)) return in->in_unknown_word = true;
    if (tok_is_special(tok, id)) in->in_unknown_word = false;
    if (in->in_unknown_word) in->in_unknown_word = !begins_word(tok, id, &in->text);
    return in->in_unknown_word || tok_is_special(tok, id);
}

/* Reads the tokens of a text up to a special or unknown one, and what they decode to. */
static void read_run(reader *in) {
    const train_tokens *tokens = &in->r->set->tokens;
    const int32_t unknown = tok_unknown(in->r->tok);
    tok_decoding state = {0};
    in->text.len = 0;
    for (; in->i < tokens->n; in->i++) {
        int32_t id = train_tokens_at(tokens, in->i);
        if (id == unknown || tok_is_special(in->r->tok, id)) break;
        tok_decode_next(in->r->tok, &state, id, &in->text);
    }
}

static void keep(const train_tokens *tokens, int64_t first, int64_t end, tok_ids *ids) {
    for (int64_t i = first; i < end; i++) tok_ids_append(ids, train_tokens_at(tokens, i));
}

void train_resample_epoch(const train_resample *r, int64_t epoch, tok_ids *ids, tok_ids *mask) {
    const rng_key key = rng_split(r->key, (uint64_t)epoch);
    const train_tokens *tokens = &r->set->tokens;
    tok_options options = {.dropout = r->dropout, .alpha = r->alpha};
    reader in = {.r = r};
    while (in.i < tokens->n) {
        const int64_t first = in.i;
        const size_t before = ids->len;
        options.key = rng_split(key, (uint64_t)first);
        if (stays(&in)) {
            in.i++;
        } else {
            read_run(&in);
            if (in.text.len) tok_encode(r->tok, in.text.data, in.text.len, &options, ids);
        }
        if (ids->len == before) keep(tokens, first, in.i, ids); /* also a text without tokens */
        while (r->set->mask.n > 0 && mask->len < ids->len)
            tok_ids_append(mask, train_set_counts(r->set, first));
    }
    str_free(&in.text);
}
