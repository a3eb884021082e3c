/* The commands about vectors, on six words in three dimensions: royal, male, female. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "program.h"

static char vectors[512], other[512];

static const char *put(char *path, size_t size, const char *name, const char *text) {
    err e = {0};
    snprintf(path, size, "%s", folder_path(name));
    assert_true(file_write(path, text, strlen(text), &e));
    return path;
}

/* Writes FOLDER/NAME and returns its path, until the next call. */
static const char *written(const char *name, const char *text) {
    static char path[512];
    return put(path, sizeof path, name, text);
}

/* Makes the path of the program one that holds in any folder. */
static int find_program(void) {
    const char *program = getenv("GRADUS");
    if (!program) program = "build/gradus";
    if (program[0] == '/') return 0;
    char top[512], path[1024];
    if (!getcwd(top, sizeof top)) return -1;
    snprintf(path, sizeof path, "%s/%s", top, program);
    return setenv("GRADUS", path, 1);
}

static int set_up(void **state) {
    if (find_program() != 0 || program_set_up(state) != 0) return -1;
    put(vectors, sizeof vectors, "small.txt",
        "6 3\nking 2 2 0\nman 0 1 0\nwoman 0 0 3\nqueen 1 0 1\nprince 1 1 -.5\n"
        "apple -1 .5 .5\n");
    snprintf(other, sizeof other, "%s/other", folder);
    return 0;
}

static void assert_prints_all(outcome o, const char *all) {
    assert_prints(o, "");
    assert_string_equal(o.out, all);
}

static void test_nearest(void **state) {
    (void)state;
    assert_prints_all(RUN("nearest", vectors, "king"),
                      " 0.9428  prince\n 0.7071  man\n 0.5000  queen\n 0.0000  woman\n"
                      "-0.2887  apple\n");
    assert_prints_all(RUN("nearest", vectors, "KING", "-k", "1"), " 0.9428  prince\n");
    assert_prints_all(RUN("nearest", vectors, "king", "--restrict_vocab=3"),
                      " 0.7071  man\n 0.0000  woman\n");
    assert_prints_all(RUN("nearest", vectors, "king", "--limit=2", "--threads=2"),
                      " 0.7071  man\n");
    assert_error(RUN("nearest", vectors, "kingg"), 1, "small.txt (did you mean 'king'?)");
    assert_error(RUN("nearest", vectors, "xyzzy"), 1, "'xyzzy' is not in the vocabulary of ");
    assert_error(RUN("nearest", vectors, "queen", "--limit=3"), 1, "'queen' is not in");
}

static void test_a_word_as_typed_comes_before_lower_case(void **state) {
    (void)state;
    const char *path = written("case.txt", "4 2\nturkey 1 0\nTurkey 0 1\nbird 1 .1\nland .1 1\n");
    assert_prints_all(RUN("nearest", path, "TURKEY", "-k", "1"), " 0.9950  bird\n");
    assert_prints_all(RUN("nearest", path, "Turkey", "-k", "1"), " 0.9950  land\n");
}

static void test_analogy(void **state) {
    (void)state;
    assert_prints_all(RUN("analogy", vectors, "king", "man", "woman"),
                      "king - man + woman: man is to king as woman is to ...\n"
                      " 0.9586  queen\n-0.0454  prince\n-0.2292  apple\n");
    assert_prints_all(RUN("analogy", vectors, "King", "man", "woman", "--method", "3cosmul", "-k",
                          "2", "--expect", "apple"),
                      "king - man + woman: man is to king as woman is to ...\n"
                      " 1.2803  queen\n 0.3886  prince\n"
                      "expected: apple, rank 3, score 0.3557\n");
    assert_prints(RUN("analogy", vectors, "king", "man", "woman", "--expect=queen"),
                  "\nexpected: queen, rank 1, score 0.9586\n");
    assert_prints(RUN("analogy", vectors, "king", "man", "woman", "--expect=king"),
                  "\nking is not among the answers: it is a word of the question\n");
    assert_prints(
        RUN("analogy", vectors, "king", "man", "woman", "--expect=apple", "--restrict_vocab=5"),
        "\napple is not among the answers: it is beyond --restrict_vocab\n");
}

static void test_analogies_that_cannot_be_asked(void **state) {
    (void)state;
    assert_error(RUN("analogy", vectors, "king", "man"), 2, "usage: gradus analogy RUN|FILE A B C");
    assert_error(RUN("analogy", vectors, "king", "men", "woman"), 1, "(did you mean 'man'?)");
    assert_error(RUN("analogy", vectors, "king", "man", "woman", "--expect", "quen"), 1,
                 "(did you mean 'queen'?)");
    assert_error(RUN("analogy", vectors, "king", "man", "woman", "--method=3cos"), 2,
                 "--method is '3cos', expected one of 3cosadd|3cosmul");
}

