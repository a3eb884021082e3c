#include "base/file.h"
#include "cli/args.h"
#include "cli/cmd.h"
#include "train/kingdom.h"

#include <string.h>

#define USAGE "corpus kingdom --out FILE [--questions FILE] [--sentences N] [--seed S]"

static bool write_text(const char *path, int64_t sentences, int64_t seed, err *e) {
    file_writer w;
    if (!file_begin(&w, path, e)) return false;
    train_kingdom_write(w.stream, sentences, (uint64_t)seed);
    return file_commit(&w, e);
}

static bool write_questions(const char *path, err *e) {
    file_writer w;
    if (!file_begin(&w, path, e)) return false;
    train_kingdom_write_questions(w.stream);
    return file_commit(&w, e);
}

static bool run(int argc, char **argv, err *e) {
    const char *out = NULL, *questions = NULL;
    int64_t sentences = 20000, seed = 1;
    const args_flag flags[] = {
        {"out", ARGS_TEXT, &out, 0, 0, "file to write"},
        {"questions", ARGS_TEXT, &questions, 0, 0, "its analogies, for `gradus evaluate`"},
        {"sentences", ARGS_INT, &sentences, 1, 1e9, "sentences, one a line (20000)"},
        {"seed", ARGS_INT, &seed, 0, 9e18, "the same seed gives the same text (1)"},
    };
    args a;
    if (!args_parse(&a, argc, argv, flags, sizeof flags / sizeof *flags, 1, 1, USAGE, e))
        return false;
    if (strcmp(a.positional[0], "kingdom") != 0)
        return err_set(e, ERR_USAGE, "unknown corpus '%s' (did you mean 'kingdom'?)",
                       a.positional[0]);
    if (!out) return err_set(e, ERR_USAGE, "usage: gradus %s", USAGE);
    return write_text(out, sentences, seed, e) && (!questions || write_questions(questions, e));
}

const cmd cmd_corpus = {
    "corpus", "kingdom --out FILE", "write a generated text whose analogies are known to hold",
    "kingdom: simple English sentences over a small world: royalty by gender, capital by "
    "country,\nsingular and plural, comparatives, family words, among filler words with "
    "Zipf's distribution.",
    run};
