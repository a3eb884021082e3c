/* The commands that read a run, on one that was trained for a moment. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/real.h"
#include "base/str.h"
#include "program.h"

#include <math.h>

/* FOLDER/run, and one whose tokens are words. */
static char characters[512], words[512], *path_with_gnuplot;

static int set_up(void **state) {
    if (program_set_up(state) != 0) return -1;
    snprintf(characters, sizeof characters, "%s/run", folder);
    snprintf(words, sizeof words, "%s/words", folder);
    char config[512], out_dir[600];
    snprintf(config, sizeof config, "%s", folder_path("tiny.ini"));
    snprintf(out_dir, sizeof out_dir, "--out_dir=%s", words);
    path_with_gnuplot = strdup(getenv("PATH"));
    setenv("PATH", "/nonexistent", 1); /* the curve is drawn by one test only */
    if (RUN("train", config).code != 0) return -1;
    return RUN("train", config, out_dir, "--tokenizer=word", "--max_iters=2").code;
}

static int tear_down(void **state) {
    setenv("PATH", path_with_gnuplot, 1);
    free(path_with_gnuplot);
    return tree_remove(state);
}

/* The number behind the line's name in what was printed. */
static double number_after(outcome o, const char *name) {
    const char *at = strstr(o.out, name);
    double value;
    if (!at || sscanf(at + strlen(name), " %lf", &value) != 1)
        fail_msg("no '%s' in: %s%s", name, o.out, o.err);
    return value;
}

static void test_a_sample_is_that_of_its_seed(void **state) {
    (void)state;
    static char text[PROGRAM_TEXT_SIZE];
    strcpy(text, RUN("sample", characters).out);
    assert_int_equal(strlen(text), 61); /* with a line break at its end */
    assert_string_equal(RUN("sample", characters, "--threads=2").out, text);
    assert_string_equal(RUN("sample", characters, "--no_cache").out, text);
    assert_string_equal(RUN("sample", characters, "--seed=1337", "--temperature=0.8").out, text);
    assert_string_equal(RUN("sample", characters, "--top_k=200", "--prompt=").out, text);
    assert_string_not_equal(RUN("sample", characters, "--seed=2").out, text);
    assert_string_not_equal(RUN("sample", characters, "--temperature=0").out, text);
}

/* Samples are drawn together, eight in one go, and printed as if one after another. */
static void test_many_samples(void **state) {
    (void)state;
    static char all[PROGRAM_TEXT_SIZE], more[PROGRAM_TEXT_SIZE];
    strcpy(all, RUN("sample", characters, "--num_samples=8").out);
    strcpy(more, RUN("sample", characters, "--num_samples=10").out);
    assert_int_equal(strncmp(more, all, strlen(all)), 0);
    assert_int_equal(strncmp(more + strlen(all), "---------------\n", 16), 0);
    strcpy(all, RUN("sample", characters).out);
    assert_int_equal(strncmp(more, all, strlen(all)), 0);
    assert_string_equal(RUN("sample", characters, "--num_samples=10", "--threads=2").out, more);
    assert_string_equal(RUN("sample", characters, "--num_samples=10", "--no_cache").out, more);
}

static void test_precision_of_a_sample(void **state) {
    (void)state;
    assert_error(RUN("sample", characters, "--precision=fp16"), 2,
                 "--precision is 'fp16', expected one of fp32|bf16");
    outcome o = RUN("sample", characters, "--precision=bf16");
    if (sizeof(real) == sizeof(float)) {
        assert_int_equal(o.code, 0);
        assert_int_equal(strlen(o.out), 61);
    } else {
        assert_error(o, 2, "--precision bf16: this is a build in double");
    }
}

/* A text without line breaks: what nobody gave is no unknown token. */
static void test_a_sample_begins_with_what_is_known(void **state) {
    (void)state;
    err e = {0};
    str text = {0};
    char config[512], dataset[600], out_dir[600];
    snprintf(config, sizeof config, "%s", folder_path("tiny.ini"));
    snprintf(dataset, sizeof dataset, "--dataset=%s", folder_path("line.txt"));
    snprintf(out_dir, sizeof out_dir, "--out_dir=%s", folder_path("line"));
    for (int i = 0; i < 100; i++) str_printf(&text, "a line of words. ");
    assert_true(file_write(folder_path("line.txt"), text.data, text.len, &e));
    assert_int_equal(RUN("train", config, dataset, out_dir, "--max_iters=0").code, 0);
    assert_prints(RUN("sample", folder_path("line")), "\n");
    str_free(&text);
}

