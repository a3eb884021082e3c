#include "tokenizer/kind.h"

#include "base/check.h"
#include "base/file.h"
#include "base/hash.h"
#include "base/mem.h"

#include <cjson/cJSON.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static const tok_kind *const kinds[] = {
    [TOK_BYTE] = &tok_kind_byte,
    [TOK_CHAR] = &tok_kind_char,
    [TOK_WORD] = &tok_kind_word,
};
enum { N_KINDS = sizeof kinds / sizeof *kinds };

int32_t *tok_ids_reserve(tok_ids *ids, size_t n) {
    size_t need = ids->len + n;
    if (need > ids->capacity) {
        ids->capacity = need > 2 * ids->capacity ? need : 2 * ids->capacity;
        ids->data = mem_resize(ids->data, ids->capacity, sizeof *ids->data);
    }
    return ids->data + ids->len;
}

void tok_ids_append(tok_ids *ids, int32_t id) {
    *tok_ids_reserve(ids, 1) = id;
    ids->len++;
}

void tok_ids_free(tok_ids *ids) {
    free(ids->data);
    *ids = (tok_ids){0};
}

static tokenizer *new_tokenizer(tok_type type, int64_t min_count) {
    tokenizer *tok = mem_new(1, sizeof *tok);
    tok->type = type;
    tok->min_count = min_count;
    return tok;
}

void tok_free(tokenizer *tok) {
    if (!tok) return;
    vocab_free(&tok->vocab);
    free(tok->char_offset);
    free(tok);
}

static uint64_t fingerprint_of(const tokenizer *tok) {
    const char *name = kinds[tok->type]->name;
    uint64_t h = hash_bytes(HASH_START, name, strlen(name) + 1);
    for (int32_t id = 0; id < tok->vocab.size; id++) {
        size_t len;
        const char *piece = vocab_piece(&tok->vocab, id, &len);
        h = hash_bytes(h, piece, len);
        h = hash_bytes(h, (const char[]){(char)len, (char)(len >> 8)}, 2);
    }
    return h;
}

/* Makes tok, whose vocabulary is there, ready for use; on failure frees it and returns NULL. */
static tokenizer *finish(tokenizer *tok, const char *name, err *e) {
    const vocab *v = &tok->vocab;
    bool ok = v->size <= VOCAB_MAX_SIZE && v->bytes.len <= VOCAB_MAX_BYTES;
    if (!ok)
        err_set(e, ERR_INPUT,
                "%s: vocabulary of %d entries and %zu bytes: the limits are %d and %d", name,
                (int)v->size, v->bytes.len, VOCAB_MAX_SIZE, VOCAB_MAX_BYTES);
    if (ok && kinds[tok->type]->prepare(tok, name, e)) {
        tok->fingerprint = fingerprint_of(tok);
        return tok;
    }
    tok_free(tok);
    return NULL;
}

tokenizer *tok_train(tok_type type, const char *text, size_t n, int64_t min_count, err *e) {
    if (min_count < 1) {
        err_set(e, ERR_INPUT, "min_count is %" PRId64 ", it must be 1 or more", min_count);
        return NULL;
    }
    tokenizer *tok = new_tokenizer(type, min_count);
    if (kinds[type]->train(tok, text, n, e)) return finish(tok, "the text", e);
    tok_free(tok);
    return NULL;
}

tok_type tok_type_of(const tokenizer *tok) {
    return tok->type;
}

int32_t tok_vocab_size(const tokenizer *tok) {
    return tok->vocab.size;
}

uint64_t tok_fingerprint(const tokenizer *tok) {
    return tok->fingerprint;
}

void tok_encode(const tokenizer *tok, const char *text, size_t n, tok_ids *out) {
    if (n) kinds[tok->type]->encode(tok, text, n, out);
}

static void check_id(const tokenizer *tok, int32_t id) {
    CHECK(id >= 0 && id < tok->vocab.size, "token id %d outside a vocabulary of %d", (int)id,
          (int)tok->vocab.size);
}

