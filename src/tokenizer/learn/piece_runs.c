#include "tokenizer/learn/piece_runs.h"

#include "base/mem.h"
#include "base/str.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { WRITE_BYTES = 1 << 20, READ_MIN_BYTES = 1 << 12, READ_MAX_BYTES = 1 << 20 };

static bool fail(const char *cause, err *e) {
    return err_set(e, ERR_INPUT, "a temporary file of counted pieces (in TMPDIR): %s", cause);
}

static bool open_file(piece_runs *r, err *e) {
    const char *folder = getenv("TMPDIR");
    char path[1024];
    int n =
        snprintf(path, sizeof path, "%s/gradus-pieces-XXXXXX", folder && *folder ? folder : "/tmp");
    if (n >= (int)sizeof path) return fail("its name is too long", e);
    r->file = mkstemp(path);
    if (r->file < 0) return fail(strerror(errno), e);
    unlink(path);
    return true;
}

static bool write_all(int file, const char *from, size_t n, err *e) {
    while (n > 0) {
        ssize_t done = write(file, from, n);
        if (done < 0 && errno == EINTR) continue;
        if (done <= 0) return fail(done < 0 ? strerror(errno) : "the disk is full", e);
        from += done;
        n -= (size_t)done;
    }
    return true;
}

static bool write_entries(int file, piece_entry *const *entries, size_t n, err *e) {
    str buffer = {0};
    bool ok = true;
    for (size_t i = 0; ok && i < n; i++) {
        str_append(&buffer, (const char *)entries[i], piece_entry_bytes(entries[i]->length));
        if (buffer.len < WRITE_BYTES && i + 1 < n) continue;
        ok = write_all(file, buffer.data, buffer.len, e);
        buffer.len = 0;
    }
    str_free(&buffer);
    return ok;
}

bool piece_runs_write(piece_runs *r, const piece_table *t, err *e) {
    if (t->n == 0) return true;
    if (r->n == 0 && !open_file(r, e)) return false;
    r->ends = mem_resize(r->ends, r->n + 1, sizeof *r->ends);
    off_t begin = r->n ? r->ends[r->n - 1] : 0;
    r->ends[r->n++] = begin + (off_t)t->used;
    piece_entry **sorted = piece_table_sorted(t);
    bool ok = write_entries(r->file, sorted, t->n, e);
    free(sorted);
    return ok;
}

void piece_runs_free(piece_runs *r) {
    if (r->n) close(r->file);
    free(r->ends);
    *r = (piece_runs){0};
}

/* A run being read. */
typedef struct cursor {
    int file;
    off_t at, end; /* what is still in the file */
    char *buffer;
    size_t begin, filled, capacity;
    const piece_entry *entry; /* the first one not yet taken, in the buffer; NULL = none is left */
} cursor;

/* Has buffer[begin..begin + n) filled. */
static bool fill(cursor *c, size_t n, err *e) {
    if (c->filled - c->begin >= n) return true;
    memmove(c->buffer, c->buffer + c->begin, c->filled - c->begin);
    c->filled -= c->begin;
    c->begin = 0;
    if (n > c->capacity) c->buffer = mem_resize(c->buffer, c->capacity = n, 1);
    while (c->filled < n) {
        size_t room = c->capacity - c->filled;
        if ((off_t)room > c->end - c->at) room = (size_t)(c->end - c->at);
        ssize_t got = pread(c->file, c->buffer + c->filled, room, c->at);
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) return fail(got < 0 ? strerror(errno) : "it was cut", e);
        c->filled += (size_t)got;
        c->at += got;
    }
    return true;
}

/* Readies c->entry, which begins at c->begin. */
static bool read_entry(cursor *c, err *e) {
    c->entry = NULL;
    if (c->at == c->end && c->begin == c->filled) return true;
    if (!fill(c, sizeof *c->entry, e)) return false;
    const piece_entry *head = (const piece_entry *)(c->buffer + c->begin);
    if (!fill(c, piece_entry_bytes(head->length), e)) return false;
    c->entry = (const piece_entry *)(c->buffer + c->begin);
    return true;
}

static bool next_entry(cursor *c, err *e) {
    c->begin += piece_entry_bytes(c->entry->length);
    return read_entry(c, e);
}

static bool is_before(const cursor *a, const cursor *b) {
    return piece_entry_compare(a->entry, b->entry) < 0;
}

/* heap[i] may come behind those below it. */
static void sift_down(cursor *heap, size_t n, size_t i) {
    for (size_t child; (child = 2 * i + 1) < n; i = child) {
        if (child + 1 < n && is_before(&heap[child + 1], &heap[child])) child++;
        if (!is_before(&heap[child], &heap[i])) return;
        cursor moved = heap[i];
        heap[i] = heap[child];
        heap[child] = moved;
    }
}

/* Takes the first entry off the heap of cursors: *piece becomes its bytes, its count is added to
 * *count. */
static bool take_first(cursor *heap, size_t *n, str *piece, int64_t *count, err *e) {
    const piece_entry *entry = heap->entry;
    *count += entry->count;
    piece->len = 0;
    str_append(piece, entry->bytes, entry->length);
    if (!next_entry(heap, e)) return false;
    if (!heap->entry) {
        free(heap->buffer);
        *heap = heap[--*n];
    }
    sift_down(heap, *n, 0);
    return true;
}

static bool is_piece(const piece_entry *entry, const str *piece) {
    return entry->length == piece->len && memcmp(entry->bytes, piece->data, piece->len) == 0;
}

static bool merge(cursor *heap, size_t *n, piece_take *take, void *context, err *e) {
    for (size_t i = *n; i-- > 0;) sift_down(heap, *n, i);
    str piece = {0};
    bool ok = true;
    while (ok && *n > 0) {
        int64_t count = 0;
        do ok = take_first(heap, n, &piece, &count, e);
        while (ok && *n > 0 && is_piece(heap->entry, &piece));
        if (ok) take(context, piece.data, piece.len, count);
    }
    str_free(&piece);
    return ok;
}

static cursor cursor_of(const piece_runs *r, size_t run, size_t capacity) {
    cursor c = {.file = r->file, .capacity = capacity, .buffer = mem_new(capacity, 1)};
    c.at = run ? r->ends[run - 1] : 0;
    c.end = r->ends[run];
    return c;
}

bool piece_runs_merge(const piece_runs *files, size_t n_files, size_t memory, piece_take *take,
                      void *context, err *e) {
    size_t n = 0;
    for (size_t f = 0; f < n_files; f++) n += files[f].n;
    size_t capacity = n ? memory / n : 0;
    if (capacity < READ_MIN_BYTES) capacity = READ_MIN_BYTES;
    if (capacity > READ_MAX_BYTES) capacity = READ_MAX_BYTES;
    cursor *heap = mem_new(n, sizeof *heap);
    bool ok = true;
    n = 0;
    for (size_t f = 0; f < n_files; f++)
        for (size_t run = 0; ok && run < files[f].n; run++) {
            heap[n] = cursor_of(&files[f], run, capacity);
            ok = read_entry(&heap[n++], e);
        }
    ok = ok && merge(heap, &n, take, context, e);
    for (size_t i = 0; i < n; i++) free(heap[i].buffer);
    free(heap);
    return ok;
}
