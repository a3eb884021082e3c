#include "base/arena.h"

#include "base/mem.h"

#include <stdlib.h>

enum { ALIGNMENT = 64, FIRST_CHUNK = 1 << 20 };

struct arena_chunk {
    arena_chunk *next;
    size_t capacity, touched;
    char *data;
};

static arena_chunk *chunk_new(size_t capacity) {
    arena_chunk *c = mem_new(1, sizeof *c);
    c->capacity = capacity;
    c->data = mem_new_untouched(capacity);
    return c;
}

/* Moves on to a chunk with room for `bytes`: the next one that fits, or a new one linked in. */
static void advance(arena *a, size_t bytes) {
    arena_chunk *last = a->current, *c = last ? last->next : NULL;
    while (c && c->capacity < bytes) {
        last = c;
        c = c->next;
    }
    if (!c) {
        /* What is not written to costs nothing: few chunks, so few ends that stay unused. */
        size_t capacity = last ? 2 * last->capacity : FIRST_CHUNK;
        c = chunk_new(capacity > bytes ? capacity : bytes);
        if (last)
            last->next = c;
        else
            a->first = c;
    }
    a->current = c;
    a->used = 0;
}

void *arena_alloc(arena *a, size_t bytes) {
    bytes = (bytes + ALIGNMENT - 1) & ~(size_t)(ALIGNMENT - 1);
    if (!a->current || a->current->capacity - a->used < bytes) advance(a, bytes);
    void *p = a->current->data + a->used;
    a->used += bytes;
    if (a->used > a->current->touched) a->current->touched = a->used;
    return p;
}

arena_mark arena_here(const arena *a) {
    return (arena_mark){a->current, a->used};
}

void arena_rewind(arena *a, arena_mark mark) {
    a->current = mark.chunk ? mark.chunk : a->first;
    a->used = mark.used;
}

void arena_reset(arena *a) {
    a->current = a->first;
    a->used = 0;
}

void arena_free(arena *a) {
    for (arena_chunk *c = a->first, *next; c; c = next) {
        next = c->next;
        free(c->data);
        free(c);
    }
    *a = (arena){0};
}

size_t arena_touched(const arena *a) {
    size_t bytes = 0;
    for (const arena_chunk *c = a->first; c; c = c->next) bytes += c->touched;
    return bytes;
}
