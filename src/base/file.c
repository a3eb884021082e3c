#define _GNU_SOURCE
#include "base/file.h"

#include "base/check.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

bool file_open_regular(int *fd, size_t *size, const char *path, err *e) {
    *size = 0;
    *fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (*fd < 0) return err_set(e, ERR_INPUT, "%s: %s", path, strerror(errno));
    struct stat st;
    if (fstat(*fd, &st) != 0)
        err_set(e, ERR_INPUT, "%s: %s", path, strerror(errno));
    else if (!S_ISREG(st.st_mode))
        err_set(e, ERR_INPUT, "%s: not a regular file", path);
    else {
        *size = (size_t)st.st_size;
        return true;
    }
    close(*fd);
    *fd = -1;
    return false;
}

bool file_open_map(file_map *m, const char *path, err *e) {
    *m = (file_map){.data = ""};
    int fd;
    size_t size;
    if (!file_open_regular(&fd, &size, path, e)) return false;
    void *p = size ? mmap(NULL, size, PROT_READ, MAP_PRIVATE, fd, 0) : NULL;
    int cause = errno;
    close(fd);
    if (p == MAP_FAILED) return err_set(e, ERR_INPUT, "%s: %s", path, strerror(cause));
    if (size) *m = (file_map){p, size};
    return true;
}

void file_close_map(file_map *m) {
    if (m->size) munmap((void *)m->data, m->size);
    *m = (file_map){.data = ""};
}

void file_read_ahead(const file_map *m, size_t first, size_t n) {
    CHECK(first <= m->size && n <= m->size - first, "bytes [%zu, %zu) of %zu", first, first + n,
          m->size);
    size_t into_page = first % (size_t)sysconf(_SC_PAGESIZE);
    if (n) posix_madvise((void *)(m->data + first - into_page), n + into_page, POSIX_MADV_WILLNEED);
}

/* What a link points to is replaced, not the link; a device, a pipe or a folder is not. */
static bool resolve(file_writer *w, const char *path, err *e) {
    struct stat st;
    char *target = lstat(path, &st) == 0 && S_ISLNK(st.st_mode) ? realpath(path, NULL) : NULL;
    const char *name = target ? target : path;
    bool other = stat(name, &st) == 0 && !S_ISREG(st.st_mode);
    bool fits = snprintf(w->path, sizeof w->path, "%s", name) < (int)sizeof w->path;
    free(target);
    if (!fits)
        return err_set(e, ERR_INPUT, "%.60s...: path longer than %zu bytes", path, sizeof w->path);
    return !other || err_set(e, ERR_INPUT, "%s: is there and is not a file", path);
}

bool file_begin(file_writer *w, const char *path, err *e) {
    w->stream = NULL;
    if (!resolve(w, path, e)) return false;
    snprintf(w->temporary, sizeof w->temporary, "%s.tmp", w->path);
    w->stream = fopen(w->temporary, "wbe");
    return w->stream || err_set(e, ERR_INPUT, "%s: %s", w->path, strerror(errno));
}

bool file_commit(file_writer *w, err *e) {
    bool ok = fflush(w->stream) == 0 && !ferror(w->stream) && fsync(fileno(w->stream)) == 0;
    int cause = errno;
    if (fclose(w->stream) != 0 && ok) {
        ok = false;
        cause = errno;
    }
    w->stream = NULL;
    if (ok && rename(w->temporary, w->path) != 0) {
        ok = false;
        cause = errno;
    }
    if (ok) return true;
    unlink(w->temporary);
    return err_set(e, ERR_INPUT, "%s: %s", w->path, strerror(cause));
}

void file_discard(file_writer *w) {
    if (!w->stream) return;
    fclose(w->stream);
    unlink(w->temporary);
    w->stream = NULL;
}

bool file_write(const char *path, const void *bytes, size_t n, err *e) {
    file_writer w;
    if (!file_begin(&w, path, e)) return false;
    if (n) fwrite(bytes, 1, n, w.stream);
    return file_commit(&w, e);
}

bool file_exists(const char *path) {
    return access(path, F_OK) == 0;
}

bool file_same(const char *a, const char *b) {
    struct stat sa, sb;
    if (strcmp(a, b) == 0) return true;
    return stat(a, &sa) == 0 && stat(b, &sb) == 0 && sa.st_dev == sb.st_dev &&
           sa.st_ino == sb.st_ino;
}

bool file_remove(const char *path, err *e) {
    if (unlink(path) == 0 || errno == ENOENT) return true;
    return err_set(e, ERR_INPUT, "%s: %s", path, strerror(errno));
}

bool file_make_folder(const char *path, err *e) {
    char partial[1024];
    if (!file_join(partial, sizeof partial, path, "", e)) return false;
    for (char *slash = strchr(partial + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        if (mkdir(partial, 0777) != 0 && errno != EEXIST)
            return err_set(e, ERR_INPUT, "%s: %s", partial, strerror(errno));
        *slash = '/';
    }
    struct stat st;
    if (stat(path, &st) != 0 || !S_ISDIR(st.st_mode))
        return err_set(e, ERR_INPUT, "%s: not a folder", path);
    return true;
}

bool file_join(char *out, size_t size, const char *folder, const char *name, err *e) {
    int n = snprintf(out, size, "%s/%s", folder, name);
    return (n >= 0 && (size_t)n < size) ||
           err_set(e, ERR_INPUT, "%.60s...: path longer than %zu bytes", folder, size);
}
