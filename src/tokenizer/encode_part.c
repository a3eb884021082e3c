#include "tokenizer/encode.h"

#include "tokenizer/model/piece_cache.h"

#include <stdlib.h>

/* Where the pieces of a part go. */
typedef struct encoder {
    const tokenizer *tok;
    tok_scratch *s;
    const char *text; /* the normalized part */
    size_t n_padded;  /* at text[0..n_padded) the bytes of a piece_key may be read */
    const tok_options *options;
    rng_stream random;
    tok_ids *out;
} encoder;

static void take_plain(void *context, const char *piece, size_t n) {
    encoder *en = context;
    en->tok->model->encode(en->tok, en->s, piece, n, en->out);
}

static void take_sampled(void *context, const char *piece, size_t n) {
    encoder *en = context;
    en->tok->model->sample(en->tok, en->s, piece, n, en->options, &en->random, en->out);
}

static void take_cached(void *context, const char *piece, size_t n) {
    encoder *en = context;
    if (n > PIECE_KEY_BYTES) {
        take_plain(context, piece, n);
        return;
    }
    bool padded = (uintptr_t)piece - (uintptr_t)en->text < en->n_padded;
    piece_key key = piece_key_of(piece, n, padded);
    if (piece_cache_get(en->s->cache, key, en->out)) return;
    size_t n_before = en->out->len;
    take_plain(context, piece, n);
    size_t n_ids = en->out->len - n_before;
    if (n_ids) piece_cache_put(en->s->cache, key, en->out->data + n_before, n_ids);
}

static bool samples(const tokenizer *tok, const tok_options *options) {
    return tok->model->sample && (options->dropout > 0 || options->alpha > 0);
}

static split_take *taker_of(encoder *en) {
    if (samples(en->tok, en->options)) return take_sampled;
    if (!en->tok->model->caches) return take_plain;
    if (!en->s->cache) en->s->cache = piece_cache_new();
    return take_cached;
}

bool next_stretch(const tokenizer *tok, bool normalized, bool allow_special, const char *text,
                  size_t n, size_t *at, text_stretch *stretch) {
    if (*at == n) return false;
    size_t end = n, after = n;
    const special_token *found = NULL;
    if (allow_special || tok->specials.any_plain)
        found = special_find(&tok->specials, normalized, allow_special, text, n, *at, &end, &after);
    *stretch = (text_stretch){*at, end, found ? found->id : -1};
    *at = after;
    return true;
}

static void encode_normalized(encoder *en, const char *text, size_t n, bool begins_text) {
    en->text = text;
    en->n_padded = n >= sizeof(piece_key) ? n - sizeof(piece_key) + 1 : 0;
    split_take *take = taker_of(en);
    text_stretch st;
    for (size_t at = 0;
         next_stretch(en->tok, true, en->options->allow_special, text, n, &at, &st);) {
        if (st.end > st.begin)
            splitter_run(&en->tok->splitter, en->s, text + st.begin, st.end - st.begin,
                         begins_text && st.begin == 0, take, en);
        if (st.token >= 0) tok_ids_append(en->out, st.token);
    }
}

void encode_part(const tokenizer *tok, const text_part *part, const tok_options *options,
                 tok_ids *out) {
    encoder en = {.tok = tok, .s = scratch_take(tok->scratch), .options = options, .out = out};
    en.random.key = rng_split(options->key, part->number);
    const normalizer *norm = &tok->normalizer;
    normalizer own = {0};
    if (norm->n && !(part->begins_stretch && part->ends_stretch)) {
        own = normalizer_of_part(norm, part->begins_stretch, part->ends_stretch);
        norm = &own;
    }
    size_t n = part->n;
    const char *text = normalizer_apply(norm, norm->n, en.s, part->text, &n);
    if (n) encode_normalized(&en, text, n, part->begins_text);
    free(own.steps);
    scratch_give(tok->scratch, en.s);
}
