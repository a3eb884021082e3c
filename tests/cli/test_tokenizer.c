/* gradus tokenizer: training, encoding and decoding, and its one line for every mistake. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/rng.h"
#include "program.h"
#include "train/tokens.h"

static char text_path[512], bpe_path[512], unigram_path[512], char_path[512];

/* Path of a file in the folder; several stay good at once. */
static const char *in_folder(const char *name) {
    static char paths[8][512];
    static int next;
    char *path = paths[next++ % 8];
    snprintf(path, sizeof paths[0], "%s/%s", folder, name);
    return path;
}

static void put_bytes(const char *name, const void *bytes, size_t n) {
    err e = {0};
    assert_true(file_write(in_folder(name), bytes, n, &e));
}

static void put(const char *name, const char *text) {
    put_bytes(name, text, strlen(text));
}

static bool is_there(const char *name) {
    return file_exists(in_folder(name));
}

/* Whether both files of the folder hold the same bytes. */
static void assert_same_files(const char *a, const char *b) {
    err e = {0};
    file_map x, y;
    assert_true(file_open_map(&x, in_folder(a), &e));
    assert_true(file_open_map(&y, in_folder(b), &e));
    assert_int_equal(x.size, y.size);
    assert_memory_equal(x.data, y.data, x.size);
    file_close_map(&x);
    file_close_map(&y);
}

/* A command of the shell in the folder, where $G is `gradus tokenizer`, ended with `code`. */
static void assert_shell(int code, const char *line) {
    char command[4096];
    const char *path = getenv("GRADUS");
    snprintf(command, sizeof command,
             "G=\"$(realpath '%s') tokenizer\"; cd %s; { %s; } >stdout 2>stderr",
             path ? path : "build/gradus", folder, line);
    int status = system(command);
    if (!WIFEXITED(status) || WEXITSTATUS(status) != code) {
        static char text[PROGRAM_TEXT_SIZE];
        fail_msg("%s\n  status %d, said: %s", line, status, program_read("stderr", text));
    }
}

static void assert_shell_prints(const char *line, const char *printed) {
    static char text[PROGRAM_TEXT_SIZE];
    assert_shell(0, line);
    assert_string_equal(program_read("stdout", text), printed);
}

#define TRAIN(type, out, ...)                                                                      \
    RUN("tokenizer", "train", "--type", type, "--out", out, __VA_ARGS__, "--files", text_path)

static int set_up(void **state) {
    if (program_set_up(state) != 0) return -1;
    snprintf(text_path, sizeof text_path, "%s", in_folder("text.txt"));
    snprintf(bpe_path, sizeof bpe_path, "%s", in_folder("bpe.json"));
    snprintf(unigram_path, sizeof unigram_path, "%s", in_folder("unigram.json"));
    snprintf(char_path, sizeof char_path, "%s", in_folder("char.json"));
    return TRAIN("bpe", bpe_path, "--vocab_size=400", "--special=<|bos|>,<|user|>").code |
           TRAIN("unigram", unigram_path, "--vocab_size=200").code |
           TRAIN("char", char_path, "--threads=1").code;
}

static void test_every_type_trains(void **state) {
    (void)state;
    static const char *const types[] = {"byte", "char", "word", "bpe", "wordpiece", "unigram"};
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        const char *size = strcmp(types[i], "byte") == 0 ? "256" : "300",
                   *out = in_folder("t.json");
        outcome o = TRAIN(types[i], out, "--vocab_size", size, "--threads=1");
        assert_prints(o, "training ");
        assert_prints(o, " bytes per token on the first ");
        assert_prints(o, ", peak memory ");
        assert_prints(o, out);
        assert_null(strchr(o.out, '\r'));
        assert_null(strchr(o.out, '\x1b'));
        assert_false(is_there("t.json.tmp"));
        assert_prints(RUN("tokenizer", "info", out), types[i]);
    }
}

static void test_each_stage_is_told_to_its_end(void **state) {
    (void)state;
    outcome o = TRAIN("bpe", in_folder("t.json"), "--vocab_size=300");
    assert_prints(o, "\ncounting: 100 %, ");
    assert_prints(o, "\nmerging: 100 %, ");
}