void tok_decode(const tokenizer *tok, const int32_t *ids, size_t n, str *out) {
    for (size_t i = 0; i < n; i++) check_id(tok, ids[i]);
    kinds[tok->type]->decode(tok, ids, n, out);
}

void tok_concatenate(const tokenizer *tok, const int32_t *ids, size_t n, str *out) {
    for (size_t i = 0; i < n; i++) {
        size_t len;
        const char *piece = vocab_piece(&tok->vocab, ids[i], &len);
        str_append(out, piece, len);
    }
}

const char *tok_piece(const tokenizer *tok, int32_t id, size_t *len) {
    check_id(tok, id);
    return vocab_piece(&tok->vocab, id, len);
}

int32_t tok_find(const tokenizer *tok, const char *piece, size_t len) {
    return vocab_find(&tok->vocab, piece, len);
}

int32_t tok_unknown(const tokenizer *tok) {
    return tok->type == TOK_BYTE ? -1 : tok->unk;
}

void tok_printable(const tokenizer *tok, int32_t id, str *out) {
    size_t len, n;
    const char *piece = tok_piece(tok, id, &len);
    for (; len; piece += n, len -= n) {
        uint32_t code;
        n = tok_read_char(piece, len, &code);
        if (code == '\n')
            str_append(out, "\\n", 2);
        else if (code == '\t')
            str_append(out, "\\t", 2);
        else if (code == '\\')
            str_append(out, "\\\\", 2);
        else if (code < ' ' || code == 0x7F || code >= TOK_LONE_BYTE)
            str_printf(out, "\\x%02X", (unsigned)(unsigned char)*piece);
        else
            str_append(out, piece, n);
    }
}

/* The file: {"type":"char","version":1,"min_count":1,"vocab":["\n"," ",...]}. An entry that is not
 * UTF-8 or holds a NUL is an object, {"bytes":"e9ff"}. */
enum { FILE_VERSION = 1, FILE_MAX_BYTES = 1 << 29 };

static cJSON *entry_to_json(const char *piece, size_t len) {
    if (str_utf8_valid(piece, len) == len && !memchr(piece, '\0', len))
        return cJSON_CreateString(piece);
    str hex = {0};
    for (size_t i = 0; i < len; i++) str_printf(&hex, "%02x", (unsigned)(unsigned char)piece[i]);
    cJSON *entry = cJSON_CreateObject();
    cJSON_AddStringToObject(entry, "bytes", hex.data);
    str_free(&hex);
    return entry;
}

bool tok_save(const tokenizer *tok, const char *path, err *e) {
    cJSON *root = cJSON_CreateObject();
    cJSON_AddStringToObject(root, "type", kinds[tok->type]->name);
    cJSON_AddNumberToObject(root, "version", FILE_VERSION);
    cJSON_AddNumberToObject(root, "min_count", (double)tok->min_count);
    cJSON *entries = cJSON_AddArrayToObject(root, "vocab");
    for (int32_t id = 0; id < tok->vocab.size; id++) {
        size_t len;
        const char *piece = vocab_piece(&tok->vocab, id, &len);
        CHECK(cJSON_AddItemToArray(entries, entry_to_json(piece, len)), "out of memory");
    }
    char *text = cJSON_PrintUnformatted(root);
    CHECK(text, "out of memory");
    bool ok = file_write(path, text, strlen(text), e);
    cJSON_free(text);
    cJSON_Delete(root);
    return ok;
}

static int hex_digit(char c) {
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Puts the bytes of one vocabulary entry into *piece; false when it is none. */
static bool entry_from_json(const cJSON *entry, str *piece) {
    piece->len = 0;
    if (cJSON_IsString(entry)) {
        str_append(piece, entry->valuestring, strlen(entry->valuestring));
        return piece->len > 0 && str_utf8_valid(piece->data, piece->len) == piece->len;
    }
    const char *hex = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(entry, "bytes"));
    for (; hex && *hex; hex += 2) {
        int high = hex_digit(hex[0]), low = high < 0 ? -1 : hex_digit(hex[1]);
        if (low < 0) return false;
        str_append(piece, &(char){(char)(high << 4 | low)}, 1);
    }
    return piece->len > 0;
}

