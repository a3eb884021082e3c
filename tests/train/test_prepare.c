/* What a data set becomes in the folder of a run, and the tokenizer that is kept beside it. */
#include "train/prepare.h"

#include "base/mem.h"
#include "train/kingdom.h"
#include "train/run.h"
#include "tree.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <sys/stat.h>

static int set_up(void **state) {
    if (folder_make(state) != 0) return -1;
    FILE *text = fopen(folder_path("text.txt"), "w");
    if (!text) return -1;
    train_kingdom_write(text, 300, 1);
    return fclose(text);
}

static config config_of(const char *dataset, const char *type) {
    config c;
    cfg_defaults(&c);
    snprintf(c.dataset, sizeof c.dataset, "%s", folder_path(dataset));
    snprintf(c.tokenizer, sizeof c.tokenizer, "%s", type);
    c.block_size = 16;
    return c;
}

static void put(const char *name, const char *text) {
    err e = {0};
    assert_true(file_write(folder_path(name), text, strlen(text), &e));
}

/* How many stages of learning a tokenizer came to their end, and what was warned of. */
static int64_t n_learned;

static void count_stage(void *context, const char *what, double done) {
    (void)context;
    n_learned += strncmp(what, "tokenizer: ", 11) == 0 && done == 1;
}

static void no_warning(void *context, const char *message) {
    (void)context;
    fail_msg("warned: %s", message);
}

static const train_observer observer = {.preparing = count_stage, .warned = no_warning};
static const train_watch watch = {.observer = &observer};

/* Prepares the run of that name; whether a tokenizer was learned for it. */
static bool prepare(const config *c, const char *run) {
    err e = {0};
    char path[512];
    snprintf(path, sizeof path, "%s", folder_path(run));
    n_learned = 0;
    tokenizer *tok = train_prepare(c, path, &watch, &e);
    if (!tok) fail_msg("%s", e.message);
    tok_free(tok);
    return n_learned > 0;
}

static void assert_refused(const config *c, const char *reason) {
    err e = {0};
    char path[512];
    snprintf(path, sizeof path, "%s", folder_path("refused"));
    assert_null(train_prepare(c, path, &(train_watch){0}, &e));
    if (!strstr(e.message, reason)) fail_msg("said: %s\n  expected: %s", e.message, reason);
    assert_null(strchr(e.message, '\n'));
    assert_false(file_exists(folder_path("refused/tokenizer.json")));
    assert_false(file_exists(folder_path("refused/train.bin.tmp")));
}

/* How many files of the folder end so. */
static int count_files(const char *suffix) {
    int n = 0;
    DIR *d = opendir(folder);
    for (struct dirent *entry; (entry = readdir(d));) {
        size_t length = strlen(entry->d_name), least = strlen(suffix);
        n += length >= least && strcmp(entry->d_name + length - least, suffix) == 0;
    }
    closedir(d);
    return n;
}

static void assert_same_file(const char *a, const char *b) {
    err e = {0};
    file_map x, y;
    assert_true(file_open_map(&x, folder_path(a), &e));
    assert_true(file_open_map(&y, folder_path(b), &e));
    assert_int_equal(x.size, y.size);
    assert_memory_equal(x.data, y.data, x.size);
    file_close_map(&x);
    file_close_map(&y);
}

static void test_a_tokenizer_is_learned_once(void **state) {
    (void)state;
    config c = config_of("text.txt", "bpe");
    c.vocab_size = 300;
    assert_true(prepare(&c, "first"));
    assert_int_equal(count_files(".tokenizer.json"), 1);
    assert_false(prepare(&c, "second"));
    assert_same_file("first/tokenizer.json", "second/tokenizer.json");
    assert_same_file("first/train.bin", "second/train.bin");
    c.vocab_size = 301;
    assert_true(prepare(&c, "third"));
    c.normalize = TOK_NORMALIZE_LOWER;
    assert_true(prepare(&c, "third"));
    strcpy(c.special_tokens, "<|bos|>");
    assert_true(prepare(&c, "third"));
    c = config_of("text.txt", "word");
    assert_true(prepare(&c, "third"));
    c.min_count++;
    assert_true(prepare(&c, "third"));
    assert_false(prepare(&c, "third"));
    assert_int_equal(count_files(".tokenizer.json"), 6);
}

static void test_another_text_is_learned_anew(void **state) {
    (void)state;
    config c = config_of("changing.txt", "bpe");
    c.vocab_size = 260;
    c.val_fraction = 0.5;
    put("changing.txt", "the king and the queen and the king and the queen and all the people\n");
    assert_true(prepare(&c, "changing"));
    assert_false(prepare(&c, "changing"));
    put("changing.txt", "the king and the queen and the king and the queen and all the puppets\n");
    assert_true(prepare(&c, "changing"));
}

