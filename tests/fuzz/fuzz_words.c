/* Any bytes are a list of words with counts or one message; what was loaded saves and loads the
 * same. */
#define _GNU_SOURCE
#include "base/check.h"
#include "tokenizer/words/words.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Every word is found, and the counts add up. */
static void check_words(const words *w) {
    int64_t total = 0;
    CHECK(w->n > 1 && strcmp(w->names[0], "</s>") == 0, "no </s>, or nothing beside it");
    for (int64_t i = 0; i < w->n; i++) {
        CHECK(words_find(w, w->names[i], strlen(w->names[i])) == i, "another word is found");
        total += w->counts[i];
    }
    CHECK(total == w->total, "another total");
}

/* words_save renames, which /proc/self/fd does not allow, so the lines are written here. */
static void check_saved(const words *w, const char *path) {
    words back;
    err e = {0};
    FILE *out = fopen(path, "w");
    CHECK(out, "cannot write to memory");
    for (int64_t i = 0; i < w->n; i++)
        fprintf(out, "%s %lld\n", w->names[i], (long long)w->counts[i]);
    fclose(out);
    CHECK(words_load(&back, path, &e), "%s", e.message);
    CHECK(words_fingerprint(&back) == words_fingerprint(w), "loads differently");
    words_free(&back);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    int file = memfd_create("fuzz.vocab", 0);
    char path[64];
    snprintf(path, sizeof path, "/proc/self/fd/%d", file);
    CHECK(write(file, data, size) == (ssize_t)size, "cannot write %zu bytes to memory", size);

    words w;
    err e = {0};
    if (words_load(&w, path, &e)) {
        check_words(&w);
        check_saved(&w, path);
    } else {
        CHECK(e.code == ERR_INPUT && *e.message, "refused without a message");
        CHECK(!strpbrk(e.message, "\r\n"), "more than one line");
    }
    words_free(&w);
    close(file);
    return 0;
}
