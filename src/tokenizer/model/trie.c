/* A double array is built from the sorted pieces: each node is a range of them that agree in their
 * first bytes, and its children move together to cells that are free. */
#include "tokenizer/model/trie.h"

#include "base/array.h"
#include "base/mem.h"
#include "base/str.h"

#include <stdlib.h>
#include <string.h>

/* Free cells are searched in the last blocks only: what remains free in older ones is little, and
 * looking there again for every node would take quadratic time. */
enum { BLOCK = 256, OPEN_BLOCKS = 16 };
enum { FREE = -2 }; /* as the parent of a cell */

typedef struct entry {
    size_t start; /* in bytes */
    const char *bytes;
    size_t length;
    int32_t id;
} entry;

/* A node to be built: entries[begin..end) agree in their first `depth` bytes. */
typedef struct node_range {
    size_t begin, end, depth;
    int32_t node;
} node_range;

typedef struct trie_builder {
    str bytes;
    entry *entries;
    size_t n, capacity;
    node_range *stack;
    size_t n_stack, stack_capacity;
    size_t cell_capacity;
    int32_t first_free, last_free; /* cells; -1 = none */
} trie_builder;

trie *trie_new(void) {
    trie *t = mem_new(1, sizeof *t);
    t->builder = mem_new(1, sizeof *t->builder);
    return t;
}

static void builder_free(trie_builder *b) {
    if (!b) return;
    str_free(&b->bytes);
    free(b->entries);
    free(b->stack);
    free(b);
}

void trie_free(trie *t) {
    if (!t) return;
    builder_free(t->builder);
    free(t->cells);
    free(t);
}

void trie_add(trie *t, const char *piece, size_t n, int32_t id) {
    trie_builder *b = t->builder;
    b->entries = array_room(b->entries, &b->capacity, b->n + 1, sizeof *b->entries);
    b->entries[b->n++] = (entry){.start = b->bytes.len, .length = n, .id = id};
    str_append(&b->bytes, piece, n);
}

/* By bytes, equals in the order of their arrival. */
static int compare_entries(const void *a, const void *b) {
    const entry *x = a, *y = b;
    int order = str_compare(x->bytes, x->length, y->bytes, y->length);
    return order ? order : (x->start > y->start) - (x->start < y->start);
}

static void sort_entries(trie_builder *b) {
    size_t kept = 0;
    str_append(&b->bytes, "", 0);
    for (size_t i = 0; i < b->n; i++) b->entries[i].bytes = b->bytes.data + b->entries[i].start;
    if (b->n) qsort(b->entries, b->n, sizeof *b->entries, compare_entries);
    for (size_t i = 0; i < b->n; i++) {
        const entry *last = kept ? &b->entries[kept - 1] : NULL;
        if (!last || last->length != b->entries[i].length ||
            memcmp(last->bytes, b->entries[i].bytes, last->length) != 0)
            b->entries[kept++] = b->entries[i];
    }
    b->n = kept;
}

/* Free cells are a list: base is the next, id the one before, -1 = none. */
static void take_cell(trie *t, int32_t at) {
    trie_builder *b = t->builder;
    trie_cell *cell = &t->cells[at];
    *(cell->id < 0 ? &b->first_free : &t->cells[cell->id].base) = cell->base;
    *(cell->base < 0 ? &b->last_free : &t->cells[cell->base].id) = cell->id;
    *cell = (trie_cell){.parent = -1, .id = -1};
}

static void add_block(trie *t) {
    trie_builder *b = t->builder;
    t->cells = array_room(t->cells, &b->cell_capacity, t->n_cells + BLOCK, sizeof *t->cells);
    for (int i = 0; i < BLOCK; i++) {
        int32_t at = (int32_t)t->n_cells++;
        t->cells[at] = (trie_cell){.base = -1, .parent = FREE, .id = b->last_free};
        *(b->last_free < 0 ? &b->first_free : &t->cells[b->last_free].base) = at;
        b->last_free = at;
    }
    int32_t oldest = (int32_t)t->n_cells - OPEN_BLOCKS * BLOCK;
    while (b->first_free < oldest) take_cell(t, b->first_free);
}

/* A base that puts children of these bytes, n > 0, into free cells. */
static int32_t find_base(trie *t, const unsigned char *bytes, int n) {
    int32_t at = t->builder->first_free;
    for (; at >= 0; at = t->cells[at].base) {
        int32_t base = at ^ bytes[0];
        int i = 1;
        while (i < n && t->cells[base ^ bytes[i]].parent == FREE) i++;
        if (i == n) return base;
    }
    add_block(t);
    return (int32_t)t->n_cells - BLOCK;
}

static void push(trie_builder *b, node_range range) {
    b->stack = array_room(b->stack, &b->stack_capacity, b->n_stack + 1, sizeof *b->stack);
    b->stack[b->n_stack++] = range;
}

/* Gives the node its id and its children their cells. */
static void build_node(trie *t, node_range node) {
    trie_builder *b = t->builder;
    unsigned char bytes[256];
    size_t begins[257];
    int n = 0;
    if (node.begin < node.end && b->entries[node.begin].length == node.depth)
        t->cells[node.node].id = b->entries[node.begin++].id;
    for (size_t i = node.begin; i < node.end; i++) {
        unsigned char byte = (unsigned char)b->entries[i].bytes[node.depth];
        if (n && bytes[n - 1] == byte) continue;
        bytes[n] = byte;
        begins[n++] = i;
    }
    begins[n] = node.end;
    if (n == 0) return;
    int32_t base = find_base(t, bytes, n);
    t->cells[node.node].base = base;
    for (int i = 0; i < n; i++) {
        take_cell(t, base ^ bytes[i]);
        t->cells[base ^ bytes[i]].parent = node.node;
        push(b, (node_range){begins[i], begins[i + 1], node.depth + 1, base ^ bytes[i]});
    }
}

void trie_pack(trie *t) {
    trie_builder *b = t->builder;
    sort_entries(b);
    b->first_free = b->last_free = -1;
    add_block(t);
    take_cell(t, 0);
    push(b, (node_range){.end = b->n});
    while (b->n_stack) build_node(t, b->stack[--b->n_stack]);
    builder_free(b);
    t->builder = NULL;
}
