#include "train/config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define COUNT(a) (sizeof(a) / sizeof *(a))

/* A text and the whole message it must lead to. */
typedef struct refusal {
    const char *text, *message;
} refusal;

static bool parse(config *c, const char *text, err *e) {
    return cfg_parse(c, text, strlen(text), "x.ini", e);
}

static char *written(const config *c) {
    str out = {0};
    cfg_write(c, &out);
    return out.data;
}

/* The message of a refused text; the configuration must stay as it was. */
static void assert_refused(const char *text, size_t n, const char *message) {
    config c;
    err e = {0};
    cfg_defaults(&c);
    c.n_head = 7;
    char *before = written(&c);
    assert_false(cfg_parse(&c, text, n, "x.ini", &e));
    assert_string_equal(e.message, message);
    assert_int_equal(e.code, ERR_INPUT);
    char *after = written(&c);
    assert_string_equal(before, after);
    free(before);
    free(after);
}

static void assert_all_refused(const refusal *r, size_t n) {
    for (size_t i = 0; i < n; i++) assert_refused(r[i].text, strlen(r[i].text), r[i].message);
}

static void defaults_are_those_of_the_table(void **state) {
    (void)state;
    config c;
    cfg_defaults(&c);
    assert_string_equal(c.out_dir, "");
    assert_int_equal(c.seed, 1337);
    assert_string_equal(c.tokenizer, "char");
    assert_int_equal(c.format, TRAIN_TEXT);
    assert_int_equal(c.precision, TRAIN_AUTO);
    assert_int_equal(c.normalize, TOK_NORMALIZE_DEFAULT);
    assert_int_equal(c.n_embd, 384);
    assert_true(c.bias);
    assert_int_equal(c.position, NN_POSITION_LEARNED);
    assert_true(c.learning_rate == 1e-3);
    assert_true(c.eps == 1e-8);
}

static void keys_are_listed_in_file_order(void **state) {
    (void)state;
    size_t n;
    const cfg_key_info *keys = cfg_keys(&n);
    assert_string_equal(keys[0].name, "out_dir");
    assert_string_equal(keys[0].section, "run");
    assert_string_equal(keys[0].kind, "text");
    assert_string_equal(keys[1].name, "objective");
    assert_string_equal(keys[1].kind, "gpt|word2vec|glove");
    assert_string_equal(keys[2].name, "seed");
    assert_string_equal(keys[2].kind, "integer");
    assert_string_equal(keys[2].default_text, "1337");
    assert_string_equal(keys[n - 1].name, "num_samples");
    for (size_t i = 0; i < n; i++) {
        assert_true(strlen(keys[i].help) > 0);
        for (size_t j = 0; j < i; j++) assert_string_not_equal(keys[i].name, keys[j].name);
    }
}

static void every_type_is_read(void **state) {
    (void)state;
    config c;
    err e = {0};
    cfg_defaults(&c);
    assert_true(parse(&c,
                      "\xEF\xBB\xBF# a comment\r\n"
                      "[model] ; the shape\r\n"
                      "n_head = 4 ; heads\r\n"
                      "  n_layer: 2\r\n"
                      "bias = off\n"
                      "position=rope\n"
                      "dropout = 1e-1\n"
                      "\n"
                      "[run]\n"
                      "out_dir = runs/a b;c\n"
                      "[model]\n"
                      "n_embd = 64",
                      &e));
    assert_int_equal(c.n_head, 4);
    assert_int_equal(c.n_layer, 2);
    assert_int_equal(c.n_embd, 64);
    assert_false(c.bias);
    assert_int_equal(c.position, NN_POSITION_ROPE);
    assert_true(c.dropout == 0.1);
    assert_string_equal(c.out_dir, "runs/a b;c");
    assert_int_equal(c.block_size, 256);
}

