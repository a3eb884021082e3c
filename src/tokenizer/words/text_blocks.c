#include "tokenizer/words/text_blocks.h"

#include "base/file.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

bool text_open(text_blocks *t, const char *path, err *e) {
    *t = (text_blocks){.path = path, .fd = -1};
    if (!file_open_regular(&t->fd, &t->size, path, e)) return false;
    t->n = (int64_t)((t->size + TEXT_BLOCK - 1) / TEXT_BLOCK);
    return true;
}

void text_close(text_blocks *t) {
    if (t->fd >= 0) close(t->fd);
    t->fd = -1;
}

/* Reads n bytes at `offset`, fewer where the file ends; -1 on failure. */
static ssize_t read_at(int fd, char *out, size_t n, size_t offset) {
    size_t done = 0;
    while (done < n) {
        ssize_t got = pread(fd, out + done, n - done, (off_t)(offset + done));
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return -1;
        if (got == 0) break;
        done += (size_t)got;
    }
    return (ssize_t)done;
}

/* The byte before the block tells whether the block begins inside a word, which is the block
 * before's; the bytes behind it complete its last word. */
bool text_read(const text_blocks *t, int64_t i, char *buffer, text_rest *rest, err *e) {
    size_t start = (size_t)i * TEXT_BLOCK, before = i > 0;
    ssize_t got = read_at(t->fd, buffer, before + TEXT_BLOCK + WORDS_LONGEST, start - before);
    if (got < 0) return err_set(e, ERR_INPUT, "%s: %s", t->path, strerror(errno));
    const char *got_end = buffer + got, *own_end = buffer + before + TEXT_BLOCK;
    buffer[got] = '\0';
    rest->at = buffer + before;
    rest->end = own_end < got_end ? own_end : got_end;
    if (before && !text_ends_word(*buffer))
        while (rest->at < rest->end && !text_ends_word(*rest->at)) rest->at++;
    return true;
}
