#include "tokenizer/file/read_pieces.h"

#include "base/array.h"
#include "base/mem.h"
#include "tokenizer/file/readers.h"
#include "tokenizer/model/bpe.h"
#include "tokenizer/text/byte_level.h"

#include <stdlib.h>

bool read_pieces_add(read_pieces *p, const char *spelling, size_t len, double id, const char *name,
                     err *e) {
    if (!(id >= 0 && id < VOCAB_MAX_SIZE && id == (double)(int32_t)id))
        return err_set(e, ERR_INPUT, "%s: piece '%s' has the id %g, expected 0 to %d", name,
                       quote(spelling, len).text, id, VOCAB_MAX_SIZE - 1);
    if (len == 0) return err_set(e, ERR_INPUT, "%s: the piece with the id %g is empty", name, id);
    if (p->spelled.size == VOCAB_MAX_SIZE)
        return err_set(e, ERR_INPUT, "%s: more than %d pieces", name, VOCAB_MAX_SIZE);
    size_t place = (size_t)p->spelled.size;
    if ((size_t)vocab_add(&p->spelled, spelling, len) != place)
        return err_set(e, ERR_INPUT, "%s: piece '%s' stands twice in the vocabulary", name,
                       quote(spelling, len).text);
    p->ids = array_room(p->ids, &p->capacity, place + 1, sizeof *p->ids);
    p->ids[place] = (int32_t)id;
    return true;
}

int32_t read_pieces_id(const read_pieces *p, const char *spelling, size_t len) {
    int32_t place = vocab_find(&p->spelled, spelling, len);
    return place < 0 ? -1 : p->ids[place];
}

void read_pieces_free(read_pieces *p) {
    vocab_free(&p->spelled);
    free(p->ids);
    *p = (read_pieces){0};
}

/* place[id] of every id; false where an id is there twice or one is missing. */
static bool sort_by_id(const read_pieces *p, int32_t *place, const char *name, err *e) {
    int32_t n = p->spelled.size;
    for (int32_t id = 0; id < n; id++) place[id] = -1;
    for (int32_t i = 0; i < n; i++) {
        if (p->ids[i] >= n) continue;
        if (place[p->ids[i]] >= 0)
            return err_set(e, ERR_INPUT, "%s: two pieces have the id %d", name, (int)p->ids[i]);
        place[p->ids[i]] = i;
    }
    for (int32_t id = 0; id < n; id++)
        if (place[id] < 0)
            return err_set(e, ERR_INPUT, "%s: no piece has the id %d, expected 0 to %d", name,
                           (int)id, (int)n - 1);
    return true;
}

static bool append_piece(tokenizer *tok, const char *spelling, size_t len, const char *name,
                         err *e) {
    if (!tok->byte_level || special_of(&tok->specials, tok->vocab.size)) {
        vocab_append(&tok->vocab, spelling, len);
        return true;
    }
    str bytes = {0};
    bool ok = byte_level_read(spelling, len, &bytes);
    if (ok)
        vocab_append(&tok->vocab, bytes.data ? bytes.data : "", bytes.len);
    else
        err_set(e, ERR_INPUT, "%s: piece '%s' is not spelled in GPT-2's characters for bytes", name,
                quote(spelling, len).text);
    str_free(&bytes);
    return ok;
}

bool read_pieces_finish(const read_pieces *p, tokenizer *tok, const char *name, err *e) {
    int32_t n = p->spelled.size;
    int32_t *place = mem_new((size_t)n + 1, sizeof *place);
    bool ok = sort_by_id(p, place, name, e);
    for (int32_t id = 0; ok && id < n; id++) {
        size_t len;
        const char *spelling = vocab_piece(&p->spelled, place[id], &len);
        ok = append_piece(tok, spelling, len, name, e);
    }
    free(place);
    return ok;
}

bool read_merge(tokenizer *tok, const read_pieces *p, const str *left, const str *right,
                const char *where, err *e) {
    const str *prefix = &tok->bpe->continuing_prefix;
    size_t skip = right->len >= prefix->len ? prefix->len : 0;
    str whole = {0};
    str_append(&whole, left->data, left->len);
    str_append(&whole, right->data + skip, right->len - skip);
    const str *parts[] = {left, right, &whole};
    int32_t ids[3];
    bool ok = true;
    for (int i = 0; ok && i < 3; i++) {
        ids[i] = read_pieces_id(p, parts[i]->data, parts[i]->len);
        if (ids[i] < 0)
            ok = err_set(e, ERR_INPUT, "%s: the merge of '%s' and '%s': '%s' is no piece", where,
                         quote(left->data, left->len).text, quote(right->data, right->len).text,
                         quote(parts[i]->data, parts[i]->len).text);
    }
    if (ok) bpe_add_merge(tok->bpe, ids[0], ids[1], (int32_t)tok->bpe->n, ids[2]);
    str_free(&whole);
    return ok;
}
