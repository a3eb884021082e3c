#include "train/config_key.h"

#include "base/check.h"
#include "base/file.h"
#include "base/mem.h"

#include <ctype.h>
#include <ini.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A line holds the longest text with every byte of it escaped, and its key. */
enum { FILE_MAX_SIZE = 1 << 20, LINE_MAX_SIZE = 4 * CFG_TEXT_SIZE + 128 };

/* Debian's inih reads lines of up to this many bytes; builds without the variable have a fixed
 * limit of their own, by default 200. */
extern int ini_max_line __attribute__((weak));

/* In a file a text stands bare, or in double quotes with these escapes and \xHH for any byte. */
static const char escape_letters[] = "nrt\"\\", escaped_bytes[] = "\n\r\t\"\\";

/* Reads what follows a backslash at *s and moves *s past it. */
static bool unescape(const char **s, char *byte) {
    const char *at = *s, *letter = strchr(escape_letters, *at);
    if (*at == 'x' && isxdigit((unsigned char)at[1]) && isxdigit((unsigned char)at[2])) {
        const char digits[] = {at[1], at[2], '\0'};
        *byte = (char)strtoul(digits, NULL, 16);
        *s += 3;
        return *byte != '\0';
    }
    if (*at == '\0' || !letter) return false;
    *byte = escaped_bytes[letter - escape_letters];
    *s += 1;
    return true;
}

/* Appends the text whose opening quote is at s; false where anything but that text is there. */
static bool unquote(const char *s, str *out) {
    str_append(out, "", 0);
    for (s++; *s && *s != '"';) {
        char byte = *s++;
        if (byte == '\\' && !unescape(&s, &byte)) return false;
        str_append(out, &byte, 1);
    }
    return s[0] == '"' && s[1] == '\0';
}

/* inih takes a ';' after a blank for a comment wherever it stands, so it is escaped. */
static void write_quoted(const char *s, str *out) {
    str_append(out, "\"", 1);
    for (size_t n = strlen(s), length; n; n -= length, s += length) {
        length = str_utf8_length(s, n);
        const char *escaped = strchr(escaped_bytes, *s);
        if (escaped)
            str_printf(out, "\\%c", escape_letters[escaped - escaped_bytes]);
        else if (length == 1 && (*s < ' ' || *s > '~' || *s == ';'))
            str_printf(out, "\\x%02x", (unsigned char)*s);
        else
            str_append(out, s, length);
    }
    str_append(out, "\"", 1);
}

/* The name at place `i`; *n is its length. */
static const char *choice_name(const char *choices, int i, size_t *n) {
    while (i--) choices += strcspn(choices, "|") + 1;
    *n = strcspn(choices, "|");
    return choices;
}

/* The fewest digits that read back as the same number. */
static void write_number(double value, str *out) {
    char digits[32];
    for (int n = 15; n <= 17; n++) {
        snprintf(digits, sizeof digits, "%.*g", n, value);
        if (strtod(digits, NULL) == value) break;
    }
    str_printf(out, "%s", digits);
}

static void write_value(const config *c, const cfg_field *f, str *out) {
    const void *from = (const char *)c + f->offset;
    const char *choice;
    size_t n;
    switch (f->kind) {
    case CFG_KIND_INT:
        str_printf(out, "%lld", (long long)*(const int64_t *)from);
        break;
    case CFG_KIND_NUMBER:
        write_number(*(const double *)from, out);
        break;
    case CFG_KIND_BOOL:
        str_printf(out, "%s", *(const bool *)from ? "true" : "false");
        break;
    case CFG_KIND_TEXT:
        write_quoted(from, out);
        break;
    case CFG_KIND_CHOICE:
        choice = choice_name(f->choices, *(const int *)from, &n);
        str_append(out, choice, n);
        break;
    }
}

void cfg_write_value(const config *c, const char *key, str *out) {
    err e = {0};
    cfg_key found = cfg_find_key(key, &(cfg_place){0}, &e);
    CHECK(found < CFG_N_KEYS, "no config key '%s'", key);
    write_value(c, &cfg_fields[found], out);
}

void cfg_write(const config *c, str *out) {
    for (size_t i = 0; i < CFG_N_KEYS; i++) {
        if (i == 0 || strcmp(cfg_infos[i].section, cfg_infos[i - 1].section) != 0)
            str_printf(out, "%s[%s]\n", i ? "\n" : "", cfg_infos[i].section);
        str_printf(out, "# %s\n%s = ", cfg_infos[i].help, cfg_infos[i].name);
        write_value(c, &cfg_fields[i], out);
        str_append(out, "\n", 1);
    }
}

/* A file on its way through inih, which tells sections, keys and values apart. */
typedef struct parser {
    config config;
    const char *next, *end; /* what inih has not seen yet */
    cfg_place at;           /* the line before it */
    int seen[CFG_N_KEYS];   /* the line of each key, 0 = not yet */
    err failure;
} parser;

