/* 10: searching in word vectors: nearest words, analogies, and a whole test of them. The vectors
 * are trained here on the generated kingdom, and written as a file that other programs read; so
 * does gradus itself: `gradus nearest runs/examples/vectors.bin king`.
 *
 *     make examples && build/examples/10_search_with_vectors [FOLDER, else runs/examples]
 *     cc -O2 -fopenmp -Isrc examples/10_search_with_vectors.c build/libgradus.a \
 *        -lblis -lcjson -linih -lpcre2-8 -lutf8proc -lm -o 10_search_with_vectors
 */
#include "gradus.h"

enum { D = 64, K = 4 }; /* numbers in a vector, answers to a question */

/* Writes the text and the questions that it answers. */
static bool write_kingdom(const char *text, const char *questions, err *e) {
    file_writer f;
    if (!file_begin(&f, text, e)) return false;
    train_kingdom_write(f.stream, 10000, 1);
    if (!file_commit(&f, e) || !file_begin(&f, questions, e)) return false;
    train_kingdom_write_questions(f.stream);
    return file_commit(&f, e);
}

static void print(const embed_table *table, const char *question, const embed_neighbour *answers) {
    printf("%s:", question);
    for (const embed_neighbour *a = answers; a < answers + K; a++)
        printf("  %s %.2f", table->vectors->names[a->row], a->score);
    puts("");
}

/* Searches by direction: the rows of the table with their lengths divided out. */
static bool search(const embed_table *table, const char *questions, err *e) {
    embed_neighbour found[K];
    int64_t king = embed_find(table, "king");
    embed_nearest(table, table->units + king * D, &king, 1, 0, K, found);
    print(table, "near king", found);

    real positive[2 * D], negative[D];
    int64_t asked[] = {king, embed_find(table, "man"), embed_find(table, "woman")};
    embed_unit_of(table, "king", positive);
    embed_unit_of(table, "woman", positive + D);
    embed_unit_of(table, "man", negative);
    embed_analogy(table, &(embed_query){positive, negative, 2, 1, asked, 3, 0, EMBED_3COSADD}, K,
                  found);
    print(table, "king - man + woman", found);

    embed_analogies test;
    bool ok = embed_evaluate_analogies(table, questions, 0, EMBED_3COSADD, &test, e);
    if (ok)
        printf("questions answered right: %lld of %lld\n", (long long)test.all.n_correct,
               (long long)test.all.n);
    embed_analogies_free(&test);
    return ok;
}

int main(int argc, char **argv) {
    const char *folder = argc > 1 ? argv[1] : "runs/examples";
    char run[1024], questions[1024], file[1024];
    err e = {0};
    config c;
    io_vectors v = {0};
    cfg_defaults(&c); /* skip-gram with negative sampling; but for a small text */
    c.objective = TRAIN_WORD2VEC;
    c.vector_size = D;
    c.alpha = 0.1;
    if (file_make_folder(folder, &e) &&
        file_join(c.dataset, sizeof c.dataset, folder, "kingdom.txt", &e) &&
        file_join(questions, sizeof questions, folder, "questions.txt", &e) &&
        file_join(file, sizeof file, folder, "vectors.bin", &e) &&
        file_join(run, sizeof run, folder, "words", &e) &&
        write_kingdom(c.dataset, questions, &e) &&
        train_loop(&c, run, TRAIN_OVERWRITE, &train_silent, &(sig_atomic_t){0}, &e) &&
        train_run_vectors(&v, run, &e)) {
        embed_table table = embed_table_new(&v);
        if (search(&table, questions, &e)) io_vectors_write(&v, file, IO_WORD2VEC_BIN, &e);
        embed_table_free(&table);
    }
    if (e.code) fprintf(stderr, "%s\n", e.message);
    io_vectors_free(&v);
    return e.code;
}