static void quoted_texts_keep_every_character(void **state) {
    (void)state;
    config c;
    err e = {0};
    cfg_defaults(&c);
    assert_true(
        parse(&c, "[sample]\nprompt = \" a # b\\x3b \\\"c\\\"\\n\\t\\\\ = \xC3\xA9 \"\n", &e));
    assert_string_equal(c.prompt, " a # b; \"c\"\n\t\\ = \xC3\xA9 ");
    assert_true(parse(&c, "[sample]\nprompt = \"\"\n", &e));
    assert_string_equal(c.prompt, "");
    strcpy(c.prompt, "old");
    assert_true(parse(&c, "[sample]\nprompt =\n", &e));
    assert_string_equal(c.prompt, "");
}

static void a_wrong_place_is_named(void **state) {
    (void)state;
    static const refusal cases[] = {
        {"[model]\n\nn_heads = 4\n", "x.ini:3: unknown key 'n_heads' (did you mean 'n_head'?)"},
        {"[model]\nzzz = 4\n", "x.ini:2: unknown key 'zzz'"},
        {"[model]\n= 4\n", "x.ini:2: unknown key ''"},
        {"# c\n[modle]\n", "x.ini:2: unknown section 'modle' (did you mean 'model'?)"},
        {"\xEF\xBB\xBF[modle]\n", "x.ini:1: unknown section 'modle' (did you mean 'model'?)"},
        {"[model ]\n", "x.ini:1: unknown section 'model ' (did you mean 'model'?)"},
        {"[zzzzzzz]\n", "x.ini:1: unknown section 'zzzzzzz'"},
        {"[train]\nn_head = 4\n", "x.ini:2: key 'n_head' belongs in section [model], not [train]"},
        {"n_head = 4\n[model]\n",
         "x.ini:1: key 'n_head' before any section; it belongs in [model]"},
        {"[model]\nn_head = 4\n\nn_head = 4\n",
         "x.ini:4: key 'n_head' given twice, first on line 2"},
    };
    assert_all_refused(cases, COUNT(cases));
}

static void a_wrong_line_is_named(void **state) {
    (void)state;
    static const refusal cases[] = {
        {"[model]\nn_head 4\n", "x.ini:2: expected key = value, [section] or a # comment"},
        {"[model]\nn_head ; = 4\nn_heads = 4\n",
         "x.ini:2: expected key = value, [section] or a # comment"},
        {"[model]\nn_heads = 4\nn_head 4\n",
         "x.ini:2: unknown key 'n_heads' (did you mean 'n_head'?)"},
        {"n_head\n[modle]\n", "x.ini:1: expected key = value, [section] or a # comment"},
        {"[model\nn_head = 4\n", "x.ini:1: section without a closing ']'"},
        {"[model] n_head = 4\n", "x.ini:1: a key needs a line of its own"},
    };
    assert_all_refused(cases, COUNT(cases));
}

static void a_wrong_value_is_shown_with_what_was_expected(void **state) {
    (void)state;
    static const refusal cases[] = {
        {"[model]\nn_head = six\n",
         "x.ini:2: n_head is 'six', expected a whole number from 1 to 512"},
        {"[model]\nn_head = 0\n", "x.ini:2: n_head is '0', expected a whole number from 1 to 512"},
        {"[model]\nn_head = 513\n",
         "x.ini:2: n_head is '513', expected a whole number from 1 to 512"},
        {"[model]\nn_head = 4.5\n",
         "x.ini:2: n_head is '4.5', expected a whole number from 1 to 512"},
        {"[model]\nn_head =\n", "x.ini:2: n_head is '', expected a whole number from 1 to 512"},
        {"[model]\nn_head = 4 # heads\n",
         "x.ini:2: n_head is '4 # heads', expected a whole number from 1 to 512"},
        {"[model]\nn_head = 4\n  8\n", "x.ini:3: expected key = value, [section] or a # comment"},
        {"[run]\nseed = -1\n", "x.ini:2: seed is '-1', expected a whole number from 0 up"},
        {"[run]\nseed = 9223372036854775808\n",
         "x.ini:2: seed is '9223372036854775808', expected a whole number from 0 up"},
        {"[model]\ndropout = 1\n", "x.ini:2: dropout is '1', expected a number from 0 to 0.95"},
        {"[model]\ndropout = nan\n", "x.ini:2: dropout is 'nan', expected a number from 0 to 0.95"},
        {"[train]\neps = 0\n", "x.ini:2: eps is '0', expected a number from 1e-20 to 1"},
        {"[model]\nbias = maybe\n", "x.ini:2: bias is 'maybe', expected true or false"},
        {"[data]\nformat = jsonl\n", "x.ini:2: format is 'jsonl', expected one of text|chat"},
        {"[data]\nformat = text|chat\n",
         "x.ini:2: format is 'text|chat', expected one of text|chat"},
        {"[data]\ndataset = a.txt # mine\n",
         "x.ini:2: dataset is 'a.txt # mine', expected double quotes around a text with #"},
        {"[data]\ndataset = #\n",
         "x.ini:2: dataset is '#', expected double quotes around a text with #"},
    };
    assert_all_refused(cases, COUNT(cases));
}

