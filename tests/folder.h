/* A temporary folder for the files of one test program: cmocka group fixtures. */
#ifndef TESTS_FOLDER_H
#define TESTS_FOLDER_H

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static char folder[] = "/tmp/gradus-test-XXXXXX";

static int folder_make(void **state) {
    (void)state;
    return mkdtemp(folder) ? 0 : -1;
}

/* The path of a file in it, until the next call. */
static const char *folder_path(const char *name) {
    static char path[512];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

/* Removes the folder and the files in it. */
static int folder_remove(void **state) {
    (void)state;
    DIR *d = opendir(folder);
    if (!d) return -1;
    for (struct dirent *entry; (entry = readdir(d));) unlink(folder_path(entry->d_name));
    closedir(d);
    return rmdir(folder);
}

#endif
