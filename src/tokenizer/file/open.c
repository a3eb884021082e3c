/* Files and folders of tokenizers: what a file holds is told by its content, whatever its name. */
#include "base/file.h"
#include "tokenizer/file/read_json.h"
#include "tokenizer/file/readers.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

typedef enum file_kind {
    FILE_JSON,
    FILE_GPT2_VOCAB,
    FILE_GPT2_MERGES,
    FILE_MINBPE,
    FILE_SENTENCEPIECE,
    FILE_BERT_VOCAB
} file_kind;

static bool begins_with(const char *content, size_t n, const char *start) {
    return n >= strlen(start) && memcmp(content, start, strlen(start)) == 0;
}

static size_t skip_blanks(const char *content, size_t n, size_t at) {
    while (at < n && strchr(" \t\r\n", content[at]) && content[at]) at++;
    return at;
}

/* Whether the first value of the JSON object that begins at content[at] is a number: an id. */
static bool begins_with_id(const char *content, size_t n, size_t at) {
    at = skip_blanks(content, n, at + 1);
    if (at == n || content[at] != '"') return false;
    for (at++; at < n && content[at] != '"'; at++) at += content[at] == '\\';
    at = at < n ? skip_blanks(content, n, at + 1) : n;
    if (at == n || content[at] != ':') return false;
    at = skip_blanks(content, n, at + 1);
    return at < n && content[at] >= '0' && content[at] <= '9';
}

/* Whether the first line is a merge. */
static bool begins_with_merge(const char *content, size_t n) {
    const char *line;
    size_t len, at = 0;
    if (!read_line(content, n, &at, &line, &len)) return false;
    str left = {0}, right = {0};
    bool is_pair = read_pair(line, len, &left, &right);
    str_free(&left);
    str_free(&right);
    return is_pair;
}

static file_kind kind_of(const char *content, size_t n) {
    if (begins_with(content, n, "\n")) return FILE_SENTENCEPIECE; /* field 1 of a protobuf */
    size_t at = skip_blanks(content, n, 0);
    if (at < n && content[at] == '{')
        return begins_with_id(content, n, at) ? FILE_GPT2_VOCAB : FILE_JSON;
    if (begins_with(content, n, "minbpe v")) return FILE_MINBPE;
    if (begins_with(content, n, "#version") || begins_with_merge(content, n))
        return FILE_GPT2_MERGES;
    return FILE_BERT_VOCAB;
}

tokenizer *tok_parse(const char *content, size_t n, const char *name, err *e) {
    switch (kind_of(content, n)) {
    case FILE_JSON:
        return read_tokenizer_json(content, n, name, e);
    case FILE_MINBPE:
        return read_minbpe(content, n, name, e);
    case FILE_SENTENCEPIECE:
        return read_sentencepiece(content, n, name, e);
    case FILE_BERT_VOCAB:
        return read_bert_vocab(content, n, name, e);
    case FILE_GPT2_VOCAB:
        err_set(e, ERR_INPUT, "%s: pieces without merges.txt are no tokenizer", name);
        return NULL;
    case FILE_GPT2_MERGES:
        err_set(e, ERR_INPUT, "%s: merges without vocab.json are no tokenizer", name);
        return NULL;
    }
    return NULL;
}

/* How the two files of GPT-2 are called, also with something before ("gpt2-vocab.json"). */
static const struct {
    const char *vocab, *merges;
} gpt2_names[] = {{"vocab.json", "merges.txt"}, {"encoder.json", "vocab.bpe"}};
enum { N_GPT2_NAMES = sizeof gpt2_names / sizeof *gpt2_names };

static bool ends_with(const char *text, const char *end) {
    size_t n = strlen(text), n_end = strlen(end);
    return n >= n_end && strcmp(text + n - n_end, end) == 0;
}

