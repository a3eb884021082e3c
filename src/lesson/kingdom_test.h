/* All questions that the kingdom can answer, asked of word vectors. */
#ifndef LESSON_KINGDOM_TEST_H
#define LESSON_KINGDOM_TEST_H

#include "embed/evaluate.h"

/* By 3CosAdd. Release with embed_analogies_free. */
embed_analogies kingdom_test(const embed_table *table);

#endif