static void test_a_spoiled_file_is_made_again(void **state) {
    (void)state;
    config c = config_of("spoiled.txt", "bpe");
    c.vocab_size = 260;
    c.val_fraction = 0.5;
    put("spoiled.txt", "the king and the queen and the king and the queen and all the people\n");
    assert_true(prepare(&c, "spoiled"));
    DIR *d = opendir(folder);
    for (struct dirent *entry; (entry = readdir(d));)
        if (strncmp(entry->d_name, "spoiled.txt.bpe-260-", 20) == 0)
            assert_int_equal(truncate(folder_path(entry->d_name), 40), 0);
    closedir(d);
    assert_true(prepare(&c, "spoiled"));
    assert_false(prepare(&c, "spoiled"));
}

/* Nothing is kept of what costs no time, and where nothing can be kept things go on. */
static void test_nothing_is_kept(void **state) {
    (void)state;
    const int before = count_files(".tokenizer.json");
    config c = config_of("text.txt", "char");
    prepare(&c, "plain");
    c = config_of("text.txt", "byte");
    prepare(&c, "plain");
    assert_int_equal(count_files(".tokenizer.json"), before);
    char dataset[512];
    snprintf(dataset, sizeof dataset, "%s", folder_path("text.txt"));
    assert_int_equal(mkdir(folder_path("read_only"), 0777), 0);
    assert_int_equal(link(dataset, folder_path("read_only/text.txt")), 0);
    c = config_of("read_only/text.txt", "bpe");
    c.vocab_size = 270;
    assert_int_equal(chmod(folder_path("read_only"), 0555), 0);
    if (geteuid() != 0) assert_true(prepare(&c, "plain"));
    if (geteuid() != 0) assert_true(prepare(&c, "plain"));
    assert_int_equal(chmod(folder_path("read_only"), 0777), 0);
}

static void test_a_tokenizer_from_a_file(void **state) {
    (void)state;
    err e = {0};
    config c = config_of("text.txt", "bpe");
    c.vocab_size = 280;
    prepare(&c, "made");
    snprintf(c.tokenizer, sizeof c.tokenizer, "%s", folder_path("made/tokenizer.json"));
    c.vocab_size = 0;
    assert_false(prepare(&c, "opened"));
    assert_same_file("made/train.bin", "opened/train.bin");
    snprintf(c.tokenizer, sizeof c.tokenizer, "%s", folder_path("made"));
    strcpy(c.special_tokens, "<|eos|>");
    assert_false(prepare(&c, "opened"));
    tokenizer *tok = tok_open(folder_path("opened/tokenizer.json"), &e);
    assert_int_equal(tok_vocab_size(tok), 281);
    assert_int_equal(tok_role_id(tok, TOK_EOS), 280);
    tok_free(tok);
    c.bpe_dropout = 0.1;
    assert_false(prepare(&c, "opened"));
    c.unigram_alpha = 0.1;
    assert_refused(&c, "unigram_alpha = 0.1 is for unigram, which ");
}

/* A message of a .model: its lengths are below 128, its score a float that ends in two zero bytes.
 */
static void put_piece(FILE *f, const char *text, const char *score, int type) {
    int n = (int)strlen(text);
    fprintf(f, "\n%c\n%c%s", n + 9, n, text);
    fprintf(f, "\x15%c%c%s\x18%c", 0, 0, score, type);
}

/* A .model whose merges are of equal score has no tokenizer.json that is the same. */
static void test_a_run_is_trained_on_the_tokenizer_it_keeps(void **state) {
    (void)state;
    err e = {0};
    enum { NORMAL = 1, UNKNOWN };
    const char *const minus_one = "\x80\xBF";
    FILE *f = fopen(folder_path("equal.model"), "wb");
    put_piece(f, "<unk>", minus_one, UNKNOWN);
    put_piece(f, "he", minus_one, NORMAL);
    put_piece(f, "th", minus_one, NORMAL);
    put_piece(f, "t", minus_one, NORMAL);
    put_piece(f, "h", minus_one, NORMAL);
    put_piece(f, "e", minus_one, NORMAL);
    fputs("\x12\x02\x18\x02", f);         /* trainer_spec.model_type = BPE */
    fputs("\x1A\x0A\x0A\x08identity", f); /* normalizer_spec.name */
    assert_int_equal(fclose(f), 0);
    config c = config_of("text.txt", "");
    snprintf(c.tokenizer, sizeof c.tokenizer, "%s", folder_path("equal.model"));
    char run[512];
    snprintf(run, sizeof run, "%s", folder_path("equal"));
    tokenizer *used = train_prepare(&c, run, &watch, &e);
    tokenizer *kept = tok_open(run, &e);
    if (!used) fail_msg("%s", e.message);
    assert_non_null(kept);
    assert_int_equal(tok_merges(used), 2);
    assert_true(tok_fingerprint(used) == tok_fingerprint(kept));
    tok_free(used);
    tok_free(kept);
}