/* The path of the other file of the pair into out[0..size). */
static bool companion_of(const char *path, file_kind kind, char *out, size_t size, err *e) {
    bool has_vocab = kind == FILE_GPT2_VOCAB;
    for (int i = 0; i < N_GPT2_NAMES; i++) {
        const char *own = has_vocab ? gpt2_names[i].vocab : gpt2_names[i].merges;
        const char *other = has_vocab ? gpt2_names[i].merges : gpt2_names[i].vocab;
        if (!ends_with(path, own)) continue;
        int stem = (int)(strlen(path) - strlen(own));
        if (snprintf(out, size, "%.*s%s", stem, path, other) >= (int)size)
            return err_set(e, ERR_INPUT, "%s: the path is too long", path);
        return file_exists(out) ||
               err_set(e, ERR_INPUT, "%s: needs %s beside it, which is not there", path, other);
    }
    return err_set(e, ERR_INPUT, "%s: no tokenizer, or %s of GPT-2 under another name than %s",
                   path, has_vocab ? "the pieces" : "the merges",
                   has_vocab ? "vocab.json" : "merges.txt");
}

/* `file` is one of the pair, the other stands beside it. */
static tokenizer *open_gpt2(const file_map *file, const char *path, file_kind kind, err *e) {
    char other_path[1024];
    file_map other;
    if (!companion_of(path, kind, other_path, sizeof other_path, e)) return NULL;
    if (!file_open_map(&other, other_path, e)) return NULL;
    tokenizer *tok =
        kind == FILE_GPT2_VOCAB
            ? read_gpt2(file->data, file->size, path, other.data, other.size, other_path, e)
            : read_gpt2(other.data, other.size, other_path, file->data, file->size, path, e);
    file_close_map(&other);
    return tok;
}

static tokenizer *open_file(const char *path, err *e) {
    file_map map;
    if (!file_open_map(&map, path, e)) return NULL;
    file_kind kind = kind_of(map.data, map.size);
    tokenizer *tok = kind == FILE_GPT2_VOCAB || kind == FILE_GPT2_MERGES
                         ? open_gpt2(&map, path, kind, e)
                         : tok_parse(map.data, map.size, path, e);
    file_close_map(&map);
    return tok;
}

/* The only NAME.model in the folder into out[0..size); false, with e set where there are several,
 * when there is none. */
static bool find_model(const char *folder, char *out, size_t size, err *e) {
    DIR *d = opendir(folder);
    int n = 0;
    char first[256] = "";
    for (struct dirent *entry; d && (entry = readdir(d));) {
        if (!ends_with(entry->d_name, ".model")) continue;
        if (n++ == 0) snprintf(first, sizeof first, "%s", entry->d_name);
    }
    if (d) closedir(d);
    if (n > 1)
        return err_set(e, ERR_INPUT, "%s: holds %d files NAME.model, name the one", folder, n);
    return n == 1 && file_join(out, size, folder, first, e);
}

static tokenizer *open_folder(const char *folder, err *e) {
    static const char *const names[] = {"tokenizer.json", "vocab.json", "encoder.json", "vocab.txt",
                                        "tokenizer.model"};
    char path[1024];
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (!file_join(path, sizeof path, folder, names[i], e)) return NULL;
        if (file_exists(path)) return open_file(path, e);
    }
    if (find_model(folder, path, sizeof path, e)) return open_file(path, e);
    err_set(e, ERR_INPUT,
            "%s: no tokenizer there, expected tokenizer.json, vocab.json with merges.txt, "
            "vocab.txt or NAME.model",
            folder);
    return NULL;
}

tokenizer *tok_open(const char *path, err *e) {
    struct stat st;
    bool folder = stat(path, &st) == 0 && S_ISDIR(st.st_mode);
    return folder ? open_folder(path, e) : open_file(path, e);
}

bool tok_save(const tokenizer *tok, const char *path, err *e) {
    str out = {0};
    bool ok = tok_write(tok, &out, path, e) && file_write(path, out.data, out.len, e);
    str_free(&out);
    return ok;
}