static void test_similarity(void **state) {
    (void)state;
    assert_prints_all(RUN("similarity", vectors, "king", "Queen"),
                      "cosine of king and queen: 0.5000\n"
                      "rank of queen among the neighbours of king: 3 of 5\n"
                      "rank of king among the neighbours of queen: 2 of 5\n");
    assert_prints_all(RUN("similarity", vectors, "man", "man"), "cosine of man and man: 1.0000\n");
    assert_error(RUN("similarity", vectors, "king", "quene"), 1, "(did you mean 'queen'?)");
    assert_error(RUN("similarity", vectors, "king"), 2, "usage: gradus similarity");
}

static void test_odd_one_out(void **state) {
    (void)state;
    assert_prints(RUN("odd-one-out", vectors, "king", "prince", "man", "apple"),
                  "apple\nodd one out: apple\n");
    assert_error(RUN("odd-one-out", vectors, "king", "prince"), 2, "usage: gradus odd-one-out");
    assert_error(RUN("odd-one-out", vectors, "king", "prince", "aple"), 1, "mean 'apple'?)");
}

static const char questions[] = ": royal\nMAN KING WOMAN QUEEN\nman king woman apple\n"
                                "man king woman emperor\n: gram1-none\nman king he she\n";

static void test_evaluation(void **state) {
    (void)state;
    char pairs[512];
    put(pairs, sizeof pairs, "pairs.txt",
        "# cosines fall as scores do\nking\tprince\t9\nking\tman\t8\nking\tqueen\t7\n"
        "king\twoman\t2\nking\tapple\t1\nking\tjack\t5\n");
    outcome o =
        RUN("evaluate", vectors, "--analogies", written("q.txt", questions), "--pairs", pairs);
    assert_prints(o, "pairs.txt  Spearman 1.000 (95 % interval ");
    assert_prints(o, ", 5 pairs, 1 skipped\nroyal        50.0 %  (1 / 2), 1 skipped\n"
                     "gram1-none      - %  (0 / 0), 1 skipped\n"
                     "semantic     50.0 %  (1 / 2), 1 skipped\n"
                     "syntactic       - %  (0 / 0), 1 skipped\n"
                     "all          50.0 %  (1 / 2), 2 skipped, 95 % interval 0.0 to 100.0\n");
    char both[1100];
    snprintf(both, sizeof both, "%s,%s", pairs, pairs);
    o = RUN("evaluate", vectors, "--pairs", both);
    assert_non_null(strstr(strchr(o.out, '\n'), "\npairs.txt  Spearman 1.000"));
    assert_prints(RUN("evaluate", vectors, "--analogies", written("q.txt", questions),
                      "--restrict_vocab=0", "--method=3cosmul"),
                  "\nall          50.0 %");
}

static void test_evaluations_that_cannot_be_made(void **state) {
    (void)state;
    assert_error(RUN("evaluate", vectors), 2, "nothing to evaluate on: give --analogies FILE or");
    assert_error(RUN("evaluate", vectors, "--analogies", "/absent"), 1, "/absent: No such file");
    assert_error(RUN("evaluate", vectors, "--pairs", "/absent"), 1, "/absent: No such file");
    assert_error(RUN("evaluate", vectors, "--pairs="), 2, "--pairs is '', expected 1 to 32 files");
    assert_error(RUN("evaluate", vectors, "--analogies", written("q.txt", ": a\nman king\n")), 1,
                 "q.txt:2: ");
    assert_error(
        RUN("evaluate", vectors, "--analogies", written("q.txt", questions), "--restrict_vocab=3"),
        1, "q.txt: no question has all its words ");
    assert_error(RUN("evaluate", vectors, "--pairs", written("p.txt", "king\tjack\t5\n")), 1,
                 "p.txt: 0 of its 1 pairs are in the vocabulary of ");
}

/* What is exported in any layout and read again answers the same. */
static void test_export(void **state) {
    (void)state;
    static const char *const formats[][2] = {
        {"word2vec-bin", "x.bin"}, {"word2vec-text", "x.txt"},       {"glove-text", "g.txt"},
        {"npy", "x.npy"},          {"safetensors", "x.safetensors"}, {"projector", "projector"}};
    static char before[PROGRAM_TEXT_SIZE];
    strcpy(before, RUN("nearest", vectors, "king").out);
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
        char out[512], said[600];
        snprintf(out, sizeof out, "%s", folder_path(formats[i][1]));
        snprintf(said, sizeof said, "%s: 6 words, 3 dimensions\n", out);
        assert_prints_all(RUN("export", vectors, "--format", formats[i][0], "--out", out), said);
        assert_prints_all(RUN("nearest", out, "king"), before);
    }
    char out[512];
    snprintf(out, sizeof out, "%s", folder_path("x.txt"));
    assert_prints(RUN("export", vectors, "--format=word2vec-text", "--out", out, "--limit=2"),
                  "2 words");
    static char text[PROGRAM_TEXT_SIZE];
    assert_string_equal(program_read("x.txt", text), "2 3\nking 2 2 0\nman 0 1 0\n");
}

static void test_exports_that_cannot_be_made(void **state) {
    (void)state;
    assert_error(RUN("export", vectors, "--format=npy"), 2, "usage: gradus export");
    assert_error(RUN("export", vectors, "--out=x"), 2, "usage: gradus export");
    assert_error(RUN("export", vectors, "--format=word2vec", "--out=x"), 2,
                 "--format is 'word2vec', expected one of word2vec-bin|word2vec-text|");
    assert_error(RUN("export", vectors, "--format=npy", "--out=/absent/x.npy"), 1,
                 "No such file or directory");
}

