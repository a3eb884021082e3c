#include "tokenizer/special.h"

#include "tokenizer/model/trie.h"
#include "tokenizer/text/char_class.h"
#include "tokenizer/text/chars.h"
#include "tokenizer/text/print.h"

#include "base/array.h"
#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

/* The tokens of one kind of search. A place where none begins is told by two bytes. */
typedef struct search_table {
    trie *contents;       /* ids are places in specials.tokens; NULL: there are none */
    uint64_t pairs[1024]; /* a bit for each two bytes that a token may begin with */
    int only;             /* the first byte of all, or -1 */
} search_table;

struct special_search {
    search_table tables[2][2]; /* [normalized][allow_special] */
};

special_token *special_add(specials *sp, int32_t id, const char *content, size_t len) {
    sp->tokens = array_room(sp->tokens, &sp->capacity, sp->n + 1, sizeof *sp->tokens);
    special_token *token = &sp->tokens[sp->n++];
    *token = (special_token){.id = id};
    str_append(&token->content, content, len);
    return token;
}

static void search_free(struct special_search *search) {
    if (!search) return;
    for (int i = 0; i < 4; i++) trie_free(search->tables[i / 2][i % 2].contents);
    free(search);
}

void specials_free(specials *sp) {
    search_free(sp->search);
    for (size_t i = 0; i < sp->n; i++) str_free(&sp->tokens[i].content);
    free(sp->tokens);
    *sp = (specials){0};
}

static int compare_ids(const void *a, const void *b) {
    const special_token *x = a, *y = b;
    return (x->id > y->id) - (x->id < y->id);
}

bool specials_sort(specials *sp, const char *name, err *e) {
    if (sp->n) qsort(sp->tokens, sp->n, sizeof *sp->tokens, compare_ids);
    for (size_t i = 1; i < sp->n; i++)
        if (sp->tokens[i].id == sp->tokens[i - 1].id)
            return err_set(e, ERR_INPUT, "%s: two added tokens have id %d", name,
                           (int)sp->tokens[i].id);
    return true;
}

/* Makes sure that the token is entry `id` of v. */
static bool place_token(const special_token *token, vocab *v, const char *name, err *e) {
    const str *content = &token->content;
    size_t len = 0;
    if (content->len == 0)
        return err_set(e, ERR_INPUT, "%s: added token %d is empty", name, (int)token->id);
    if (token->id == v->size && v->size < VOCAB_MAX_SIZE)
        vocab_append(v, content->data, content->len);
    if (token->id < 0 || token->id >= v->size)
        return err_set(e, ERR_INPUT, "%s: added token '%s' has id %d, expected one up to %d", name,
                       quote(content->data, content->len).text, (int)token->id, (int)v->size);
    const char *piece = vocab_piece(v, token->id, &len);
    return (len == content->len && memcmp(piece, content->data, len) == 0) ||
           err_set(e, ERR_INPUT, "%s: added token %d is '%s', the vocabulary has '%s' there", name,
                   (int)token->id, quote(content->data, content->len).text, quote(piece, len).text);
}

static void add_pairs(search_table *t, const char *content, size_t n) {
    unsigned first = (unsigned char)content[0];
    for (unsigned second = 0; second < 256; second++)
        if (n == 1 || second == (unsigned char)content[1])
            t->pairs[(first << 8 | second) / 64] |= (uint64_t)1 << second % 64;
}

/* Of tokens with the same content the first is found. */
static void add_to_table(search_table *t, const char *content, size_t n, size_t token) {
    int first = (unsigned char)content[0];
    t->only = !t->contents || t->only == first ? first : -1;
    if (!t->contents) t->contents = trie_new();
    trie_add(t->contents, content, n, (int32_t)token);
    add_pairs(t, content, n);
}