static void test_training_is_the_same_at_any_number_of_threads(void **state) {
    (void)state;
    static const char *const types[] = {"char", "word", "bpe", "wordpiece", "unigram"};
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        assert_int_equal(
            TRAIN(types[i], in_folder("1.json"), "--vocab_size=300", "--threads=1").code, 0);
        assert_int_equal(
            TRAIN(types[i], in_folder("2.json"), "--vocab_size=300", "--threads=2", "--memory=1M")
                .code,
            0);
        assert_same_files("1.json", "2.json");
    }
}

static void test_files_in_any_form(void **state) {
    (void)state;
    put("a.txt", "the king and the queen and the king\n");
    put("b.txt", "the queen of the king of the queen\n");
    assert_shell(0, "cat a.txt b.txt >ab.txt; $G train --type word --out ab.json ab.txt");
    static const char *const forms[] = {
        "$G train --type word --files a.txt b.txt --out t.json",
        "$G train a.txt b.txt --type=word --out=t.json",
        "$G train --files=a.txt --files=b.txt --type word --out t.json",
        "cat a.txt b.txt | $G train --type word --files - --out t.json",
        "$G train --type word --out t.json -- [ab].txt",
    };
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        assert_shell(0, forms[i]);
        assert_same_files("ab.json", "t.json");
    }
}

static void test_training_that_cannot_begin(void **state) {
    (void)state;
    put("old.json", "old");
    put("empty.txt", "");
    const char *old = in_folder("old.json");
    assert_error(RUN("tokenizer", "train"), 2, "no --type; usage: gradus tokenizer train");
    assert_error(TRAIN("bqe", old, "--threads=1"), 2,
                 "--type is 'bqe', expected one of byte|char|word|bpe|wordpiece|unigram");
    assert_error(TRAIN("bpe", old, "--normalize=nfx"), 2, "--normalize is 'nfx', expected one of");
    assert_error(TRAIN("bpe", old, "--memory=2X"), 2, "--memory is '2X', expected a size such as");
    assert_error(TRAIN("bpe", old, "--memory=1K"), 2, "--memory is '1K'");
    assert_error(TRAIN("bpe", old, "--vocab_sise=9"), 2, "(did you mean '--vocab_size'?)");
    assert_error(TRAIN("bpe", old, "--byte_fallback"), 2, "--byte_fallback is for --type unigram");
    assert_error(TRAIN("bpe", old, "--files", in_folder("absent.txt")), 1,
                 "absent.txt: No such file");
    assert_error(TRAIN("bpe", old, "--files", in_folder("empty.txt")), 1, "empty.txt: empty");
    assert_error(TRAIN("bpe", old, "--vocab_size=20"), 1, "");
    assert_error(TRAIN("bpe", in_folder("absent/t.json"), "--threads=1"), 1,
                 "absent/t.json: No such");
    assert_error(TRAIN("bpe", folder, "--threads=1"), 1, ": is there and is not a file");
    assert_error(RUN("tokenizer", "train", "--type", "bpe", "--out", old), 2, "no --files; usage");
    assert_error(RUN("tokenizer", "train", "--type", "bpe", text_path), 2, "no --out; usage");
    assert_shell_prints("cat old.json", "old");
    assert_false(is_there("old.json.tmp"));
}

/* Words that hardly ever repeat take the trainer longer than a signal takes. */
static void test_interrupted_training_leaves_nothing(void **state) {
    (void)state;
    enum { SIZE = 12000000 };
    char *words = malloc(SIZE);
    rng_stream random = {.key = rng_from_seed(1)};
    for (int i = 0; i < SIZE; i++)
        words[i] = i % 9 ? (char)('a' + rng_next_below(&random, 26)) : ' ';
    put_bytes("words.txt", words, SIZE);
    free(words);
    put("old.json", "old");
    pid_t pid = START("tokenizer", "train", "--type=bpe", "--vocab_size=30000", "--out",
                      in_folder("old.json"), in_folder("words.txt"));
    program_wait_for("training ");
    kill(pid, SIGINT);
    outcome o = program_wait(pid);
    assert_int_equal(o.code, 130);
    assert_non_null(strstr(o.err, "gradus: stopped while "));
    assert_shell_prints("cat old.json; ls old.json*", "oldold.json\n");
}

