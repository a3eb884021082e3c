/* Conversations: a file with one a line, {"messages":[{"role":"user","content":"..."},...]} or the
 * bare array of messages, and the tokens that they become:
 *   <|bos|> then for each message the token of its role and those of its content, then <|eos|>
 *   where the assistant spoke.
 * Content never becomes special tokens, whatever it says. The loss counts what the assistant says
 * and its <|eos|>. */
#ifndef TRAIN_CHAT_H
#define TRAIN_CHAT_H

#include "base/err.h"
#include "tokenizer/tokenizer.h"

typedef struct chat_message {
    tok_role role;        /* TOK_SYSTEM, TOK_USER or TOK_ASSISTANT */
    bool begins;          /* a conversation */
    size_t start, length; /* of its content in chat_file.text */
} chat_message;

typedef struct chat_file {
    chat_message *messages;
    size_t n, capacity; /* messages of all conversations */
    size_t n_conversations;
    str text;
} chat_file;

/* Reads the file; lines of white space are passed over. A line that is no conversation is an error
 * with its number. Release with chat_free in any case. */
bool chat_read(chat_file *chat, const char *path, err *e);
/* The same for a file in memory, text[0..size), called `name` in errors. */
bool chat_parse(chat_file *chat, const char *text, size_t size, const char *name, err *e);
void chat_free(chat_file *chat);

/* The names "NAME,NAME,..." of the special tokens that conversations need. Borrows (static). */
const char *chat_special_names(void);
/* Adds those of them that the tokenizer lacks under any name of the field. */
bool chat_add_special(tokenizer *tok, err *e);

/* Whether it has all of them. */
bool chat_has_special(const tokenizer *tok);

/* Appends the tokens of one message, and to mask, unless it is NULL, 1 for those that the loss
 * counts and 0 for the others. */
void chat_render_message(const tokenizer *tok, tok_role role, const char *content, size_t n,
                         tok_ids *ids, tok_ids *mask);
/* Appends the tokens of the conversation that begins with message number `first`, <|bos|> included,
 * and their mask; returns the number of the message behind it. */
size_t chat_render(const tokenizer *tok, const chat_file *chat, size_t first, tok_ids *ids,
                   tok_ids *mask);

#endif