static bool read_vocab(vocab *v, const cJSON *entries, const char *name, err *e) {
    if (!cJSON_IsArray(entries)) return err_set(e, ERR_INPUT, "%s: no list \"vocab\"", name);
    bool ok = true;
    str piece = {0};
    for (const cJSON *entry = entries->child; ok && entry; entry = entry->next) {
        int32_t id = v->size;
        if (!entry_from_json(entry, &piece))
            ok = err_set(e, ERR_INPUT, "%s: vocab entry %d is no text", name, (int)id);
        else if (vocab_add(v, piece.data, piece.len) != id)
            ok = err_set(e, ERR_INPUT, "%s: vocab entry %d repeats an earlier one", name, (int)id);
        else if (id == VOCAB_MAX_SIZE)
            ok = err_set(e, ERR_INPUT, "%s: vocab has more than %d entries", name, VOCAB_MAX_SIZE);
    }
    str_free(&piece);
    return ok;
}

/* Reads a whole number from 1 to max under that key. */
static bool read_number(const cJSON *root, const char *key, int64_t max, const char *name,
                        int64_t *out, err *e) {
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(root, key);
    double value = cJSON_IsNumber(item) ? item->valuedouble : 0;
    if (!(value >= 1 && value <= (double)max && value == (double)(int64_t)value))
        return err_set(e, ERR_INPUT, "%s: \"%s\" is not a whole number from 1 to %" PRId64, name,
                       key, max);
    *out = (int64_t)value;
    return true;
}

static bool read_type(const cJSON *root, const char *name, tok_type *out, err *e) {
    const char *type = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(root, "type"));
    if (!type) return err_set(e, ERR_INPUT, "%s: not a tokenizer: no \"type\"", name);
    for (int i = 0; i < N_KINDS; i++)
        if (strcmp(type, kinds[i]->name) == 0) {
            *out = (tok_type)i;
            return true;
        }
    return err_set(e, ERR_INPUT, "%s: tokenizer type '%.40s' is not one of " TOK_TYPE_NAMES, name,
                   type);
}

static tokenizer *from_json(const cJSON *root, const char *name, err *e) {
    tok_type type = TOK_BYTE;
    int64_t version = 0, min_count = 0;
    if (!read_type(root, name, &type, e) ||
        !read_number(root, "version", FILE_VERSION, name, &version, e) ||
        !read_number(root, "min_count", (int64_t)1 << 53, name, &min_count, e))
        return NULL;
    tokenizer *tok = new_tokenizer(type, min_count);
    const cJSON *entries = cJSON_GetObjectItemCaseSensitive(root, "vocab");
    if (read_vocab(&tok->vocab, entries, name, e)) return finish(tok, name, e);
    tok_free(tok);
    return NULL;
}

tokenizer *tok_parse(const char *json, size_t n, const char *name, err *e) {
    if (n > FILE_MAX_BYTES || memchr(json, '\0', n)) {
        err_set(e, ERR_INPUT, "%s: not a tokenizer: %s", name,
                n > FILE_MAX_BYTES ? "larger than 512 MB" : "holds a zero byte");
        return NULL;
    }
    char *text = mem_copy_string(json, n); /* cJSON reads up to a NUL */
    const char *end = text;
    cJSON *root = cJSON_ParseWithOpts(text, &end, true);
    tokenizer *tok = NULL;
    if (root)
        tok = from_json(root, name, e);
    else
        err_set(e, ERR_INPUT, "%s: broken JSON at byte %td", name, end - text);
    cJSON_Delete(root);
    free(text);
    return tok;
}

tokenizer *tok_load(const char *path, err *e) {
    file_map map;
    if (!file_open_map(&map, path, e)) return NULL;
    tokenizer *tok = tok_parse(map.data, map.size, path, e);
    file_close_map(&map);
    return tok;
}
