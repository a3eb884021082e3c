#include "lesson/kingdom_test.h"

#include "base/check.h"
#include "train/kingdom.h"

#include <stdlib.h>

embed_analogies kingdom_test(const embed_table *table) {
    char *questions = NULL;
    size_t n;
    err e = {0};
    embed_analogies a;
    FILE *stream = open_memstream(&questions, &n);
    CHECK(stream, "no memory for the questions");
    train_kingdom_write_questions(stream);
    fclose(stream);
    bool ok = embed_evaluate_analogy_text(table, questions, n, "kingdom", 0, EMBED_3COSADD, &a, &e);
    CHECK(ok, "%s", e.message);
    free(questions);
    return a;
}
