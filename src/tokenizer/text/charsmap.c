#include "tokenizer/text/charsmap.h"

#include "base/mem.h"
#include "tokenizer/text/char_pairs.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

struct charsmap {
    str blob;
    uint32_t *units; /* of the trie */
    uint32_t n_units;
    const char *replacements; /* in blob; each ends with a NUL, and so does the last */
    size_t replacements_size;
    char_pairs plain; /* no entry is the first character, and none begins with both */
};

/* The fields of a unit of Darts-clone: a label with the top bit set never equals a byte. */
static uint32_t unit_label(uint32_t unit) {
    return unit & (1u << 31 | 0xFF);
}
static bool unit_has_leaf(uint32_t unit) {
    return unit >> 8 & 1;
}
static uint32_t unit_offset(uint32_t unit) {
    return unit >> 10 << ((unit & 1u << 9) >> 6);
}
static uint32_t unit_value(uint32_t unit) {
    return unit & 0x7FFFFFFF;
}

static uint32_t read_u32(const char *bytes) {
    const unsigned char *b = (const unsigned char *)bytes;
    return b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 | (uint32_t)b[3] << 24;
}

/* Goes from the node by one byte to the next, whose unit is *unit; false where the trie ends, as it
 * does at a unit that is not there. */
static bool walk(const charsmap *map, uint32_t *node, unsigned char byte, uint32_t *unit) {
    *node ^= byte;
    if (*node >= map->n_units || unit_label(map->units[*node]) != byte) return false;
    *unit = map->units[*node];
    *node ^= unit_offset(*unit);
    return true;
}

static void find_plain_pairs(charsmap *map) {
    for (int a = 0; a < 128; a++) {
        uint32_t unit, node = unit_offset(map->units[0]);
        bool begins = walk(map, &node, (unsigned char)a, &unit);
        if (begins && unit_has_leaf(unit)) continue;
        for (int b = 0; b < 128; b++) {
            uint32_t next = node;
            if (!begins || !walk(map, &next, (unsigned char)b, &unit))
                char_pairs_add(&map->plain, (unsigned char)a, (unsigned char)b);
        }
    }
}

charsmap *charsmap_new(const char *blob, size_t n, const char *name, err *e) {
    uint32_t trie_size = n < 4 ? 0 : read_u32(blob);
    if (n < 4 || trie_size > n - 4 || trie_size % 4 || trie_size == 0) {
        err_set(e, ERR_INPUT, "%s: precompiled_charsmap: a trie of %u bytes in %zu bytes", name,
                (unsigned)trie_size, n);
        return NULL;
    }
    if (trie_size == n - 4 || blob[n - 1] != '\0') {
        err_set(e, ERR_INPUT, "%s: precompiled_charsmap: the replacements do not end with a NUL",
                name);
        return NULL;
    }
    charsmap *map = mem_new(1, sizeof *map);
    str_append(&map->blob, blob, n);
    map->n_units = trie_size / 4;
    map->units = mem_new(map->n_units, sizeof *map->units);
    for (uint32_t i = 0; i < map->n_units; i++) map->units[i] = read_u32(blob + 4 + 4 * (size_t)i);
    map->replacements = map->blob.data + 4 + trie_size;
    map->replacements_size = n - 4 - trie_size;
    find_plain_pairs(map);
    return map;
}

void charsmap_free(charsmap *map) {
    if (!map) return;
    str_free(&map->blob);
    free(map->units);
    free(map);
}

const char *charsmap_blob(const charsmap *map, size_t *n) {
    *n = map->blob.len;
    return map->blob.data;
}

/* The length of the longest entry that text[0..n) begins with, 0 = none, and its replacement. A
 * replacement that is not there ends the search as if the trie ended. */
static size_t longest_match(const charsmap *map, const char *text, size_t n, const char **becomes) {
    size_t longest = 0;
    uint32_t unit, node = unit_offset(map->units[0]);
    for (size_t i = 0; i < n && walk(map, &node, (unsigned char)text[i], &unit); i++) {
        if (!unit_has_leaf(unit)) continue;
        if (node >= map->n_units) break;
        uint32_t value = unit_value(map->units[node]);
        if (value >= map->replacements_size) break;
        *becomes = map->replacements + value;
        longest = i + 1;
    }
    return longest;
}

/* The length of the characters of text[0..n) that stay as they are for sure. */
static size_t plain_length(const charsmap *map, const char *text, size_t n) {
    size_t i = 0;
    while (i + 1 < n &&
           char_pairs_has(&map->plain, (unsigned char)text[i], (unsigned char)text[i + 1]))
        i++;
    return i;
}

void charsmap_apply(const charsmap *map, const char *text, size_t n, str *out) {
    size_t kept = 0; /* text[kept..i) stays as it is */
    for (size_t i = plain_length(map, text, n); i < n; i += plain_length(map, text + i, n - i)) {
        const char *becomes = NULL;
        size_t length = longest_match(map, text + i, n - i, &becomes);
        if (length) {
            str_append(out, text + kept, i - kept);
            str_append(out, becomes, strlen(becomes));
            kept = i + length;
        }
        i += length ? length : str_utf8_length(text + i, n - i);
    }
    str_append(out, text + kept, n - kept);
}