/* inih tells of sections only through their keys, and passes over what follows the ']'. */
static bool check_section(const char *line, const cfg_place *at, err *e) {
    size_t n = strcspn(line, "]");
    if (line[n] != ']') return cfg_fail(at, e, "section without a closing ']'");
    const char *rest = line + n + 1;
    rest += strspn(rest, " \t\r\n");
    if (*rest && !strchr(";#", *rest)) return cfg_fail(at, e, "a key needs a line of its own");
    char *name = mem_copy_string(line + 1, n - 1);
    bool known = cfg_find_section(name, at, e);
    free(name);
    return known;
}

/* Gives inih the next line. Its leading blanks are dropped: to inih, an indented line continues
 * the value above it. */
static char *next_line(char *out, int size, void *stream) {
    parser *p = stream;
    if (p->failure.code || p->next == p->end) return NULL;
    const char *line = p->next, *end = memchr(line, '\n', (size_t)(p->end - line));
    p->next = end ? end + 1 : p->end;
    p->at.line++;
    if (!end) end = p->end;
    while (line < end && isspace((unsigned char)*line)) line++;
    size_t n = (size_t)(end - line);
    if (n + 2 > (size_t)size) {
        cfg_fail(&p->at, &p->failure, "line of %zu bytes, expected at most %d", n, size - 2);
        return NULL;
    }
    memcpy(out, line, n);
    memcpy(out + n, "\n", 2);
    return *out != '[' || check_section(out, &p->at, &p->failure) ? out : NULL;
}

static bool set_quoted(parser *p, cfg_key key, const char *value) {
    static const char expected[] =
        "a text in double quotes with the escapes \\\" \\\\ \\n \\r \\t \\xHH; write ; as \\x3b";
    str text = {0};
    bool ok = unquote(value, &text) ? cfg_set(&p->config, key, text.data, &p->at, &p->failure)
                                    : cfg_fail_value(key, value, expected, &p->at, &p->failure);
    str_free(&text);
    return ok;
}

/* A '#' in a bare text is likelier meant as a comment, which inih knows only as ';'. */
static bool set_text(parser *p, cfg_key key, const char *value) {
    if (*value == '"') return set_quoted(p, key, value);
    if (*value == '#' || strstr(value, " #") || strstr(value, "\t#"))
        return cfg_fail_value(key, value, "double quotes around a text with #", &p->at,
                              &p->failure);
    return cfg_set(&p->config, key, value, &p->at, &p->failure);
}

/* What inih calls for each key. */
static int set_from_file(void *user, const char *section, const char *name, const char *value) {
    parser *p = user;
    err *e = &p->failure;
    cfg_key key = cfg_find_key(name, &p->at, e);
    if (key == CFG_N_KEYS) return false;
    const char *home = cfg_infos[key].section;
    if (*section == '\0')
        return cfg_fail(&p->at, e, "key '%s' before any section; it belongs in [%s]", name, home);
    if (strcmp(section, home) != 0)
        return cfg_fail(&p->at, e, "key '%s' belongs in section [%s], not [%s]", name, home,
                        section);
    if (p->seen[key])
        return cfg_fail(&p->at, e, "key '%s' given twice, first on line %d", name, p->seen[key]);
    p->seen[key] = p->at.line;
    if (cfg_fields[key].kind == CFG_KIND_TEXT) return set_text(p, key, value);
    return cfg_set(&p->config, key, value, &p->at, e);
}

static bool check_bytes(const char *text, size_t n, cfg_place at, err *e) {
    if (n > FILE_MAX_SIZE)
        return cfg_fail(&at, e, "%zu bytes, expected at most %d", n, FILE_MAX_SIZE);
    size_t valid = str_utf8_valid(text, n);
    const char *nul = memchr(text, '\0', valid), *bad = nul ? nul : text + valid;
    if (bad == text + n) return true;
    at.line = 1;
    for (const char *c = text; c < bad; c++) at.line += *c == '\n';
    return cfg_fail(&at, e, nul ? "a NUL byte: not a text file" : "byte 0x%02X is not UTF-8",
                    (unsigned char)*bad);
}

bool cfg_parse(config *c, const char *text, size_t n, const char *name, err *e) {
    const cfg_place at = {.name = name, .code = ERR_INPUT};
    if (!check_bytes(text, n, at, e)) return false;
    parser p = {.config = *c, .next = text, .end = text + n, .at = at};
    if (n >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0) p.next += 3;
    if (&ini_max_line) ini_max_line = LINE_MAX_SIZE;
    int line = ini_parse_stream(next_line, &p, set_from_file, &p);
    /* A line that is neither key nor section does not stop inih: it may stand above the failure. */
    if (line && (!p.failure.code || line < p.at.line)) {
        p.at.line = line;
        return cfg_fail(&p.at, e, "expected key = value, [section] or a # comment");
    }
    if (p.failure.code) return err_set(e, p.failure.code, "%s", p.failure.message);
    *c = p.config;
    return true;
}

bool cfg_read(config *c, const char *path, err *e) {
    file_map map;
    if (!file_open_map(&map, path, e)) return false;
    bool ok = cfg_parse(c, map.data, map.size, path, e);
    file_close_map(&map);
    return ok;
}
