#include "base/mem.h"
#include "base/thread.h"
#include "cli/interrupt.h"
#include "cli/tokenizer.h"
#include "train/tokens.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define USAGE "tokenizer encode --tokenizer FILE|DIR [--flag VALUE ...] [FILE...]"

enum {
    SLICE = 1 << 16,       /* ids printed at once */
    BLOCK_BYTES = 1 << 16, /* of lines, for one thread */
    MOST_BLOCKS = 256      /* between two meetings of the threads */
};

/* How each token is printed: its id or its piece. A table, for there are many more tokens in a text
 * than in a vocabulary. */
typedef struct labels {
    str text;
    size_t *start; /* of each token's in text, and the end */
} labels;

typedef struct encoder {
    const tokenizer *tok;
    tok_options options;
    rng_key key; /* of all texts; options.key is that of the file */
    int64_t n_files;
    bool lines;
    labels labels;
    bool to_file; /* the ids go to `out`, else they are printed */
    train_tokens_writer out;
    size_t bytes;
} encoder;

/* Lines of a text that one thread encodes. */
typedef struct block {
    const char *data;
    size_t size;
    uint64_t place; /* in the file */
    tok_ids ids;
    str text;
} block;

static labels make_labels(const tokenizer *tok, bool pieces) {
    int32_t n = tok_vocab_size(tok);
    labels l = {.start = mem_new((size_t)n + 1, sizeof *l.start)};
    for (int32_t id = 0; id < n; id++) {
        if (pieces)
            tok_printable_solid(tok, id, &l.text);
        else
            str_printf(&l.text, "%d", (int)id);
        l.start[id + 1] = l.text.len;
    }
    return l;
}

/* Appends the labels of ids[from..to), a blank before each but that of ids[0]. */
static void append_labels(const labels *l, const int32_t *ids, size_t from, size_t to, str *out) {
    for (size_t i = from; i < to; i++) {
        const size_t *at = &l->start[ids[i]];
        if (i > 0) str_append(out, " ", 1);
        str_append(out, l->text.data + at[0], at[1] - at[0]);
    }
}

static void print(str *text) {
    if (text->len) fwrite(text->data, 1, text->len, stdout);
    text->len = 0;
}

static void encode_whole(encoder *enc, const input *in) {
    tok_ids ids = {0};
    str text = {0};
    tok_encode(enc->tok, in->data, in->size, &enc->options, &ids);
    if (enc->to_file) {
        train_tokens_append(&enc->out, ids.data, (int64_t)ids.len);
    } else {
        for (size_t i = 0; i < ids.len; i += SLICE) {
            append_labels(&enc->labels, ids.data, i, i + SLICE < ids.len ? i + SLICE : ids.len,
                          &text);
            print(&text);
        }
        putchar('\n');
    }
    tok_ids_free(&ids);
    str_free(&text);
}

/* Each line is a text; its draws depend on its place in the file alone. */
static void encode_block(const encoder *enc, block *b) {
    b->ids.len = b->text.len = 0;
    for (const char *at = b->data, *end = at + b->size; at < end;) {
        const char *newline = memchr(at, '\n', (size_t)(end - at)), *stop = newline ? newline : end;
        tok_options options = enc->options;
        options.key = rng_split(options.key, b->place + (uint64_t)(at - b->data));
        tok_encode(enc->tok, at, (size_t)(stop - at), &options, &b->ids);
        at = newline ? newline + 1 : end;
        if (enc->to_file) continue;
        append_labels(&enc->labels, b->ids.data, 0, b->ids.len, &b->text);
        str_append(&b->text, "\n", 1);
        b->ids.len = 0;
    }
}

/* The lines of in from *place on, at least BLOCK_BYTES of them where there are so many. */
static bool next_block(const input *in, size_t *place, block *b) {
    size_t end = in->size - *place > BLOCK_BYTES ? *place + BLOCK_BYTES : in->size;
    const char *newline = end < in->size ? memchr(in->data + end, '\n', in->size - end) : NULL;
    if (end < in->size) end = newline ? (size_t)(newline - in->data) + 1 : in->size;
    b->data = in->data + *place;
    b->size = end - *place;
    b->place = *place;
    *place = end;
    return b->size > 0;
}