static void test_bytes_survive_encode_and_decode(void **state) {
    (void)state;
    enum { SIZE = 20000 };
    unsigned char bytes[SIZE];
    rng_stream random = {.key = rng_from_seed(2)};
    for (int i = 0; i < SIZE; i++) bytes[i] = (unsigned char)rng_next_below(&random, 256);
    put_bytes("bytes.bin", bytes, SIZE);
    assert_shell(0,
                 "$G encode --tokenizer bpe.json bytes.bin | $G decode --tokenizer bpe.json >back");
    assert_same_files("bytes.bin", "back");
    assert_shell(0, "$G encode --tokenizer bpe.json <bytes.bin | tr ' ' , | "
                    "$G decode --tokenizer bpe.json - >back");
    assert_same_files("bytes.bin", "back");
    assert_shell(0, "$G encode --tokenizer bpe.json --lines text.txt | "
                    "$G decode --tokenizer bpe.json --lines >back");
    assert_same_files("text.txt", "back");
    assert_shell_prints("printf '' | $G encode --tokenizer bpe.json", "\n");
    assert_shell_prints("echo | $G decode --tokenizer bpe.json", "");
}

static void test_encoding_is_the_same_at_any_number_of_threads(void **state) {
    (void)state;
    assert_shell(0, "cat text.txt text.txt text.txt text.txt text.txt text.txt text.txt text.txt "
                    ">long.txt; for i in 1 2 3; do cat long.txt long.txt >l; mv l long.txt; done");
    static const char *const flags[] = {"bpe.json",
                                        "bpe.json --lines",
                                        "unigram.json --lines",
                                        "bpe.json --dropout 0.3",
                                        "bpe.json --dropout .3 --lines",
                                        "unigram.json --alpha 0.5"};
    for (size_t i = 0; i < sizeof flags / sizeof *flags; i++) {
        char line[256];
        for (int threads = 1; threads <= 3; threads += 2) {
            snprintf(line, sizeof line, "$G encode --threads %d --tokenizer %s long.txt >ids%d",
                     threads, flags[i], threads);
            assert_shell(0, line);
        }
        assert_same_files("ids1", "ids3");
    }
}

static void test_what_encode_prints(void **state) {
    (void)state;
    put("char.txt", "the king\nsaw the man\n");
    put("more.txt", "a man");
    assert_shell_prints("$G encode --tokenizer char.json --pieces char.txt more.txt",
                        "t h e \u2581 k i n g \\n s a w \u2581 t h e \u2581 m a n \\n\n"
                        "a \u2581 m a n\n");
    assert_shell_prints("$G encode --tokenizer char.json --pieces --lines char.txt more.txt",
                        "t h e \u2581 k i n g\ns a w \u2581 t h e \u2581 m a n\na \u2581 m a n\n");
    assert_shell_prints("printf ' the' | $G encode --tokenizer bpe.json --pieces", "\u2581the\n");
    assert_shell(0, "$G encode --tokenizer char.json char.txt >ids; cat char.txt | "
                    "$G encode --tokenizer char.json - >ids2");
    assert_same_files("ids", "ids2");
}

static void test_sampling(void **state) {
    (void)state;
    assert_shell(0, "for i in 1 1 2; do $G encode --tokenizer bpe.json --dropout 0.5 --seed $i "
                    "text.txt | md5sum; done | uniq -c | awk '{print $1}' >runs");
    assert_shell_prints("cat runs", "2\n1\n");
    assert_shell(0, "$G encode --tokenizer unigram.json --alpha 0.2 text.txt | "
                    "$G decode --tokenizer unigram.json >sampled; "
                    "$G encode --tokenizer unigram.json text.txt | "
                    "$G decode --tokenizer unigram.json >best");
    assert_same_files("sampled", "best");
    assert_error(RUN("tokenizer", "encode", "--tokenizer", bpe_path, "--alpha=0.1", text_path), 2,
                 "--alpha is for tokenizers of type unigram");
    assert_error(RUN("tokenizer", "encode", "--tokenizer", unigram_path, "--dropout=1", text_path),
                 2, "--dropout is for tokenizers of type bpe");
    assert_error(RUN("tokenizer", "encode", "--tokenizer", bpe_path, "--dropout=1.1"), 2,
                 "--dropout is '1.1', expected a number from 0 to 1");
}

