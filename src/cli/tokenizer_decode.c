#include "base/thread.h"
#include "cli/tokenizer.h"

#include <stdio.h>
#include <string.h>

#define USAGE "tokenizer decode --tokenizer FILE|DIR [--skip_special] [--lines] [FILE...]"

typedef struct decoder_of_ids {
    const tokenizer *tok;
    bool skip_special, lines;
    tok_ids ids; /* of the text that is being read */
    str out;     /* of the file */
} decoder_of_ids;

static bool is_separator(char c) {
    return c == ' ' || c == '\n' || c == ',' || c == '\t' || c == '\r';
}

/* Takes the id text[0..n), which stands on that line of the input. */
static bool take_id(decoder_of_ids *d, const char *text, size_t n, const input *in, int64_t line,
                    err *e) {
    const int32_t size = tok_vocab_size(d->tok);
    const int shown = n < 40 ? (int)n : 40;
    int64_t id = 0;
    for (size_t i = 0; i < n; i++) {
        if (text[i] < '0' || text[i] > '9')
            return err_set(e, ERR_INPUT, "%s:%lld: '%.*s' is not a token id", in->name,
                           (long long)line, shown, text);
        if (id < size) id = 10 * id + (text[i] - '0');
    }
    if (id >= size)
        return err_set(e, ERR_INPUT, "%s:%lld: id %.*s is outside the vocabulary of %d", in->name,
                       (long long)line, shown, text, (int)size);
    if (!d->skip_special || !tok_is_special(d->tok, (int32_t)id))
        tok_ids_append(&d->ids, (int32_t)id);
    return true;
}

static void end_text(decoder_of_ids *d) {
    tok_decode(d->tok, d->ids.data, d->ids.len, &d->out);
    d->ids.len = 0;
}

/* Nothing is printed of a file before all its ids are known to be good. */
static bool decode(void *context, const input *in, err *e) {
    decoder_of_ids *d = context;
    const char *at = in->data, *end = at + in->size;
    int64_t line = 1;
    d->ids.len = d->out.len = 0;
    while (at < end) {
        const char *begin = at;
        while (at < end && !is_separator(*at)) at++;
        if (at > begin && !take_id(d, begin, (size_t)(at - begin), in, line, e)) return false;
        if (at == end) break;
        if (*at++ != '\n') continue;
        line++;
        if (!d->lines) continue;
        end_text(d);
        str_append(&d->out, "\n", 1);
    }
    end_text(d);
    if (d->out.len) fwrite(d->out.data, 1, d->out.len, stdout);
    return true;
}

bool tokenizer_decode(int argc, char **argv, err *e) {
    const char *path = NULL;
    int64_t threads = 0;
    decoder_of_ids d = {0};
    const args_flag flags[] = {
        TOKENIZER_FLAG(path),
        {"skip_special", ARGS_SWITCH, &d.skip_special, 0, 0, "leave out special tokens"},
        {"lines", ARGS_SWITCH, &d.lines, 0, 0, "each line of ids is a line of text"},
        ARGS_THREADS(threads)};
    args a;
    if (!args_parse(&a, argc, argv, flags, sizeof flags / sizeof *flags, 0, argc, USAGE, e))
        return false;
    thread_set_count((int)threads);
    tokenizer *tok = tokenizer_of_flag(path, USAGE, e);
    d.tok = tok;
    bool ok = tok && tokenizer_each_input(a.positional, a.n_positional, decode, &d, e);
    tok_ids_free(&d.ids);
    str_free(&d.out);
    tok_free(tok);
    return ok;
}