static void test_a_sample_goes_on_from_its_prompt(void **state) {
    (void)state;
    err e = {0};
    char from_file[600];
    snprintf(from_file, sizeof from_file, "FILE:%s", folder_path("prompt.txt"));
    assert_true(file_write(folder_path("prompt.txt"), "the king", 8, &e));
    assert_int_equal(strncmp(RUN("sample", characters, "--prompt", "the king").out, "the king", 8),
                     0);
    assert_int_equal(strncmp(RUN("sample", characters, "--prompt", from_file).out, "the king", 8),
                     0);
    assert_prints(RUN("sample", words, "--prompt=the people", "--max_new_tokens=3"), "the people ");
}

/* Nobody knows how many bytes an unknown token stands for. */
static void test_unknown_tokens_count_no_bytes(void **state) {
    (void)state;
    err e = {0};
    assert_true(file_write(folder_path("unknown.txt"), "the \xE2\x82\xAC king", 12, &e));
    outcome o = RUN("eval", characters, "--text", folder_path("unknown.txt"));
    assert_prints(o, "\ntokens 9\nunknown 1 of them, 11.1 %\n");
    double bits = number_after(o, "\nloss") * 9 / log(2);
    assert_true(fabs(number_after(o, "bits per byte") - bits / 8) < 1e-3);
    assert_null(strstr(RUN("eval", characters).out, "unknown"));
}

static void test_several_samples(void **state) {
    (void)state;
    outcome o = RUN("sample", characters, "--num_samples=3", "--max_new_tokens=5");
    const char *first = strstr(o.out, "\n---------------\n");
    assert_non_null(first);
    const char *second = strstr(first + 1, "\n---------------\n");
    assert_non_null(second);
    assert_null(strstr(second + 1, "\n---------------\n"));
}

static void test_prompts_that_cannot_be_used(void **state) {
    (void)state;
    assert_error(RUN("sample", characters, "--prompt", "FILE:/absent"), 1, "/absent: No such file");
    assert_error(RUN("sample", words, "--prompt", " "), 1, "the prompt ' ' has no token");
    outcome o = RUN("sample", words, "--prompt=the xyzzy", "--max_new_tokens=1");
    assert_int_equal(o.code, 0);
    assert_non_null(strstr(o.err, "warning: 1 of the 2 tokens of the prompt are not in"));
    assert_string_equal(RUN("sample", words, "--prompt=the", "--max_new_tokens=1").err, "");
}

static void assert_evaluates(outcome o) {
    double loss = number_after(o, "\nloss"), per_byte = number_after(o, "\nbits per byte");
    assert_int_equal(o.code, 0);
    assert_true(loss > 0 && loss < 4);
    assert_true(fabs(number_after(o, "\nperplexity") / exp(loss) - 1) < 1e-3);
    assert_true(fabs(per_byte - loss / log(2)) < 1e-3); /* each character is one byte */
    assert_true(number_after(o, "\nstandard error") > 0);
    assert_non_null(strstr(o.out, " nats\n"));
}

static void test_evaluation(void **state) {
    (void)state;
    outcome o = RUN("eval", characters);
    assert_evaluates(o);
    assert_prints(o, "/run/ckpt_best.safetensors, step ");
    assert_prints(RUN("eval", characters, "--last"), "/run/ckpt.safetensors, step 20\n");
    assert_evaluates(RUN("eval", characters, "--text", folder_path("text.txt")));
}

static void test_texts_too_short_to_evaluate(void **state) {
    (void)state;
    err e = {0};
    assert_true(file_write(folder_path("x.txt"), "x", 1, &e));
    assert_error(RUN("eval", characters, "--text", folder_path("x.txt")), 1,
                 "x.txt: 1 tokens, at least 2 are needed");
    assert_error(RUN("eval", characters, "--text", "/absent"), 1, "/absent: No such file");
}

static void test_nearest(void **state) {
    (void)state;
    outcome o = RUN("nearest", characters, "e", "-k", "3");
    int lines = 0;
    double above = 1;
    for (const char *line = o.out; *line; line = strchr(line, '\n') + 1, lines++) {
        double cosine;
        assert_int_equal(sscanf(line, " %lf  ", &cosine), 1);
        assert_true(cosine <= above && cosine >= -1);
        above = cosine;
    }
    assert_int_equal(lines, 3);
    assert_prints(RUN("nearest", words, "People", "-k", "5"), "  ");
    assert_error(RUN("nearest", characters, "king"), 1, "'king' is 4 tokens of");
    assert_error(RUN("nearest", characters, "~"), 1, "'~' is not in the vocabulary of");
    assert_error(RUN("nearest", words, "xyzzy"), 1, "'xyzzy' is not in the vocabulary of");
}

