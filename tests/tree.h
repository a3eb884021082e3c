/* A temporary folder that may hold whole runs: folder.h with folders in it. */
#ifndef TESTS_TREE_H
#define TESTS_TREE_H

#include "folder.h"

#include <string.h>

/* Removes what is in the folder, however deep. */
static void tree_empty(const char *path) {
    DIR *d = opendir(path);
    if (!d) return;
    for (struct dirent *entry; (entry = readdir(d));) {
        char child[1024];
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) continue;
        snprintf(child, sizeof child, "%s/%s", path, entry->d_name);
        tree_empty(child);
        remove(child);
    }
    closedir(d);
}

static int tree_remove(void **state) {
    tree_empty(folder);
    return folder_remove(state);
}

#endif
