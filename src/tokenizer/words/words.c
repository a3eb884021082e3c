#include "tokenizer/words/words.h"

#include "base/check.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/mem.h"
#include "tokenizer/vocab.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static const char end_of_line[] = "</s>";

/* The words of `v`, which it takes over, with counts[id], which it takes over too. */
static void words_from_vocab(words *w, vocab v, int64_t *counts) {
    *w = (words){.n = v.size, .counts = counts, .vocab = mem_new(1, sizeof v)};
    *w->vocab = v;
    w->names = mem_new((size_t)w->n, sizeof *w->names);
    for (int32_t id = 0; id < v.size; id++) {
        w->names[id] = v.bytes.data + v.start[id];
        w->total += counts[id];
    }
}

void words_of(words *w, const char *const *names, const int64_t *counts, int64_t n) {
    CHECK(n >= 0 && n < VOCAB_MAX_IDS, "%" PRId64 " words", n);
    vocab v = {0};
    int64_t *sums = mem_new((size_t)n + 1, sizeof *sums);
    vocab_add(&v, end_of_line, strlen(end_of_line));
    for (int64_t i = 0; i < n; i++) sums[vocab_add(&v, names[i], strlen(names[i]))] += counts[i];
    words_from_vocab(w, v, sums);
}

void words_free(words *w) {
    if (w->vocab) vocab_free(w->vocab);
    free(w->vocab);
    free(w->names);
    free(w->counts);
    *w = (words){0};
}

int32_t words_find(const words *w, const char *name, size_t length) {
    return vocab_find(w->vocab, name, length);
}

uint64_t words_fingerprint(const words *w) {
    uint64_t h = hash_bytes(HASH_START, w->vocab->bytes.data, w->vocab->bytes.len);
    return hash_bytes(h, (const char *)w->counts, (size_t)w->n * sizeof *w->counts);
}

bool words_save(const words *w, const char *path, err *e) {
    file_writer out;
    if (!file_begin(&out, path, e)) return false;
    for (int64_t i = 0; i < w->n; i++) {
        if (!*w->names[i] || strchr(w->names[i], '\n')) {
            file_discard(&out);
            return err_set(e, ERR_INPUT, "%s: word %" PRId64 " is %s, expected one line a word",
                           path, i + 1, *w->names[i] ? "of several lines" : "empty");
        }
        fprintf(out.stream, "%s %" PRId64 "\n", w->names[i], w->counts[i]);
    }
    return file_commit(&out, e);
}

/* Words as they come from a file; id 0 is </s>. */
typedef struct listed {
    vocab seen;
    int64_t *counts; /* -1: not on a line yet */
    int64_t total;
} listed;

/* The file's n bytes have at most this many lines. */
static size_t count_lines(const char *text, size_t n) {
    size_t lines = 1;
    for (size_t i = 0; i < n; i++) lines += text[i] == '\n';
    return lines;
}

/* Splits a line at its last blank or tab; false unless a word and a count stand beside it. */
static bool split_line(const char *line, size_t n, size_t *length, int64_t *count) {
    char digits[24];
    size_t at = n;
    while (at > 0 && line[at - 1] != ' ' && line[at - 1] != '\t') at--;
    if (at < 2 || n - at >= sizeof digits || memchr(line, '\0', n)) return false;
    memcpy(digits, line + at, n - at);
    digits[n - at] = '\0';
    *length = at - 1;
    return str_to_int(digits, count) && *count >= 0;
}

/* Adds the word of a line; returns what is wrong with it, or NULL. */
static const char *add_line(listed *l, const char *line, size_t n) {
    size_t length;
    int64_t count;
    if (!split_line(line, n, &length, &count))
        return "no word and count, expected both with a blank between, the count from 0 up";
    if (l->seen.size == VOCAB_MAX_IDS) return "more words than can be numbered";
    int32_t id = vocab_add(&l->seen, line, length);
    if (l->counts[id] >= 0) return "a word of an earlier line again, expected each word once";
    if (__builtin_add_overflow(l->total, count, &l->total))
        return "the counts add up to more than 64 bits hold";
    l->counts[id] = count;
    return NULL;
}

static bool add_lines(listed *l, const file_map *file, const char *path, err *e) {
    const char *line = file->data, *end = file->data + file->size;
    for (long long number = 1; line < end; number++) {
        const char *newline = memchr(line, '\n', (size_t)(end - line));
        const char *stop = newline ? newline : end;
        const char *wrong = add_line(l, line, (size_t)(stop - line));
        if (wrong) return err_set(e, ERR_INPUT, "%s:%lld: %s", path, number, wrong);
        line = stop + 1;
    }
    return l->seen.size > 1 || err_set(e, ERR_INPUT, "%s: no words, expected some", path);
}

bool words_load(words *w, const char *path, err *e) {
    *w = (words){0};
    file_map file;
    if (!file_open_map(&file, path, e)) return false;
    size_t most = count_lines(file.data, file.size) + 1;
    listed l = {.counts = mem_new(most, sizeof *l.counts)};
    for (size_t i = 0; i < most; i++) l.counts[i] = -1;
    vocab_add(&l.seen, end_of_line, strlen(end_of_line));
    bool ok = add_lines(&l, &file, path, e);
    file_close_map(&file);
    if (l.counts[0] < 0) l.counts[0] = 0;
    if (ok) {
        words_from_vocab(w, l.seen, l.counts);
    } else {
        vocab_free(&l.seen);
        free(l.counts);
    }
    return ok;
}