static struct special_search *search_new(const specials *sp, const normalizer *norm,
                                         tok_scratch *s) {
    struct special_search *search = mem_new(1, sizeof *search);
    for (size_t i = 0; i < sp->n; i++) {
        const special_token *token = &sp->tokens[i];
        size_t n = token->content.len;
        const char *content = token->content.data;
        if (token->normalized) content = normalizer_apply(norm, norm->n, s, content, &n);
        for (int allowed = token->special; n && allowed < 2; allowed++)
            add_to_table(&search->tables[token->normalized][allowed], content, n, i);
    }
    for (int i = 0; i < 4; i++) {
        trie *contents = search->tables[i / 2][i % 2].contents;
        if (contents) trie_pack(contents);
    }
    return search;
}

bool specials_prepare(specials *sp, vocab *v, const normalizer *norm, tok_scratch *s,
                      const char *name, err *e) {
    if (!specials_sort(sp, name, e)) return false;
    for (size_t i = 0; i < sp->n; i++) {
        if (!place_token(&sp->tokens[i], v, name, e)) return false;
        sp->any_plain |= !sp->tokens[i].special;
    }
    search_free(sp->search);
    sp->search = sp->n ? search_new(sp, norm, s) : NULL;
    return true;
}

const special_token *special_of(const specials *sp, int32_t id) {
    size_t low = 0, high = sp->n;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (sp->tokens[middle].id < id)
            low = middle + 1;
        else
            high = middle;
    }
    return low < sp->n && sp->tokens[low].id == id ? &sp->tokens[low] : NULL;
}

const special_token *special_named(const specials *sp, const char *content, size_t len) {
    for (size_t i = 0; i < sp->n; i++) {
        const special_token *token = &sp->tokens[i];
        if (token->content.len == len && memcmp(token->content.data, content, len) == 0)
            return token;
    }
    return NULL;
}

/* The first place at `at` or later where a token may begin, or n. */
static size_t next_start(const search_table *t, const char *text, size_t n, size_t at) {
    while (at < n) {
        if (t->only >= 0) {
            const char *hit = memchr(text + at, t->only, n - at);
            if (!hit) return n;
            at = (size_t)(hit - text);
        }
        /* The last byte may be a whole token: whatever might follow it is looked up. */
        unsigned first = (unsigned char)text[at];
        if (at + 1 == n) return at;
        unsigned second = (unsigned char)text[at + 1];
        if (t->pairs[(first << 8 | second) / 64] >> second % 64 & 1) return at;
        at++;
    }
    return n;
}

static bool is_inside_word(const char *text, size_t n, size_t begin, size_t end) {
    uint32_t before = ' ', after = ' ';
    if (begin > 0) tok_read_char_before(text, begin, &before);
    if (end < n) tok_read_char(text + end, n - end, &after);
    return (char_class(before) | char_class(after)) & CHAR_WORD;
}

/* Where the white space begins that ends at text[i], not before `from`. */
static size_t skip_space_back(const char *text, size_t from, size_t i) {
    while (i > from) {
        uint32_t code;
        size_t len = tok_read_char_before(text, i, &code);
        if (!(char_class(code) & CHAR_SPACE) || len > i - from) break;
        i -= len;
    }
    return i;
}

static size_t skip_space(const char *text, size_t n, size_t i) {
    while (i < n) {
        uint32_t code;
        size_t len = tok_read_char(text + i, n - i, &code);
        if (!(char_class(code) & CHAR_SPACE)) break;
        i += len;
    }
    return i;
}

const special_token *special_find(const specials *sp, bool normalized, bool allow_special,
                                  const char *text, size_t n, size_t from, size_t *begin,
                                  size_t *end) {
    if (!sp->search) return NULL;
    const search_table *t = &sp->search->tables[normalized][allow_special];
    if (!t->contents) return NULL;
    for (size_t i = next_start(t, text, n, from); i < n; i = next_start(t, text, n, i)) {
        size_t length = 1;
        int32_t found = trie_longest(t->contents, text + i, n - i, &length);
        const special_token *token = found < 0 ? NULL : &sp->tokens[found];
        size_t stop = i + length;
        if (token && !(token->single_word && is_inside_word(text, n, i, stop))) {
            *begin = token->lstrip ? skip_space_back(text, from, i) : i;
            *end = token->rstrip ? skip_space(text, n, stop) : stop;
            return token;
        }
        i = stop;
    }
    return NULL;
}
