#include "lesson/small_text.h"

#include "base/check.h"
#include "base/file.h"
#include "tokenizer/training.h"

#include <stdlib.h>

char *small_text_new(small_text_writer *write, int64_t n_sentences, uint64_t seed, size_t *size) {
    char *text = NULL;
    FILE *stream = open_memstream(&text, size);
    CHECK(stream, "no memory for a text");
    write(stream, n_sentences, seed);
    fclose(stream);
    return text;
}

bool small_text_write(small_text_writer *write, int64_t n_sentences, uint64_t seed,
                      const char *folder, const char *name, char *path, err *e) {
    file_writer w;
    if (!file_join(path, CFG_TEXT_SIZE, folder, name, e) || !file_begin(&w, path, e)) return false;
    write(w.stream, n_sentences, seed);
    return file_commit(&w, e);
}

word_text word_text_new(small_text_writer *write, int64_t n_sentences, uint64_t seed) {
    err e = {0};
    size_t size;
    char *text = small_text_new(write, n_sentences, seed, &size);
    word_text words = {
        .tok = tok_train(&(tok_training){.type = TOK_WORD}, &(tok_text){text, size}, 1, &e)};
    CHECK(words.tok, "%s", e.message);
    tok_encode(words.tok, text, size, NULL, &words.ids);
    free(text);
    return words;
}

void word_text_free(word_text *text) {
    tok_free(text->tok);
    tok_ids_free(&text->ids);
}
