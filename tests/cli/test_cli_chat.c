/* Training on conversations, talking to the model, and runs over subword tokens. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "program.h"

#include <math.h>

/* FOLDER/chat answers by heart; FOLDER/bpe is a run over text. */
static char chat[512], bpe[512], ini[512], *path_with_gnuplot;

static void put(const char *name, const char *text) {
    err e = {0};
    assert_true(file_write(folder_path(name), text, strlen(text), &e));
}

/* Each question four times; two conversations at the end for validation. */
static void write_conversations(void) {
    static const char *const said[][2] = {{"one", "uno"}, {"two", "due"}, {"three", "tre"}};
    FILE *f = fopen(folder_path("chat.jsonl"), "w");
    for (int i = 0; i < 14; i++)
        fprintf(f,
                "{\"messages\":[{\"role\":\"user\",\"content\":\"%s\"},"
                "{\"role\":\"assistant\",\"content\":\"%s\"}]}\n",
                said[i % 3][0], said[i % 3][1]);
    fclose(f);
}

static int set_up(void **state) {
    if (program_set_up(state) != 0) return -1;
    char dataset[600], out_dir[600];
    snprintf(chat, sizeof chat, "%s/chat", folder);
    snprintf(bpe, sizeof bpe, "%s/bpe", folder);
    snprintf(ini, sizeof ini, "%s/tiny.ini", folder);
    path_with_gnuplot = strdup(getenv("PATH"));
    setenv("PATH", "/nonexistent", 1);
    write_conversations();
    snprintf(dataset, sizeof dataset, "--dataset=%s/chat.jsonl", folder);
    snprintf(out_dir, sizeof out_dir, "--out_dir=%s", chat);
    outcome o = RUN("train", ini, dataset, out_dir, "--format=chat", "--tokenizer=byte",
                    "--max_iters=150", "--eval_interval=50", "--temperature=0", "--position=rope");
    if (o.code != 0) printf("%s%s", o.out, o.err);
    if (o.code != 0) return -1;
    snprintf(out_dir, sizeof out_dir, "--out_dir=%s", bpe);
    o = RUN("train", ini, out_dir, "--tokenizer=bpe", "--vocab_size=300", "--max_iters=2");
    return o.code;
}

static int tear_down(void **state) {
    setenv("PATH", path_with_gnuplot, 1);
    free(path_with_gnuplot);
    return tree_remove(state);
}

/* What the program shall read from standard input. */
static void feed(const char *text) {
    put("stdin", text);
    int fd = open(folder_path("stdin"), O_RDONLY);
    assert_int_equal(dup2(fd, STDIN_FILENO), STDIN_FILENO);
    close(fd);
}

static void test_it_answers(void **state) {
    (void)state;
    feed("one\ntwo\n\nthree\r\n");
    outcome o = RUN("chat", chat);
    assert_prints(o, "");
    assert_string_equal(o.out, "uno\ndue\ntre\n");
}

static void test_commands_of_a_conversation(void **state) {
    (void)state;
    feed("/reset\ntwo\n/reset\none\n/quit\nthree\n");
    outcome o = RUN("chat", chat);
    assert_string_equal(o.out, "due\nuno\n");
    feed("");
    assert_string_equal(RUN("chat", chat).out, "");
}

/* The model has 16 tokens of context: turns are forgotten, and no answer suffers. */
static void test_a_long_conversation(void **state) {
    (void)state;
    feed("one\ntwo\nthree\none\ntwo\nthree\none\ntwo\nthree\n");
    assert_string_equal(RUN("chat", chat).out, "uno\ndue\ntre\nuno\ndue\ntre\nuno\ndue\ntre\n");
    feed("a question of far more bytes than the context of this model can hold\none\n");
    outcome o = RUN("chat", chat, "--system", "nor does it know what a system message is");
    assert_int_equal(o.code, 0);
}