static void encode_lines(encoder *enc, const input *in) {
    block *blocks = mem_new(MOST_BLOCKS, sizeof *blocks);
    int n;
    size_t place = 0;
    do {
        for (n = 0; n < MOST_BLOCKS && next_block(in, &place, &blocks[n]); n++) {}
/* A single block leaves the threads to tok_encode. */
#pragma omp parallel for schedule(dynamic) if (n > 1)
        for (int i = 0; i < n; i++) encode_block(enc, &blocks[i]);
        for (int i = 0; i < n; i++) {
            if (enc->to_file)
                train_tokens_append(&enc->out, blocks[i].ids.data, (int64_t)blocks[i].ids.len);
            print(&blocks[i].text);
        }
    } while (n == MOST_BLOCKS && !interrupt_asked);
    for (int i = 0; i < MOST_BLOCKS; i++) {
        tok_ids_free(&blocks[i].ids);
        str_free(&blocks[i].text);
    }
    free(blocks);
}

static bool encode(void *context, const input *in, err *e) {
    encoder *enc = context;
    enc->options.key = rng_split(enc->key, (uint64_t)enc->n_files++);
    enc->bytes += in->size;
    if (enc->lines)
        encode_lines(enc, in);
    else
        encode_whole(enc, in);
    return !interrupt_asked || err_set(e, ERR_INTERRUPTED, "stopped while encoding %s", in->name);
}

static bool encode_to_file(encoder *enc, const char *path, const args *a, err *e) {
    if (!train_tokens_begin(&enc->out, path, tok_vocab_size(enc->tok), e)) return false;
    enc->to_file = true;
    interrupt_catch();
    if (!tokenizer_each_input(a->positional, a->n_positional, encode, enc, e)) {
        train_tokens_discard(&enc->out);
        return false;
    }
    if (!train_tokens_commit(&enc->out, e)) return false;
    printf("%s: %lld tokens of %zu bytes\n", path, (long long)enc->out.n, enc->bytes);
    return true;
}

static bool print_encoded(encoder *enc, bool pieces, const args *a, err *e) {
    enc->labels = make_labels(enc->tok, pieces);
    bool ok = tokenizer_each_input(a->positional, a->n_positional, encode, enc, e);
    str_free(&enc->labels.text);
    free(enc->labels.start);
    return ok;
}

bool tokenizer_encode(int argc, char **argv, err *e) {
    encode_flags f = {.seed = 1};
    encoder enc = {0};
    int64_t threads = 0;
    bool pieces = false;
    const char *out = NULL;
    const args_flag flags[] = {
        ENCODE_FLAGS(f),
        {"lines", ARGS_SWITCH, &enc.lines, 0, 0, "each line is a text, without its line break"},
        {"pieces", ARGS_SWITCH, &pieces, 0, 0, "the tokens as text; a blank in them is a \u2581"},
        {"out", ARGS_TEXT, &out, 0, 0, "write a token file, as training reads it (llm.c's layout)"},
        ARGS_THREADS(threads)};
    args a;
    if (!args_parse(&a, argc, argv, flags, sizeof flags / sizeof *flags, 0, argc, USAGE, e))
        return false;
    if (out && pieces) return err_set(e, ERR_USAGE, "--out writes ids; it excludes --pieces");
    thread_set_count((int)threads);
    tokenizer *tok = tokenizer_for_encoding(&f, USAGE, &enc.options, e);
    if (!tok) return false;
    enc.tok = tok;
    enc.key = enc.options.key;
    bool ok = out ? encode_to_file(&enc, out, &a, e) : print_encoded(&enc, pieces, &a, e);
    tok_free(tok);
    return ok;
}
