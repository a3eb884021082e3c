#include "tokenizer/tokenizer.h"

#include "base/array.h"

#include <stdlib.h>

int32_t *tok_ids_reserve(tok_ids *ids, size_t n) {
    ids->data = array_room(ids->data, &ids->capacity, ids->len + n, sizeof *ids->data);
    return ids->data + ids->len;
}

void tok_ids_append(tok_ids *ids, int32_t id) {
    *tok_ids_reserve(ids, 1) = id;
    ids->len++;
}

void tok_ids_free(tok_ids *ids) {
    free(ids->data);
    *ids = (tok_ids){0};
}