static void test_an_answer_is_that_of_its_seed(void **state) {
    (void)state;
    static char first[PROGRAM_TEXT_SIZE];
    for (int i = 0; i < 3; i++) {
        feed("what is this\none or two\n");
        outcome o = RUN("chat", chat, "--temperature=2", i < 2 ? "--seed=1" : "--seed=2",
                        "--max_new_tokens=20");
        assert_int_equal(o.code, 0);
        if (i == 0) strcpy(first, o.out);
        if (i == 1) assert_string_equal(o.out, first);
        if (i == 2) assert_string_not_equal(o.out, first);
    }
    feed("one\n");
    assert_string_equal(RUN("chat", chat, "--max_new_tokens=2", "--last").out, "un\n");
}

/* Drawn nearly at random, an answer ends where it would begin another's turn. */
static void test_an_answer_has_no_special_token(void **state) {
    (void)state;
    feed("one\ntwo\nthree\none\ntwo\nthree\none\ntwo\n");
    outcome o = RUN("chat", chat, "--temperature=100", "--top_k=0", "--max_new_tokens=1000");
    assert_prints(o, "\n");
    assert_null(strstr(o.out, "<|"));
}

static void test_runs_that_do_not_talk(void **state) {
    (void)state;
    feed("one\n");
    assert_error(RUN("chat", bpe), 1, "/bpe: was not trained on conversations (format = chat)");
    assert_error(RUN("chat", "/absent"), 1, "/absent: not a run");
    assert_error(RUN("chat"), 2, "usage: gradus chat RUN");
    assert_error(RUN("chat", chat, "--sytem=x"), 2, "(did you mean '--system'?)");
}

/* Loss, and bytes, of what the assistant says; its <|eos|> has no bytes. */
static void test_evaluation_counts_the_assistant(void **state) {
    (void)state;
    put("two.jsonl", "[{\"role\":\"user\",\"content\":\"one\"},"
                     "{\"role\":\"assistant\",\"content\":\"uno\"}]\n"
                     "[{\"role\":\"user\",\"content\":\"two\"},"
                     "{\"role\":\"assistant\",\"content\":\"due\"}]\n");
    outcome o = RUN("eval", chat, "--text", folder_path("two.jsonl"));
    double loss = 0, per_byte = 0;
    assert_prints(o, "\ntokens 8\n");
    assert_int_equal(sscanf(strstr(o.out, "\nloss"), "\nloss %lf", &loss), 1);
    assert_int_equal(sscanf(strstr(o.out, "\nbits"), "\nbits per byte %lf", &per_byte), 1);
    assert_true(loss < 0.5);
    assert_true(fabs(per_byte - loss * 8 / 6 / log(2)) < 2e-3);
    assert_prints(RUN("eval", chat), "/chat/ckpt_best.safetensors");
    put("two.jsonl", "[{\"role\":\"user\",\"content\":\"one\"}]\n");
    assert_error(RUN("eval", chat, "--text", folder_path("two.jsonl")), 1,
                 "two.jsonl: the assistant says nothing: no loss");
    put("two.jsonl", "one\n");
    assert_error(RUN("eval", chat, "--text", folder_path("two.jsonl")), 1, "two.jsonl:1: not JSON");
}

static void test_special_tokens_of_a_prompt(void **state) {
    (void)state;
    static const char prompt[] = "--prompt=<|bos|><|user|>two<|assistant|>";
    outcome o = RUN("sample", chat, prompt, "--allow_special");
    assert_string_equal(o.out, "<|bos|><|user|>two<|assistant|>due\n"); /* ends by <|eos|> */
    static char with[PROGRAM_TEXT_SIZE];
    strcpy(with, RUN("sample", chat, prompt, "--temperature=9", "--allow_special").out);
    assert_string_not_equal(RUN("sample", chat, prompt, "--temperature=9").out, with);
}

static void test_bits_per_byte_of_subwords(void **state) {
    (void)state;
    err e = {0};
    file_map text;
    assert_true(file_open_map(&text, folder_path("text.txt"), &e));
    outcome o = RUN("eval", bpe, "--text", folder_path("text.txt"));
    double n = 0, loss = 0, per_byte = 0;
    assert_int_equal(sscanf(strstr(o.out, "\ntokens"), "\ntokens %lf", &n), 1);
    assert_int_equal(sscanf(strstr(o.out, "\nloss"), "\nloss %lf", &loss), 1);
    assert_int_equal(sscanf(strstr(o.out, "\nbits"), "\nbits per byte %lf", &per_byte), 1);
    assert_true(n < (double)text.size);
    assert_true(fabs(per_byte / (loss * n / (double)text.size / log(2)) - 1) < 1e-3);
    file_close_map(&text);
}

