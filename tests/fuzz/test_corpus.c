/* Replays the corpus of every fuzz target, so that an input that once broke a parser never does
 * again, on machines without clang too. */
#define _GNU_SOURCE /* for fuzz_csv.c, fuzz_gpt2.c and fuzz_words.c */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define LLVMFuzzerTestOneInput fuzz_chat
#include "fuzz/fuzz_chat.c"
#undef LLVMFuzzerTestOneInput
#define LLVMFuzzerTestOneInput fuzz_config
#include "fuzz/fuzz_config.c"
#undef LLVMFuzzerTestOneInput
#define LLVMFuzzerTestOneInput fuzz_csv
#include "fuzz/fuzz_csv.c"
#undef LLVMFuzzerTestOneInput
#define LLVMFuzzerTestOneInput fuzz_gpt2
#include "fuzz/fuzz_gpt2.c"
#undef LLVMFuzzerTestOneInput
#define LLVMFuzzerTestOneInput fuzz_safetensors
#include "fuzz/fuzz_safetensors.c"
#undef LLVMFuzzerTestOneInput
#define LLVMFuzzerTestOneInput fuzz_tokenizer
#include "fuzz/fuzz_tokenizer.c"
#undef LLVMFuzzerTestOneInput
#define LLVMFuzzerTestOneInput fuzz_training
#include "fuzz/fuzz_training.c"
#undef LLVMFuzzerTestOneInput
#define LLVMFuzzerTestOneInput fuzz_words
#include "fuzz/fuzz_words.c"
#undef LLVMFuzzerTestOneInput
#define LLVMFuzzerTestOneInput fuzz_vectors
#include "fuzz/fuzz_vectors.c"
#undef LLVMFuzzerTestOneInput

#include "base/file.h"
#include "base/mem.h"

#include <dirent.h>
#include <stdlib.h>

/* A copy on the heap, where a sanitizer sees a read beyond its end; a mapped page would hide it. */
static void replay_file(const char *path, int (*target)(const uint8_t *, size_t)) {
    err e = {0};
    file_map map;
    if (!file_open_map(&map, path, &e)) fail_msg("%s", e.message);
    uint8_t *bytes = mem_new(map.size, 1);
    memcpy(bytes, map.data, map.size);
    print_message("%s\n", path); /* an input that aborts is the last one named */
    target(bytes, map.size);
    free(bytes);
    file_close_map(&map);
}

static void replay_folder(const char *folder, int (*target)(const uint8_t *, size_t)) {
    DIR *d = opendir(folder);
    if (!d) fail_msg("no folder %s: run from the top of the repository", folder);
    int n = 0;
    for (struct dirent *entry; (entry = readdir(d));) {
        if (entry->d_name[0] == '.') continue;
        char path[1024];
        err e = {0};
        if (!file_join(path, sizeof path, folder, entry->d_name, &e)) fail_msg("%s", e.message);
        replay_file(path, target);
        n++;
    }
    closedir(d);
    assert_true(n > 0);
}

static void conversations(void **state) {
    (void)state;
    replay_folder("tests/fuzz/corpus/fuzz_chat", fuzz_chat);
}

static void configurations(void **state) {
    (void)state;
    replay_folder("tests/fuzz/corpus/fuzz_config", fuzz_config);
}

static void csv_tables(void **state) {
    (void)state;
    replay_folder("tests/fuzz/corpus/fuzz_csv", fuzz_csv);
}

static void gpt2_pairs(void **state) {
    (void)state;
    replay_folder("tests/fuzz/corpus/fuzz_gpt2", fuzz_gpt2);
}

static void safetensors(void **state) {
    (void)state;
    replay_folder("tests/fuzz/corpus/fuzz_safetensors", fuzz_safetensors);
}

static void tokenizers(void **state) {
    (void)state;
    replay_folder("tests/fuzz/corpus/fuzz_tokenizer", fuzz_tokenizer);
}

static void trained_tokenizers(void **state) {
    (void)state;
    replay_folder("tests/fuzz/corpus/fuzz_training", fuzz_training);
}

static void word_lists(void **state) {
    (void)state;
    replay_folder("tests/fuzz/corpus/fuzz_words", fuzz_words);
}

static void vectors(void **state) {
    (void)state;
    replay_folder("tests/fuzz/corpus/fuzz_vectors", fuzz_vectors);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(conversations),
        cmocka_unit_test(configurations),
        cmocka_unit_test(csv_tables),
        cmocka_unit_test(gpt2_pairs),
        cmocka_unit_test(safetensors),
        cmocka_unit_test(tokenizers),
        cmocka_unit_test(trained_tokenizers),
        cmocka_unit_test(word_lists),
        cmocka_unit_test(vectors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
