/* Whether a text is a graph in DOT as Graphviz would take it. After cmocka.h. */
#ifndef TESTS_DOT_H
#define TESTS_DOT_H

#include "base/str.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* How often `part` stands in the text. */
static inline int dot_count(const char *text, const char *part) {
    int n = 0;
    for (const char *at = text; (at = strstr(at, part)); at += strlen(part)) n++;
    return n;
}

/* The tag of HTML that begins at `at` opens (+1), closes (-1) or does neither; its end in *end. */
static inline int dot_tag(const char *at, const char **end) {
    *end = strchr(at, '>');
    if (!*end) fail_msg("a tag without its end: %.60s", at);
    return at[1] == '/' ? -1 : (*end)[-1] == '/' ? 0 : 1;
}

/* The label "<...>" that begins at `at` is balanced; returns its end. */
static inline const char *dot_label_end(const char *at) {
    int depth = 0;
    for (at++; *at; at++) {
        if (*at == '>' && depth == 0) return at;
        if (*at == '>') fail_msg("a bare >: %.60s", at);
        if (*at == '&' && !strpbrk(at, ";")) fail_msg("a bare &: %.60s", at);
        if (*at == '<') depth += dot_tag(at, &at);
    }
    fail_msg("a label without its end");
    return NULL;
}

/* Braces, brackets and labels are balanced, nothing is control or outside UTF-8, and every end of
 * an arrow is a box. Returns the number of boxes. */
static inline int assert_dot(const char *text) {
    int braces = 0, brackets = 0;
    assert_int_equal(str_utf8_valid(text, strlen(text)), strlen(text));
    for (const char *at = text; *at; at++) {
        if ((unsigned char)*at < ' ' && *at != '\n') fail_msg("control character %d", *at);
        if (strncmp(at, "label=<", 7) == 0) at = dot_label_end(at + 6);
        braces += (*at == '{') - (*at == '}');
        brackets += (*at == '[') - (*at == ']');
    }
    assert_int_equal(braces, 0);
    assert_int_equal(brackets, 0);
    for (const char *at = text; (at = strstr(at, " -> n")); at += 5) {
        char box[32];
        int from, to;
        const char *line = at;
        while (line[-1] != '\n') line--;
        assert_int_equal(sscanf(line, " n%d -> n%d;", &from, &to), 2);
        snprintf(box, sizeof box, " n%d [", from);
        assert_non_null(strstr(text, box));
        snprintf(box, sizeof box, " n%d [", to);
        assert_non_null(strstr(text, box));
    }
    return dot_count(text, "label=<<TABLE BORDER=\"0\" CELLBORDER");
}

#endif
