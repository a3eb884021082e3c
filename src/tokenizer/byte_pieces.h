/* Pieces "<0x00>" to "<0xFF>" for single bytes. Private to this folder. */
#ifndef TOKENIZER_BYTE_PIECES_H
#define TOKENIZER_BYTE_PIECES_H

#include "tokenizer/vocab.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The id of the piece for that byte, which is added where it is not there. */
int32_t byte_piece_add(vocab *v, unsigned char byte);
/* The ids of all 256 pieces, -1 where one is missing; returns whether none is. */
bool byte_pieces_find(const vocab *v, int32_t ids[256]);
/* The byte that a piece "<0xE9>" stands for, or -1. */
int byte_of_piece(const char *piece, size_t len);

#endif
