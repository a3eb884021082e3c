/* Memory that dies together: allocation is a pointer bump, release is a rewind. Grows by chunks
 * while it is first filled and never again, so a training step repeats without the heap. */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stddef.h>

typedef struct arena_chunk arena_chunk;

typedef struct arena {
    arena_chunk *first, *current;
    size_t used; /* bytes taken from the current chunk */
} arena;

/* A place to rewind to. */
typedef struct arena_mark {
    arena_chunk *chunk;
    size_t used;
} arena_mark;

/* Returns `bytes` of memory aligned to 64 bytes, not cleared; lives until rewind or free. */
void *arena_alloc(arena *a, size_t bytes);

arena_mark arena_here(const arena *a);
void arena_rewind(arena *a, arena_mark mark);

/* Forgets every allocation and keeps the chunks. A zeroed arena is a valid empty one. */
void arena_reset(arena *a);
void arena_free(arena *a);

/* Bytes of all chunks that were ever handed out: what the arena has resident. */
size_t arena_touched(const arena *a);

#endif
