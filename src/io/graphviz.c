#include "io/graphviz.h"

#include "base/file.h"
#include "io/program.h"

#include <stdio.h>
#include <string.h>

enum { NAME_SIZE = 1024 };

static const char *ending_of(const char *path) {
    const char *dot = strrchr(path, '.');
    return dot ? dot + 1 : "";
}

bool io_graphviz_available(void) {
    return io_program_available("dot");
}

bool io_graphviz_name(const char *path, char *out, size_t size, err *e) {
    static const char *const endings[] = {"dot", "svg", "png", "pdf"};
    const char *ending = ending_of(path);
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        if (strcmp(ending, endings[i]) != 0) continue;
        int n = snprintf(out, size, "%.*sdot", (int)(ending - path), path);
        return (n > 0 && (size_t)n < size) ||
               err_set(e, ERR_INPUT, "%.60s...: path longer than %zu bytes", path, size);
    }
    return err_set(e, ERR_USAGE, "%s: expected a name that ends in .svg, .png, .pdf or .dot", path);
}

/* Draws the graph into `path`; both are in one folder, in which dot runs. */
static bool draw(const char *graph, const char *path, err *e) {
    char folder[NAME_SIZE], from[NAME_SIZE + 4], to[NAME_SIZE + 16], format[16];
    const char *slash = strrchr(graph, '/');
    const size_t folder_length = slash ? (size_t)(slash - graph) + 1 : 0;
    snprintf(folder, sizeof folder, "%.*s", folder_length ? (int)folder_length : 1,
             slash ? graph : ".");
    snprintf(format, sizeof format, "-T%s", ending_of(path));
    snprintf(from, sizeof from, "./%s", graph + folder_length);
    snprintf(to, sizeof to, "-o./%s.tmp", path + folder_length);
    return io_program_make(path, "Graphviz", folder,
                           (const char *const[]){"dot", format, to, from, NULL}, e);
}

bool io_graphviz_write(const char *path, const char *text, size_t n, err *e) {
    char graph[NAME_SIZE];
    if (!io_graphviz_name(path, graph, sizeof graph, e) || !file_write(graph, text, n, e))
        return false;
    if (strcmp(graph, path) == 0) return true;
    if (io_graphviz_available()) return draw(graph, path, e);
    return err_set(e, ERR_INPUT,
                   "%s: Graphviz is not on the PATH to draw it; the graph is in %s: "
                   "apt-get install graphviz, then dot -T%s -o %s %s",
                   path, graph, ending_of(path), path, graph);
}
