/* What the layouts of word vectors share; private to src/io/vectors*.c and the fuzzer. Numbers in
 * files are little-endian, as the machine's. */
#ifndef IO_VECTORS_LAYOUT_H
#define IO_VECTORS_LAYOUT_H

#include "base/str.h"
#include "io/vectors.h"

#include <stddef.h>
#include <stdio.h>

/* A piece of a file. */
typedef struct vectors_span {
    const char *text;
    size_t n;
} vectors_span;

/* The files of a projector's folder, and the names beside GloVe's binary. */
#define PROJECTOR_VECTORS  "vectors.tsv"
#define PROJECTOR_METADATA "metadata.tsv"
#define GLOVE_LIST         "vocab.txt"
/* Returns new (str_free): the names beside the .npy at `path`, with .words.txt for .npy. */
str vectors_npy_list_path(const char *path);

/* What is read. Some layouts keep the names in a second file, the list. */
typedef struct vectors_source {
    const char *path, *list_path; /* they stand in messages */
    vectors_span file;
    vectors_span list; /* .text is NULL where there is none */
    bool folder;       /* file and list come from a projector's folder */
    int64_t limit;     /* at least 1: so many vectors at most */
} vectors_source;

/* Reads what lies in memory: io_vectors_read without the files. */
bool vectors_parse(io_vectors *v, const vectors_source *s, err *e);

/* The layouts: whether the source looks like one, and reading it. A reader may leave numbers that
 * are not finite: vectors_parse refuses them. */
bool vectors_is_projector(const vectors_source *s);
bool vectors_is_npy(const vectors_source *s);
bool vectors_is_fasttext(const vectors_source *s);
bool vectors_is_safetensors(const vectors_source *s);
bool vectors_is_text(const vectors_source *s);
bool vectors_is_word2vec(const vectors_source *s);
bool vectors_is_glove(const vectors_source *s);
typedef bool vectors_reader(io_vectors *v, const vectors_source *s, err *e);
vectors_reader vectors_read_projector, vectors_read_npy, vectors_read_fasttext,
    vectors_read_safetensors, vectors_read_text, vectors_read_word2vec, vectors_read_glove;

/* Writing them. */
typedef bool vectors_writer(const io_vectors *v, const char *path, err *e);
vectors_writer vectors_write_word2vec, vectors_write_word2vec_text, vectors_write_glove_text,
    vectors_write_npy, vectors_write_safetensors, vectors_write_projector;

/* The first line of word2vec's files, "V D\n". */
typedef struct vectors_header {
    int64_t n, width; /* at least 1 */
    size_t length;    /* bytes of the line */
} vectors_header;
bool vectors_take_header(vectors_span file, vectors_header *h);

/* Splits text into at most `limit` lines without their ends ("\n", "\r\n"; the last may lack it).
 * Returns how many, and a new array of them (free with free). */
int64_t vectors_lines(vectors_span text, int64_t limit, vectors_span **lines);

/* Reads the n numbers of a line, which stand behind separators, up to `end`; false where there are
 * fewer, more, or others. */
bool vectors_read_numbers(const char *p, const char *end, char separator, int64_t n, real *out);

/* Makes v->rows (n, width), zeroed; the caller has held n * width against the size of the file. */
void vectors_new_rows(io_vectors *v, int64_t n, int64_t width);
/* Copies the v->n names; one that holds a NUL or a line break is an error. */
bool vectors_set_names(io_vectors *v, const vectors_span *names, const char *path, err *e);
/* The same from the first v->n lines of a list, which must have `expected` in all. */
bool vectors_set_names_of_list(io_vectors *v, vectors_span list, const char *path, int64_t expected,
                               err *e);
/* Copies n float32 numbers, at any address, to out. */
void vectors_copy_floats(real *out, const char *floats, int64_t n);

/* A name or a piece of text for a message: at most 60 bytes of printable UTF-8. */
typedef struct vectors_quoted {
    char text[64];
} vectors_quoted;
vectors_quoted vectors_quote(vectors_span name);

/* False, with the message, where a name holds one of the bytes that the layout gives a meaning. */
bool vectors_check_names(const io_vectors *v, const char *path, const char *bytes, err *e);
/* Writes numbers as float32, or as text that reads back exactly. */
void vectors_put_floats(FILE *out, const real *x, int64_t n);
void vectors_put_text(FILE *out, const real *row, int64_t width, char separator);
/* Writes the names, one a line, to the file at `path`, all or nothing. */
bool vectors_write_list(const io_vectors *v, const char *path, err *e);

#endif