static void test_text_forges_no_special_token(void **state) {
    (void)state;
    put("forged.txt", "<|user|>hi");
    assert_shell(0, "$G encode --tokenizer bpe.json forged.txt >plain; "
                    "$G encode --tokenizer bpe.json --allow_special forged.txt >special");
    assert_shell_prints("$G decode --tokenizer bpe.json plain special", "<|user|>hi<|user|>hi");
    assert_shell_prints("$G decode --tokenizer bpe.json --skip_special plain", "<|user|>hi");
    assert_shell_prints("$G decode --tokenizer bpe.json --skip_special special", "hi");
    assert_shell_prints("grep -c '^399 ' plain special", "plain:0\nspecial:1\n");
}

static void test_token_files(void **state) {
    (void)state;
    const char *out = in_folder("ids.bin");
    assert_prints(
        RUN("tokenizer", "encode", "--tokenizer", char_path, "--out", out, text_path, text_path),
        "ids.bin: ");
    train_tokens tokens;
    err e = {0};
    file_map text;
    assert_true(train_tokens_open(&tokens, out, 1000, &e));
    assert_true(file_open_map(&text, text_path, &e));
    assert_int_equal(tokens.n, 2 * text.size);
    file_close_map(&text);
    train_tokens_close(&tokens);
    assert_error(RUN("tokenizer", "encode", "--tokenizer", char_path, "--out", out, "--pieces"), 2,
                 "--out writes ids; it excludes --pieces");
    assert_error(RUN("tokenizer", "encode", "--tokenizer", char_path, "--out", in_folder("no.bin"),
                     in_folder("absent.txt")),
                 1, "absent.txt: No such file");
    assert_false(is_there("no.bin"));
    assert_false(is_there("no.bin.tmp"));
}

static void test_ids_that_are_none(void **state) {
    (void)state;
    static const char *const inputs[] = {"1 2\\n3,4\\n5 99999 6", "1\\n2a", "-1",
                                         "1 2\\n\\n\\n18446744073709551617", "1.5"};
    static const char *const lines[] = {
        "stdin:3: id 99999 is outside the vocabulary of 400", "stdin:2: '2a' is not a token id",
        "stdin:1: '-1' is not a token id", "stdin:4: id 18446744073709551617 is outside",
        "stdin:1: '1.5' is not a token id"};
    for (size_t i = 0; i < sizeof inputs / sizeof *inputs; i++) {
        char line[256];
        snprintf(
            line, sizeof line,
            "printf -- '%s' | $G decode --tokenizer bpe.json >out; c=$?; test ! -s out && exit $c",
            inputs[i]);
        assert_shell(1, line);
        static char said[PROGRAM_TEXT_SIZE];
        if (!strstr(program_read("stderr", said), lines[i]))
            fail_msg("said: %s\n  expected: %s", said, lines[i]);
    }
    put("ids.txt", "400");
    assert_error(RUN("tokenizer", "decode", "--tokenizer", bpe_path, in_folder("ids.txt")), 1,
                 "ids.txt:1: id 400 is outside the vocabulary of 400");
}

static void test_counting(void **state) {
    (void)state;
    put("four.txt", "king");
    put("six.txt", "king\xe2\x82\xac");
    assert_shell_prints("$G count --tokenizer char.json four.txt",
                        "four.txt: 4 tokens, 4 bytes, 1.000 bytes per token\n");
    assert_shell_prints("$G count --tokenizer char.json four.txt six.txt",
                        "four.txt: 4 tokens, 4 bytes, 1.000 bytes per token\n"
                        "six.txt: 5 tokens, 7 bytes, 1.400 bytes per token, 1 unknown (20 %)\n"
                        "total: 9 tokens, 11 bytes, 1.222 bytes per token, 1 unknown (11.1 %)\n");
    assert_shell_prints("printf '' | $G count --tokenizer char.json", "stdin: 0 tokens, 0 bytes\n");
}

