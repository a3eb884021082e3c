#include "cli/args.h"
#include "cli/cmd.h"
#include "cli/vectors.h"

#include <stdio.h>

#define USAGE "export RUN|FILE --format " IO_VECTOR_FORMAT_NAMES " --out PATH [--limit N]"

static bool run(int argc, char **argv, err *e) {
    int64_t limit = 0;
    const char *format = NULL, *out = NULL;
    const args_flag flags[] = {
        {"format", ARGS_TEXT, &format, 0, 0, IO_VECTOR_FORMAT_NAMES},
        {"out", ARGS_TEXT, &out, 0, 0, "file to write; for projector, a folder"},
        {"limit", ARGS_INT, &limit, 0, 1e9, "write the first N words only (0 = all)"}};
    args a;
    cli_vectors v;
    if (!args_parse(&a, argc, argv, flags, sizeof flags / sizeof *flags, 1, 1, USAGE, e))
        return false;
    if (!format || !out) return err_set(e, ERR_USAGE, "usage: gradus %s", USAGE);
    int chosen = args_choice("format", format, IO_VECTOR_FORMAT_NAMES, e);
    if (chosen < 0) return false;
    bool ok = vectors_open(&v, a.positional[0], limit, e) &&
              io_vectors_write(&v.vectors, out, (io_vector_format)chosen, e);
    if (ok && v.vectors.subwords.rows)
        fprintf(stderr,
                "gradus: warning: %s: the n-grams are left out: no such layout holds them\n", out);
    if (ok)
        printf("%s: %lld words, %lld dimensions\n", out, (long long)v.vectors.n,
               (long long)v.vectors.width);
    vectors_close(&v);
    return ok;
}

const cmd cmd_export = {
    "export", "RUN|FILE", "write vectors in the layout of another program",
    "word2vec-bin   what word2vec.c and gensim read with binary=True; exact\n"
    "word2vec-text  the same as text, 9 significant digits: exact as well; fastText's .vec\n"
    "glove-text     without the first line that counts words and dimensions\n"
    "npy            the matrix for numpy.load, and the words beside it in a .words.txt, one a line\n"
    "safetensors    tensors \"vectors\" and \"words\"\n"
    "projector      a folder for the Embedding Projector: vectors, names, config",
    run};