static void a_broken_quoted_text_is_refused(void **state) {
    (void)state;
    static const char *const values[] = {"\"a",      "\"a\" b",   "\"\\q\"",   "\"\\",
                                         "\"\\x0\"", "\"\\x00\"", "\"\\x 1\"", "\"a;\" \""};
    for (size_t i = 0; i < COUNT(values); i++) {
        char text[64], message[256];
        snprintf(text, sizeof text, "[sample]\nprompt = %s ; \"\n", values[i]);
        snprintf(message, sizeof message,
                 "x.ini:2: prompt is '%s', expected a text in double quotes with the escapes \\\" "
                 "\\\\ \\n \\r \\t \\xHH; write ; as \\x3b",
                 values[i]);
        assert_refused(text, strlen(text), message);
    }
}

static void bytes_that_are_no_text_are_refused(void **state) {
    (void)state;
    static const char nul[] = "[model]\n\nn_head\0 = 4\n", latin1[] = "# caf\xE9\n",
                      cut[] = "#\n# \xC3";
    assert_refused(nul, sizeof nul - 1, "x.ini:3: a NUL byte: not a text file");
    assert_refused(latin1, sizeof latin1 - 1, "x.ini:1: byte 0xE9 is not UTF-8");
    assert_refused(cut, sizeof cut - 1, "x.ini:2: byte 0xC3 is not UTF-8");
}

/* Returns new: `head` and then n times the letter a. */
static char *padded(const char *head, size_t n) {
    size_t start = strlen(head);
    char *text = malloc(start + n + 1);
    memcpy(text, head, start);
    memset(text + start, 'a', n);
    text[start + n] = '\0';
    return text;
}

