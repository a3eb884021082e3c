/* Files: read by mapping, written beside and renamed, so that a reader sees the old file or the
 * new one and never a part of either. */
#ifndef BASE_FILE_H
#define BASE_FILE_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* A whole file, read-only, in memory on demand. */
typedef struct file_map {
    const char *data; /* never NULL once open; not closed with a NUL */
    size_t size;
} file_map;

/* Opens a regular file for reading: *fd, to be closed with close (-1 on failure), and its size. */
bool file_open_regular(int *fd, size_t *size, const char *path, err *e);

bool file_open_map(file_map *m, const char *path, err *e);
void file_close_map(file_map *m);
/* Bytes [first, first + n) are read soon: the system may fetch them while the caller does something
 * else. Nothing changes but the time that reading takes. */
void file_read_ahead(const file_map *m, size_t first, size_t n);

/* A file being written under a name of its own. */
typedef struct file_writer {
    FILE *stream;
    char path[1024], temporary[1088];
} file_writer;

/* Opens "PATH.tmp"; write to w->stream, then commit or discard. */
bool file_begin(file_writer *w, const char *path, err *e);
/* Brings all bytes to the disk and renames to the final name; on any failure the old file stays,
 * the temporary one is gone, and the reason is in e. */
bool file_commit(file_writer *w, err *e);
void file_discard(file_writer *w);

/* Writes the n bytes as the whole content of the file at `path`, all or nothing. */
bool file_write(const char *path, const void *bytes, size_t n, err *e);

bool file_exists(const char *path);
/* Whether both paths name the same file, or are the same text. */
bool file_same(const char *a, const char *b);
/* Removes the file where it exists. */
bool file_remove(const char *path, err *e);
/* Creates the folder and those above it. */
bool file_make_folder(const char *path, err *e);

/* Joins folder and name into out[0..size); a path too long for it is an error. */
bool file_join(char *out, size_t size, const char *folder, const char *name, err *e);

#endif