static void test_words_among_subwords(void **state) {
    (void)state;
    static char typed[PROGRAM_TEXT_SIZE];
    strcpy(typed, RUN("nearest", bpe, " the", "-k", "3").out);
    outcome o = RUN("nearest", bpe, "the", "-k", "3");
    assert_int_equal(o.code, 0);
    if (o.err[0]) /* the text begins with it, so that it may be a token both ways */
        assert_non_null(strstr(o.err, "note: 'the' is a token, and ' the' is another"));
    else
        assert_string_equal(o.out, typed);
    assert_string_equal(RUN("nearest", bpe, "\u2581the", "-k", "3").out, typed);
    assert_error(RUN("nearest", bpe, "xyzzy"), 1, " tokens of ");
}

static void test_info_of_a_config_with_a_tokenizer(void **state) {
    (void)state;
    assert_prints(RUN("info", ini), "wte.weight ");
    put("bpe.ini", "[data]\ntokenizer = bpe\ndataset = absent.txt\n");
    assert_error(RUN("info", folder_path("bpe.ini")), 2, "the vocabulary depends on the text");
    put("bpe.ini", "[data]\ntokenizer = bpe\nvocab_size = 290\ndataset = absent.txt\n");
    assert_prints(RUN("info", folder_path("bpe.ini")), "(290, 384)");
    put("byte.ini", "[data]\ntokenizer = byte\n[model]\nn_embd = 16\nn_head = 2\n");
    assert_prints(RUN("info", folder_path("byte.ini")), "(256, 16)");
    put("none.ini", "[data]\ntokenizer = bypte\n");
    assert_error(RUN("info", folder_path("none.ini")), 1, "(did you mean 'byte'?)");
    char from_run[700];
    snprintf(from_run, sizeof from_run, "[data]\ntokenizer = %s/tokenizer.json\n", bpe);
    put("file.ini", from_run);
    assert_prints(RUN("info", folder_path("file.ini")), "(300, 384)");
}

static void test_preparing_in_plain_lines(void **state) {
    (void)state;
    char out_dir[600];
    snprintf(out_dir, sizeof out_dir, "--out_dir=%s/again", folder);
    outcome o = RUN("train", ini, out_dir, "--tokenizer=bpe", "--vocab_size=310", "--max_iters=1");
    assert_trained(o, "tokenizer: counting: 100 %");
    assert_trained(o, "tokenizer: kept as ");
    assert_null(strchr(o.out, '\r'));
    o = RUN("train", ini, out_dir, "--tokenizer=bpe", "--vocab_size=310", "--max_iters=1",
            "--overwrite");
    assert_trained(o, "tokenizer: learned before, ");
    assert_null(strstr(o.out, "counting"));
    assert_error(RUN("train", ini, out_dir, "--tokenizer=unigrm", "--overwrite"), 1,
                 "tokenizer is 'unigrm', expected one of byte|");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_it_answers),
        cmocka_unit_test(test_commands_of_a_conversation),
        cmocka_unit_test(test_a_long_conversation),
        cmocka_unit_test(test_an_answer_is_that_of_its_seed),
        cmocka_unit_test(test_an_answer_has_no_special_token),
        cmocka_unit_test(test_runs_that_do_not_talk),
        cmocka_unit_test(test_evaluation_counts_the_assistant),
        cmocka_unit_test(test_special_tokens_of_a_prompt),
        cmocka_unit_test(test_bits_per_byte_of_subwords),
        cmocka_unit_test(test_words_among_subwords),
        cmocka_unit_test(test_info_of_a_config_with_a_tokenizer),
        cmocka_unit_test(test_preparing_in_plain_lines),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