static void test_a_token_is_found_by_its_text_and_as_it_is_printed(void **state) {
    (void)state;
    static char typed[PROGRAM_TEXT_SIZE];
    strcpy(typed, RUN("nearest", characters, "\n").out);
    assert_string_equal(RUN("nearest", characters, "\\n").out, typed);
    assert_prints(RUN("nearest", characters, "\\n"), "  ");
    assert_prints(RUN("similarity", characters, "\n", "e"), "cosine of \\n and e: ");
}

/* The embedding matrix of a GPT is vectors like any other. */
static void test_the_vectors_of_a_run_in_a_file(void **state) {
    (void)state;
    static char of_run[PROGRAM_TEXT_SIZE];
    char out[512];
    snprintf(out, sizeof out, "%s", folder_path("words.bin"));
    assert_prints(RUN("export", words, "--format=word2vec-bin", "--out", out), "16 dimensions");
    strcpy(of_run, RUN("analogy", words, "paris", "People", "love").out);
    assert_prints(RUN("analogy", words, "paris", "People", "love"),
                  "people is to paris as love is to");
    assert_string_equal(RUN("analogy", out, "paris", "People", "love").out, of_run);
    assert_error(RUN("nearest", words, "paris", "--limit=2"), 1,
                 "'paris' is not in the vocabulary");
}

static void test_info_of_a_run(void **state) {
    (void)state;
    outcome o = RUN("info", characters);
    assert_prints(o, "h.1.mlp.c_proj.weight        (64, 16)                     1024 ");
    assert_prints(o, "/run/ckpt.safetensors: step 20, best validation loss ");
}

static void test_plot(void **state) {
    (void)state;
    assert_error(RUN("plot", characters), 1, "/run/loss.png: gnuplot is not on the PATH");
    setenv("PATH", path_with_gnuplot, 1);
    bool is_there = system("command -v gnuplot >/dev/null") == 0;
    outcome o = {0};
    if (is_there) o = RUN("plot", characters);
    setenv("PATH", "/nonexistent", 1);
    if (!is_there) {
        puts("skipped: gnuplot is not installed");
        skip();
    }
    assert_prints(o, "/run/loss.png\n");
    assert_prints(o, "/run/embedding.png\n");
    assert_true(file_exists(folder_path("run/loss.png")));
}

/* Renames a file of the run by its suffix: aside, and back. */
static void move(const char *name, const char *from_suffix, const char *to_suffix) {
    char from[1024], to[1024];
    snprintf(from, sizeof from, "%s/%s%s", characters, name, from_suffix);
    snprintf(to, sizeof to, "%s/%s%s", characters, name, to_suffix);
    assert_int_equal(rename(from, to), 0);
}

/* Spoils one file of the run after another: each is named in one line, and nothing crashes. */
static void test_damaged_runs(void **state) {
    (void)state;
    static const char *const names[] = {"run/config.ini", "run/tokenizer.json",
                                        "run/ckpt_best.safetensors", "run/val.bin"};
    for (int i = 0; i < 4; i++) {
        err e = {0};
        const char *name = strchr(names[i], '/') + 1;
        move(name, "", ".aside");
        assert_true(file_write(folder_path(names[i]), "\1nothing of use", 15, &e));
        assert_error(RUN("eval", characters), 1, names[i]);
        if (i < 3) assert_error(RUN("sample", characters), 1, names[i]);
        move(name, ".aside", "");
    }
    assert_evaluates(RUN("eval", characters));
}

static void test_the_tokenizer_of_another_run(void **state) {
    (void)state;
    char other[600];
    snprintf(other, sizeof other, "%s/tokenizer.json", words);
    move("tokenizer.json", "", ".aside");
    assert_int_equal(link(other, folder_path("run/tokenizer.json")), 0);
    assert_error(RUN("sample", characters), 1, "tensor 'wte.weight' has shape ");
    move("tokenizer.json", ".aside", "");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_sample_is_that_of_its_seed),
        cmocka_unit_test(test_many_samples),
        cmocka_unit_test(test_precision_of_a_sample),
        cmocka_unit_test(test_a_sample_goes_on_from_its_prompt),
        cmocka_unit_test(test_a_sample_begins_with_what_is_known),
        cmocka_unit_test(test_unknown_tokens_count_no_bytes),
        cmocka_unit_test(test_several_samples),
        cmocka_unit_test(test_prompts_that_cannot_be_used),
        cmocka_unit_test(test_evaluation),
        cmocka_unit_test(test_texts_too_short_to_evaluate),
        cmocka_unit_test(test_nearest),
        cmocka_unit_test(test_a_token_is_found_by_its_text_and_as_it_is_printed),
        cmocka_unit_test(test_the_vectors_of_a_run_in_a_file),
        cmocka_unit_test(test_info_of_a_run),
        cmocka_unit_test(test_plot),
        cmocka_unit_test(test_damaged_runs),
        cmocka_unit_test(test_the_tokenizer_of_another_run),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