static void test_explain_info_convert(void **state) {
    (void)state;
    assert_prints(RUN("tokenizer", "explain", "--tokenizer", bpe_path, "the king"), "king");
    assert_prints(RUN("tokenizer", "explain", "--tokenizer", unigram_path, "--", "- the king"),
                  "king");
    assert_prints(RUN("tokenizer", "info", bpe_path), "<|user|>");
    assert_prints(RUN("tokenizer", "convert", bpe_path, in_folder("copy.json")),
                  "copy.json: 400 tokens\n");
    assert_same_files("bpe.json", "copy.json");
    assert_error(RUN("tokenizer", "explain", "text"), 2,
                 "no --tokenizer; usage: gradus tokenizer explain --tokenizer FILE|DIR TEXT");
    assert_error(RUN("tokenizer", "info"), 2, "usage: gradus tokenizer info FILE|DIR");
    assert_error(RUN("tokenizer", "info", in_folder("absent.json")), 1,
                 "absent.json: No such file");
    assert_error(RUN("tokenizer", "convert", bpe_path), 2, "usage: gradus tokenizer convert");
}

static void test_subcommands(void **state) {
    (void)state;
    assert_error(RUN("tokenizer"), 2, "usage: gradus tokenizer train|encode|decode|count|explain");
    assert_error(RUN("tokenizer", "trian"), 2,
                 "unknown subcommand 'trian' (did you mean 'train'?)");
    assert_error(RUN("tokenizer", "xyzzy"), 2,
                 "unknown subcommand 'xyzzy'; usage: gradus tokenizer");
    static const char *const names[] = {"train",   "encode", "decode", "count",
                                        "explain", "info",   "convert"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char usage[64];
        snprintf(usage, sizeof usage, "\nusage: gradus tokenizer %s ", names[i]);
        assert_prints(RUN("help", "tokenizer"), usage);
    }
    static const char *const encoding[] = {"encode", "decode", "count"};
    for (size_t i = 0; i < sizeof encoding / sizeof *encoding; i++) {
        assert_error(RUN("tokenizer", encoding[i], text_path), 2, "no --tokenizer; usage: gradus");
        assert_error(RUN("tokenizer", encoding[i], "--tokenizer", bpe_path, in_folder("absent")), 1,
                     "absent: No such file");
    }
}

static void test_benchmark(void **state) {
    (void)state;
    assert_prints(RUN("bench", "tokenizer", "train", "--files", text_path, "--vocab_size=300"),
                  "gradus " GRADUS_VERSION " train mb 0.0 seconds ");
    assert_prints(
        RUN("bench", "tokenizer", "encode", "--files", text_path, "--tokenizer", bpe_path),
        "gradus " GRADUS_VERSION " encode mb 0.0 seconds ");
    assert_error(RUN("bench", "tokenizer", "encode", "--files", text_path), 2,
                 "no --tokenizer; usage");
    assert_error(RUN("bench", "tokenizer", "trian", "--files", text_path), 2,
                 "unknown task 'trian'");
    assert_error(RUN("bench", "tokenizer", "train"), 2, "usage: gradus bench tokenizer");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_type_trains),
        cmocka_unit_test(test_each_stage_is_told_to_its_end),
        cmocka_unit_test(test_training_is_the_same_at_any_number_of_threads),
        cmocka_unit_test(test_files_in_any_form),
        cmocka_unit_test(test_training_that_cannot_begin),
        cmocka_unit_test(test_interrupted_training_leaves_nothing),
        cmocka_unit_test(test_bytes_survive_encode_and_decode),
        cmocka_unit_test(test_encoding_is_the_same_at_any_number_of_threads),
        cmocka_unit_test(test_what_encode_prints),
        cmocka_unit_test(test_sampling),
        cmocka_unit_test(test_text_forges_no_special_token),
        cmocka_unit_test(test_token_files),
        cmocka_unit_test(test_ids_that_are_none),
        cmocka_unit_test(test_counting),
        cmocka_unit_test(test_explain_info_convert),
        cmocka_unit_test(test_subcommands),
        cmocka_unit_test(test_benchmark),
    };
    return cmocka_run_group_tests(tests, set_up, tree_remove);
}