static void test_import(void **state) {
    (void)state;
    outcome o = RUN("import", vectors, "--out", other);
    assert_prints(o, "small.txt: word2vec text, 6 words, 3 dimensions\n"
                     "first words: king man woman queen prince apple\n");
    assert_prints(o, "/other/vectors.safetensors\n");
    assert_prints(RUN("nearest", other, "king"), " 0.9428  prince\n");
    assert_prints(RUN("import", vectors, "--out", other, "--limit=2"), ", 2 words, ");
    assert_error(RUN("nearest", other, "queen"), 1, "'queen' is not in");
}

static void test_the_default_folder_of_an_import(void **state) {
    (void)state;
    char before[1024];
    assert_non_null(getcwd(before, sizeof before));
    assert_int_equal(chdir(folder), 0);
    assert_prints(RUN("import", vectors), "\nwritten: runs/small/vectors.safetensors\n");
    assert_prints(RUN("nearest", "runs/small", "king"), " 0.9428  prince\n");
    assert_int_equal(chdir(before), 0);
}

static void test_imports_that_cannot_be_made(void **state) {
    (void)state;
    assert_error(RUN("import", vectors, "--out", folder), 1, " holds something else (");
    assert_error(RUN("import", "/absent"), 1, "/absent: No such file");
    assert_error(RUN("import", written("bad", "2 3\nking 1 2 3\nman 1 2\n"), "--out", other), 1,
                 "bad");
    assert_error(RUN("import", vectors, "--out", vectors), 1, "small.txt");
}

static bool gnuplot_is_there(void) {
    return system("command -v gnuplot >/dev/null") == 0;
}

static void test_map(void **state) {
    (void)state;
    if (!gnuplot_is_there()) {
        puts("skipped: gnuplot is not installed");
        skip();
    }
    char out[512], words[512];
    snprintf(out, sizeof out, "%s", folder_path("map.png"));
    put(words, sizeof words, "words.txt",
        "# royalty\r\nking Queen\r\n  man\twoman\n\napple\nking jack\nking queen\nking\n");
    outcome o = RUN("map", vectors, "--words", words, "--out", out);
    assert_int_equal(o.code, 0);
    assert_non_null(strstr(o.out, "map.png: 6 words, 3 arrows, "));
    assert_non_null(strstr(o.err, "gradus: warning: left out, not in the vocabulary of "));
    assert_non_null(strstr(o.err, ": jack\n"));
    assert_true(file_exists(out));
    assert_true(file_exists(folder_path("map.gp")));
}

static void test_maps_that_cannot_be_drawn(void **state) {
    (void)state;
    char out[512], words[512];
    snprintf(out, sizeof out, "%s", folder_path("none.png"));
    put(words, sizeof words, "words.txt", "king man\njack\n");
    assert_error(RUN("map", vectors, "--words", words, "--out", out), 1,
                 "words.txt: 2 of its 3 words are in the vocabulary of ");
    put(words, sizeof words, "words.txt", "king\nking man woman\n");
    assert_error(RUN("map", vectors, "--words", words, "--out", out), 1,
                 "words.txt:2: more than two words");
    assert_error(RUN("map", vectors, "--words", "/absent", "--out", out), 1, "/absent: No such");
    assert_error(RUN("map", vectors, "--words", words), 2, "usage: gradus map");
    assert_error(RUN("map", vectors, "--words", words, "--out", out, "--method=tsne"), 2,
                 "--method is 'tsne', expected pca");
    assert_false(file_exists(out));
}

static void test_vectors_that_are_none(void **state) {
    (void)state;
    assert_error(RUN("nearest", folder, "e"), 1, ": not a run: it has no config.ini");
    assert_error(RUN("similarity", "/absent", "a", "b"), 1, "/absent: No such file");
    assert_error(RUN("analogy", written("bad", "2 3\nking 1 2 3\n"), "a", "b", "c"), 1, "bad");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nearest),
        cmocka_unit_test(test_a_word_as_typed_comes_before_lower_case),
        cmocka_unit_test(test_analogy),
        cmocka_unit_test(test_analogies_that_cannot_be_asked),
        cmocka_unit_test(test_similarity),
        cmocka_unit_test(test_odd_one_out),
        cmocka_unit_test(test_evaluation),
        cmocka_unit_test(test_evaluations_that_cannot_be_made),
        cmocka_unit_test(test_export),
        cmocka_unit_test(test_exports_that_cannot_be_made),
        cmocka_unit_test(test_import),
        cmocka_unit_test(test_the_default_folder_of_an_import),
        cmocka_unit_test(test_imports_that_cannot_be_made),
        cmocka_unit_test(test_map),
        cmocka_unit_test(test_maps_that_cannot_be_drawn),
        cmocka_unit_test(test_vectors_that_are_none),
    };
    return cmocka_run_group_tests(tests, set_up, tree_remove);
}