static void sizes_are_bounded(void **state) {
    (void)state;
    const struct {
        const char *head;
        size_t n;
        const char *message;
    } cases[] = {
        {"[data]\ndataset = ", 1024,
         "x.ini:2: dataset is 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa...', "
         "expected a text of at most 1023 bytes"},
        {"[model]\n#", 5000, "x.ini:2: line of 5001 bytes, expected at most 4222"},
        {"#", 1 << 20, "x.ini: 1048577 bytes, expected at most 1048576"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        char *text = padded(cases[i].head, cases[i].n);
        assert_refused(text, strlen(text), cases[i].message);
        free(text);
    }
    config c;
    err e = {0};
    cfg_defaults(&c);
    char *longest = padded("[data]\ndataset = ", 1023);
    assert_true(parse(&c, longest, &e));
    assert_int_equal(strlen(c.dataset), 1023);
    free(longest);
}

/* Sets every key to a value that is not its default. */
static void set_all(config *c) {
    size_t n;
    const cfg_key_info *keys = cfg_keys(&n);
    for (size_t i = 0; i < n; i++) {
        const char *kind = keys[i].kind, *value = "1";
        char assignment[256];
        err e = {0};
        if (strcmp(kind, "text") == 0)
            value = " # \"\\;=\n\r\t\x01\x7F\xC3\xA9\xFF ; ";
        else if (strcmp(kind, "true|false") == 0)
            value = strcmp(keys[i].default_text, "true") ? "on" : "no";
        else if (strcmp(kind, "number") == 0)
            value = "0.12345678901234568";
        else if (strcmp(keys[i].name, "memory") == 0)
            value = "17"; /* at least 16 MiB */
        else if (strcmp(kind, "integer") == 0)
            value = strcmp(keys[i].default_text, "1") ? "1" : "3";
        else
            value = strchr(kind, '|') + 1;
        snprintf(assignment, sizeof assignment, "%s=%.*s", keys[i].name,
                 strcmp(kind, "text") ? (int)strcspn(value, "|") : 100, value);
        assert_true(cfg_override(c, assignment, &e));
    }
}

static void assert_reads_back(const config *c) {
    config again;
    err e = {0};
    cfg_defaults(&again);
    char *text = written(c);
    if (!parse(&again, text, &e)) fail_msg("%s", e.message);
    char *text_again = written(&again);
    assert_string_equal(text, text_again);
    free(text);
    free(text_again);
}

static void what_is_written_reads_back(void **state) {
    (void)state;
    config c, again;
    err e = {0};
    cfg_defaults(&c);
    assert_reads_back(&c);
    set_all(&c);
    assert_reads_back(&c);

    char *text = written(&c);
    cfg_defaults(&again);
    assert_true(parse(&again, text, &e));
    assert_string_equal(again.prompt, c.prompt);
    assert_true(again.learning_rate == c.learning_rate);
    assert_int_equal(again.seed, c.seed);
    assert_int_equal(again.bias, c.bias);
    assert_int_equal(again.position, c.position);
    free(text);

    memset(c.prompt, '\x01', CFG_TEXT_SIZE - 1); /* the longest line there is */
    assert_reads_back(&c);
}

static void numbers_are_written_short_and_exact(void **state) {
    (void)state;
    static const double values[] = {0.1, 1e-4, 1.0 / 3, 1e-20, 0x1.fffffffffffffp-3, 5e-324};
    for (size_t i = 0; i < COUNT(values); i++) {
        config c, again;
        err e = {0};
        cfg_defaults(&c);
        cfg_defaults(&again);
        c.min_lr = values[i];
        char *text = written(&c);
        assert_true(parse(&again, text, &e));
        assert_true(again.min_lr == values[i]);
        if (i == 0) assert_non_null(strstr(text, "\nmin_lr = 0.1\n"));
        free(text);
    }
}

static void the_file_shows_sections_and_help(void **state) {
    (void)state;
    config c;
    cfg_defaults(&c);
    char *text = written(&c);
    assert_memory_equal(text, "[run]\n# folder of the run", 25);
    assert_non_null(strstr(text, "\nout_dir = \"\"\n"));
    assert_non_null(strstr(text, "\n\n[model]\n# transformer blocks\nn_layer = 6\n"));
    assert_non_null(strstr(text, "\nposition = learned\n"));
    assert_non_null(strstr(text, "\nbias = true\n"));
    free(text);
}

static void an_override_wins_over_the_file(void **state) {
    (void)state;
    config c;
    err e = {0};
    cfg_defaults(&c);
    assert_true(parse(&c, "[model]\nn_head = 4\nn_layer = 3\n", &e));
    assert_true(cfg_override(&c, "n_head=8", &e));
    assert_true(cfg_override(&c, "grad_clip=1", &e));
    assert_true(cfg_override(&c, "prompt=a=b ; # \"c\"", &e));
    assert_true(cfg_override(&c, "dataset=", &e));
    assert_int_equal(c.n_head, 8);
    assert_int_equal(c.n_layer, 3);
    assert_true(c.grad_clip == 1.0);
    assert_string_equal(c.prompt, "a=b ; # \"c\"");
}

static void a_wrong_override_is_a_usage_error(void **state) {
    (void)state;
    static const refusal cases[] = {
        {"n_heads=4", "--n_heads=4: unknown key 'n_heads' (did you mean 'n_head'?)"},
        {"zzz=4", "--zzz=4: unknown key 'zzz'"},
        {"=4", "--=4: unknown key ''"},
        {"n_head", "--n_head: expected --n_head=<value>"},
        {"n_head=x", "--n_head=x: n_head is 'x', expected a whole number from 1 to 512"},
        {"position=", "--position=: position is '', expected one of learned|sinusoidal|rope|none"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        config c;
        err e = {0};
        cfg_defaults(&c);
        assert_false(cfg_override(&c, cases[i].text, &e));
        assert_int_equal(e.code, ERR_USAGE);
        assert_string_equal(e.message, cases[i].message);
        assert_int_equal(c.n_head, 6);
    }
}

static void keys_that_contradict_each_other_are_refused(void **state) {
    (void)state;
    static const refusal cases[] = {
        {"[model]\nn_head = 5\n", "x.ini: n_embd = 384 is not a multiple of n_head = 5"},
        {"[model]\nposition = rope\nn_embd = 18\n",
         "x.ini: position = rope needs an even n_embd / n_head, not 3"},
        {"[train]\nwarmup_iters = 11\nlr_decay_iters = 10\n",
         "x.ini: warmup_iters = 11 is beyond lr_decay_iters = 10"},
        {"[train]\nmax_iters = 50\n", ""}, /* a short trial within the warmup */
        {"[data]\ntokenizer = bpe\nvocab_size = 300\n[train]\nbpe_dropout = 0.1\n", ""},
        {"[data]\ntokenizer = gpt2/vocab.json\n[train]\nbpe_dropout = 0.1\n", ""},
        {"[data]\ntokenizer = unigram\nbyte_fallback = true\n[train]\nunigram_alpha = 0.1\n", ""},
        {"[train]\nbpe_dropout = 0.1\n",
         "x.ini: bpe_dropout = 0.1 is for tokenizer = bpe, not char"},
        {"[data]\ntokenizer = bpe\n[train]\nunigram_alpha = 0.1\n",
         "x.ini: unigram_alpha = 0.1 is for tokenizer = unigram, not bpe"},
        {"[data]\ntokenizer = bpe\nbyte_fallback = true\n",
         "x.ini: byte_fallback = true is for tokenizer = unigram, not bpe"},
        {"[data]\ntokenizer = wordpiece\ncharacter_coverage = 0.9\nnormalize = nfc\n", ""},
        {"[data]\ntokenizer = bpe\ncharacter_coverage = 0.9\n",
         "x.ini: character_coverage = 0.9 is for tokenizer = char, wordpiece or unigram, not bpe"},
        {"[data]\ntokenizer = gpt2/vocab.json\nnormalize = nfc\n",
         "x.ini: normalize is for a tokenizer that is learned, not for gpt2/vocab.json"},
        {"[data]\ntokenizer = byte\nvocab_size = 300\n",
         "x.ini: vocab_size = 300 is not for tokenizer = byte, which has its own"},
        {"[data]\ntokenizer = gpt2/vocab.json\nvocab_size = 300\n",
         "x.ini: vocab_size = 300 is not for tokenizer = gpt2/vocab.json, which has its own"},
        {"[train]\nmin_lr = 0.1\n", "x.ini: min_lr = 0.1 is above learning_rate = 0.001"},
        {"[train]\nlr_schedule = constant\nmin_lr = 0.1\nmax_iters = 50\n", ""},
        {"[train]\nmax_iters = 0\n", ""},
        {"[run]\nobjective = word2vec\n[vectors]\nnegative = 0\n",
         "x.ini: hs = false and negative = 0 leave no loss; set one of them"},
        {"[run]\nobjective = word2vec\n[vectors]\nnegative = 0\nhs = true\n", ""},
        {"[run]\nobjective = word2vec\n[vectors]\nmax_n = 3\n",
         "x.ini: min_n = 0 is not between 1 and max_n = 3"},
        {"[run]\nobjective = word2vec\n[vectors]\nmin_n = 4\nmax_n = 3\n",
         "x.ini: min_n = 4 is not between 1 and max_n = 3"},
        {"[run]\nobjective = word2vec\n[vectors]\nmin_n = 3\nmax_n = 3\n", ""},
        {"[run]\nobjective = word2vec\n[vectors]\nalpha = 1e-5\n",
         "x.ini: min_alpha = 0.0001 is above alpha = 1e-05"},
        {"[run]\nobjective = glove\n[vectors]\nalpha = 1e-5\n", ""}, /* it has one rate only */
        {"[run]\nobjective = word2vec\n[model]\nfreeze_wte = true\n",
         "x.ini: freeze_wte = true needs the vectors of init_wte"},
        {"[run]\nobjective = glove\n[vectors]\nkeep_init_words = true\n",
         "x.ini: keep_init_words = true needs the vectors of init_wte"},
        {"[run]\nobjective = glove\n[model]\ninit_wte = v.txt\nfreeze_wte = true\n",
         "x.ini: freeze_wte = true is not for glove, where a vector is a sum"},
        {"[run]\nobjective = word2vec\n[model]\ninit_wte = v.txt\nfreeze_wte = true\nn_head = 5\n",
         ""},
        {"", ""},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        config c;
        err e = {0};
        cfg_defaults(&c);
        assert_true(parse(&c, cases[i].text, &e));
        bool ok = cfg_validate(&c, "x.ini", &e);
        assert_string_equal(e.message, cases[i].message);
        assert_int_equal(ok, *cases[i].message == '\0');
        assert_int_equal(e.code, ok ? ERR_NONE : ERR_INPUT);
    }
}

static void files_are_read_by_path(void **state) {
    (void)state;
    char folder[] = "/tmp/gradus_config_XXXXXX", path[64], message[128];
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/a.ini", folder);
    config c;
    err e = {0};
    cfg_defaults(&c);
    assert_false(cfg_read(&c, path, &e));
    snprintf(message, sizeof message, "%s: No such file or directory", path);
    assert_string_equal(e.message, message);

    FILE *f = fopen(path, "w");
    fputs("[model]\nn_head = 3\n", f);
    fclose(f);
    e = (err){0};
    assert_true(cfg_read(&c, path, &e));
    assert_int_equal(c.n_head, 3);

    f = fopen(path, "a");
    fputs("n_layer = x\n", f);
    fclose(f);
    assert_false(cfg_read(&c, path, &e));
    snprintf(message, sizeof message, "%s:3: n_layer is 'x', expected a whole number from 1 to 512",
             path);
    assert_string_equal(e.message, message);
    unlink(path);
    rmdir(folder);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(defaults_are_those_of_the_table),
        cmocka_unit_test(keys_are_listed_in_file_order),
        cmocka_unit_test(every_type_is_read),
        cmocka_unit_test(quoted_texts_keep_every_character),
        cmocka_unit_test(a_wrong_place_is_named),
        cmocka_unit_test(a_wrong_line_is_named),
        cmocka_unit_test(a_wrong_value_is_shown_with_what_was_expected),
        cmocka_unit_test(a_broken_quoted_text_is_refused),
        cmocka_unit_test(bytes_that_are_no_text_are_refused),
        cmocka_unit_test(sizes_are_bounded),
        cmocka_unit_test(what_is_written_reads_back),
        cmocka_unit_test(numbers_are_written_short_and_exact),
        cmocka_unit_test(the_file_shows_sections_and_help),
        cmocka_unit_test(an_override_wins_over_the_file),
        cmocka_unit_test(a_wrong_override_is_a_usage_error),
        cmocka_unit_test(keys_that_contradict_each_other_are_refused),
        cmocka_unit_test(files_are_read_by_path),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
