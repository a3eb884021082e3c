#include "train/corpus.h"

#include "base/mem.h"
#include "train/encode_text.h"

#include <stdlib.h>

bool train_watch_tell(const train_watch *w, const char *what, double done, err *e) {
    if (w->observer) w->observer->preparing(w->observer->context, what, done);
    return !w->stop || !*w->stop ||
           err_set(e, ERR_INTERRUPTED, "interrupted (%s): nothing is trained yet", what);
}

static bool open_text(train_corpus *corpus, err *e) {
    if (!file_open_map(&corpus->text, corpus->path, e)) return false;
    if (corpus->text.size == 0) return err_set(e, ERR_INPUT, "%s: the file is empty", corpus->path);
    corpus->pieces = mem_new(1, sizeof *corpus->pieces);
    corpus->pieces[corpus->n_pieces++] = (tok_text){corpus->text.data, corpus->text.size};
    return true;
}

static bool open_chat(train_corpus *corpus, err *e) {
    const chat_file *chat = &corpus->chat;
    if (!chat_read(&corpus->chat, corpus->path, e)) return false;
    if (chat->n_conversations < 2)
        return err_set(e, ERR_INPUT,
                       "%s: one conversation only, at least 2 are needed: one for validation",
                       corpus->path);
    corpus->pieces = mem_new(chat->n, sizeof *corpus->pieces);
    for (size_t i = 0; i < chat->n; i++) {
        const chat_message *m = &chat->messages[i];
        if (m->length)
            corpus->pieces[corpus->n_pieces++] = (tok_text){chat->text.data + m->start, m->length};
    }
    return true;
}

bool train_corpus_open(train_corpus *corpus, const config *c, err *e) {
    *corpus = (train_corpus){.path = c->dataset, .format = c->format};
    if (c->dataset[0] == '\0')
        return err_set(e, ERR_INPUT,
                       "no text to train on: set dataset in [data] or give --dataset=FILE");
    return c->format == TRAIN_TEXT ? open_text(corpus, e) : open_chat(corpus, e);
}

void train_corpus_close(train_corpus *corpus) {
    if (corpus->text.data) file_close_map(&corpus->text);
    chat_free(&corpus->chat);
    free(corpus->pieces);
    *corpus = (train_corpus){0};
}

/* The first byte of the validation text: a character's first byte, never inside one. */
static size_t split_at(const file_map *text, double val_fraction) {
    size_t at = (size_t)((double)text->size * (1 - val_fraction));
    while (at < text->size && ((unsigned char)text->data[at] & 0xC0) == 0x80) at++;
    return at;
}

/* The number of the message that the first conversation for validation begins with. */
static size_t split_chat(const chat_file *chat, double val_fraction) {
    size_t n_val = (size_t)((double)chat->n_conversations * val_fraction + 0.5), message = 0;
    if (n_val < 1) n_val = 1;
    if (n_val >= chat->n_conversations) n_val = chat->n_conversations - 1;
    for (size_t left = chat->n_conversations - n_val;; message++)
        if (chat->messages[message].begins && left-- == 0) return message;
}

static bool encode_chat(const chat_file *chat, const tokenizer *tok, double val_fraction,
                        train_set_writer *train, train_set_writer *val, const train_watch *watch,
                        err *e) {
    size_t split = split_chat(chat, val_fraction), next;
    tok_ids ids = {0}, mask = {0};
    bool ok = true;
    for (size_t i = 0; ok && i < chat->n; i = next) {
        ids.len = mask.len = 0;
        next = chat_render(tok, chat, i, &ids, &mask);
        train_set_append(i < split ? train : val, ids.data, mask.data, (int64_t)ids.len);
        if (next / 1024 > i / 1024 || next == chat->n)
            ok = train_watch_tell(watch, "encoding", (double)next / (double)chat->n, e);
    }
    tok_ids_free(&ids);
    tok_ids_free(&mask);
    return ok;
}

/* Where the encoding of a text goes, and how far it has come. */
typedef struct progress {
    train_set_writer *writer;
    const train_watch *watch;
    double begin, share; /* of the whole text: where this part begins, how long it is */
    err *e;
} progress;

static bool take_ids(void *context, const tok_ids *ids, double done) {
    progress *p = context;
    train_set_append(p->writer, ids->data, NULL, (int64_t)ids->len);
    return train_watch_tell(p->watch, "encoding", p->begin + p->share * done, p->e);
}

static bool encode_text(const file_map *text, const tokenizer *tok, double val_fraction,
                        train_set_writer *train, train_set_writer *val, const train_watch *watch,
                        err *e) {
    size_t split = split_at(text, val_fraction);
    double share = (double)split / (double)text->size;
    progress first = {train, watch, 0, share, e}, second = {val, watch, share, 1 - share, e};
    return train_encode_text(tok, text->data, split, ENCODE_STRETCH, take_ids, &first) &&
           train_encode_text(tok, text->data + split, text->size - split, ENCODE_STRETCH, take_ids,
                             &second);
}

bool train_corpus_encode(const train_corpus *corpus, const tokenizer *tok, double val_fraction,
                         train_set_writer *train, train_set_writer *val, const train_watch *watch,
                         err *e) {
    return corpus->format == TRAIN_TEXT
               ? encode_text(&corpus->text, tok, val_fraction, train, val, watch, e)
               : encode_chat(&corpus->chat, tok, val_fraction, train, val, watch, e);
}
