#include "base/file.h"
#include "cli/args.h"
#include "cli/cmd.h"
#include "cli/vectors.h"
#include "train/run.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>

#define USAGE "import FILE [--out FOLDER] [--limit N]"

static const char file_name[] = "vectors.safetensors";

/* "runs/NAME" of "any/where/NAME.bin". */
static bool name_folder(const char *path, char *out, err *e) {
    size_t end = strlen(path);
    while (end > 1 && path[end - 1] == '/') end--;
    size_t start = end;
    while (start > 0 && path[start - 1] != '/') start--;
    size_t length = end - start;
    for (size_t i = length; i > 1; i--)
        if (path[start + i - 1] == '.') {
            length = i - 1;
            break;
        }
    int n = snprintf(out, TRAIN_PATH_SIZE, "runs/%.*s", (int)length, path + start);
    return n < TRAIN_PATH_SIZE || err_set(e, ERR_INPUT, "%.60s...: path too long", path);
}

/* A folder that is new, empty, or holds imported vectors and nothing else. */
static bool check_folder(const char *path, err *e) {
    DIR *d = opendir(path);
    if (!d) return true;
    bool ok = true;
    for (struct dirent *entry; ok && (entry = readdir(d));) {
        const char *name = entry->d_name;
        if (strcmp(name, ".") != 0 && strcmp(name, "..") != 0 && strcmp(name, file_name) != 0)
            ok = err_set(e, ERR_INPUT, "%s holds something else (%s); choose another with --out",
                         path, name);
    }
    closedir(d);
    return ok;
}

static void print_summary(const io_vectors *v, const char *path) {
    enum { FIRST = 8 };
    printf("%s: %s, %lld words, %lld dimensions\n", path, v->layout, (long long)v->n,
           (long long)v->width);
    printf("first words:");
    for (int64_t i = 0; i < v->n && i < FIRST; i++) printf(" %s", v->names[i]);
    puts(v->n > FIRST ? " ..." : "");
    if (v->subwords.rows)
        puts("left out: the vectors of n-grams, so words that are not listed have none");
}

static bool import(const char *path, const char *folder, int64_t limit, err *e) {
    char out[TRAIN_PATH_SIZE];
    io_vectors v;
    bool ok = check_folder(folder, e) && train_run_path(folder, file_name, out, e);
    if (!ok) return false;
    ok = io_vectors_read(&v, path, limit, e);
    if (ok) print_summary(&v, path);
    ok = ok && file_make_folder(folder, e) && io_vectors_write(&v, out, IO_SAFETENSORS, e);
    if (ok) printf("written: %s\n", out);
    io_vectors_free(&v);
    return ok;
}

static bool run(int argc, char **argv, err *e) {
    int64_t limit = 0;
    const char *out = NULL;
    char folder[TRAIN_PATH_SIZE];
    const args_flag flags[] = {
        {"out", ARGS_TEXT, &out, 0, 0, "folder to write (runs/NAME, of NAME.bin)"},
        VECTORS_LIMIT(limit)};
    args a;
    if (!args_parse(&a, argc, argv, flags, sizeof flags / sizeof *flags, 1, 1, USAGE, e))
        return false;
    if (!out && !name_folder(a.positional[0], folder, e)) return false;
    return import(a.positional[0], out ? out : folder, limit, e);
}

const cmd cmd_import = {
    "import", "FILE", "make a run of word vectors from elsewhere",
    "Reads word vectors in any usual layout, recognised by its content: word2vec's binary and text, "
    "GloVe's\ntext, and its binary beside vocab.txt, fastText's .bin and .vec, npy beside a .words.txt of "
    "words,\nsafetensors, the Embedding Projector's folder. Tells what it is, and writes a folder "
    "that the commands\nabout vectors take as RUN.",
    run};
