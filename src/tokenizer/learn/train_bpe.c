/* Byte-level BPE from counted pieces: the 256 bytes in GPT-2's order, then merges. */
#include "tokenizer/learn/trainers.h"

#include "tokenizer/learn/learn_merges.h"
#include "tokenizer/text/byte_level.h"

bool train_bpe(tokenizer *tok, const tok_training *how, const counted_pieces *c, int64_t size,
               err *e) {
    int32_t id_of_byte[256];
    for (int i = 0; i < 256; i++) {
        unsigned char byte = byte_level_at(i);
        id_of_byte[byte] = vocab_add(&tok->vocab, &(char){(char)byte}, 1);
    }
    merge_words words = {0};
    for (size_t i = 0; i < c->n; i++) {
        const counted_piece *piece = &c->pieces[i];
        for (uint32_t k = 0; k < piece->length; k++)
            merge_words_symbol(&words, id_of_byte[(unsigned char)piece->bytes[k]]);
        merge_words_end(&words, piece->count);
    }
    tok->bpe = bpe_new();
    bool ok = learn_merges(&words, &tok->vocab, "", size, tok->bpe, how, e);
    merge_words_free(&words);
    return ok;
}