static void test_names_of_no_tokenizer(void **state) {
    (void)state;
    config c = config_of("text.txt", "bep");
    assert_refused(&c,
                   "tokenizer is 'bep', expected one of byte|char|word|bpe|wordpiece|unigram or "
                   "a file that is there (did you mean 'bpe'?)");
    c = config_of("text.txt", "/absent/tokenizer.json");
    assert_refused(&c, "tokenizer is '/absent/tokenizer.json', expected one of byte|char");
    c = config_of("text.txt", "");
    assert_refused(&c, "tokenizer is '', expected one of byte|char");
    snprintf(c.tokenizer, sizeof c.tokenizer, "%s", folder_path("text.txt"));
    assert_refused(&c, "text.txt");
}

static const char conversations[] =
    "[{\"role\":\"user\",\"content\":\"a question\"},{\"role\":\"assistant\",\"content\":\"so\"}]\n"
    "[{\"role\":\"user\",\"content\":\"another\"},{\"role\":\"assistant\",\"content\":\"yes\"}]\n"
    "[{\"role\":\"user\",\"content\":\"the last\"},{\"role\":\"assistant\",\"content\":\"no\"}]\n";

static void assert_targets(const char *part, const char *expected) {
    err e = {0};
    train_set set;
    tokenizer *tok = tok_open(folder_path("chat/tokenizer.json"), &e);
    char run[512];
    snprintf(run, sizeof run, "%s", folder_path("chat"));
    assert_true(train_set_open(&set, run, part, tok_vocab_size(tok), true, &e));
    str text = {0};
    for (int64_t i = 0; i < set.tokens.n; i++) {
        int32_t id = train_tokens_at(&set.tokens, i);
        if (train_set_counts(&set, i)) tok_decode(tok, &id, 1, &text);
    }
    assert_string_equal(text.data, expected);
    str_free(&text);
    train_set_close(&set);
    tok_free(tok);
}

/* The conversations at the end are for validation, and whole. */
static void test_conversations(void **state) {
    (void)state;
    put("chat.jsonl", conversations);
    config c = config_of("chat.jsonl", "byte");
    c.format = TRAIN_CHAT;
    c.block_size = 8;
    prepare(&c, "chat");
    assert_targets("train", "so<|eos|>yes<|eos|>");
    assert_targets("val", "no<|eos|>");
    c.val_fraction = 0.5;
    strcpy(c.tokenizer, "bpe");
    c.vocab_size = 265;
    assert_true(prepare(&c, "chat"));
    assert_targets("train", "so<|eos|>");
    assert_targets("val", "yes<|eos|>no<|eos|>");
    assert_false(prepare(&c, "chat"));
    err e = {0};
    tokenizer *tok = tok_open(folder_path("chat/tokenizer.json"), &e);
    assert_int_equal(tok_vocab_size(tok), 265); /* those of conversations among them */
    tok_free(tok);
}

static void test_conversations_that_teach_nothing(void **state) {
    (void)state;
    config c = config_of("bad.jsonl", "byte");
    c.format = TRAIN_CHAT;
    put("bad.jsonl", "[{\"role\":\"user\",\"content\":\"a\"}]\n");
    assert_refused(&c, "bad.jsonl: one conversation only, at least 2 are needed");
    put("bad.jsonl", "[{\"role\":\"user\",\"content\":\"a\"}]\nno\n");
    assert_refused(&c, "bad.jsonl:2: not JSON");
    put("bad.jsonl",
        "[{\"role\":\"user\",\"content\":\"a\"}]\n[{\"role\":\"user\",\"content\":\"a\"}]\n");
    assert_refused(&c, "bad.jsonl: too short a text: 3 tokens for training and 3 for validation");
    c.block_size = 2;
    assert_refused(&c, "the assistant says nothing in the conversations for training");
}

static void test_it_can_be_interrupted(void **state) {
    (void)state;
    const config c = config_of("text.txt", "word");
    const volatile sig_atomic_t stop = 1;
    const train_watch impatient = {.stop = &stop};
    err e = {0};
    char path[512];
    snprintf(path, sizeof path, "%s", folder_path("interrupted"));
    assert_null(train_prepare(&c, path, &impatient, &e));
    assert_int_equal(e.code, ERR_INTERRUPTED);
    assert_string_equal(e.message, "interrupted (encoding): nothing is trained yet");
    assert_false(file_exists(folder_path("interrupted/train.bin")));
    assert_false(file_exists(folder_path("interrupted/train.bin.tmp")));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_tokenizer_is_learned_once),
        cmocka_unit_test(test_another_text_is_learned_anew),
        cmocka_unit_test(test_a_spoiled_file_is_made_again),
        cmocka_unit_test(test_nothing_is_kept),
        cmocka_unit_test(test_a_tokenizer_from_a_file),
        cmocka_unit_test(test_a_run_is_trained_on_the_tokenizer_it_keeps),
        cmocka_unit_test(test_names_of_no_tokenizer),
        cmocka_unit_test(test_conversations),
        cmocka_unit_test(test_conversations_that_teach_nothing),
        cmocka_unit_test(test_it_can_be_interrupted),
    };
    return cmocka_run_group_tests(tests, set_up, tree_remove);
}
