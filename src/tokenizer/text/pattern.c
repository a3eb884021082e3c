#define PCRE2_CODE_UNIT_WIDTH 8
#include "tokenizer/text/pattern.h"
#include "tokenizer/text/print.h"
#include "tokenizer/text/regex.h"

#include "base/check.h"
#include "base/mem.h"

#include <pcre2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What a pattern, which may come from a hostile file, may cost: its length, and for one search the
 * steps back, the memory on the heap and on the stack of the machine code. */
enum {
    MAX_SOURCE = 1 << 16,
    MAX_STEPS = 4000000,
    MAX_HEAP_KIB = 1 << 16,
    STACK_START = 1 << 15,
    STACK_MAX = 1 << 20
};

#define COMPILE_OPTIONS (PCRE2_UTF | PCRE2_UCP | PCRE2_MULTILINE | PCRE2_NEVER_BACKSLASH_C)

struct pattern {
    str source;
    pcre2_code *code; /* NULL: a fixed string */
};

struct pattern_match {
    pcre2_match_data *data;
    pcre2_match_context *limits;
    pcre2_jit_stack *stack;
};

static bool fail(const pattern *p, const char *name, const char *reason, err *e) {
    return err_set(e, ERR_INPUT, "%s: regular expression '%s': %s", name,
                   quote(p->source.data, p->source.len).text, reason);
}

static bool compile(pattern *p, const char *name, err *e) {
    str translated = {0};
    char reason[128];
    int code;
    size_t at, end;
    if (regex_translate(p->source.data, p->source.len, &translated, &at, &end)) {
        p->code = pcre2_compile((PCRE2_SPTR)translated.data, translated.len, COMPILE_OPTIONS, &code,
                                &at, NULL);
        if (!p->code) pcre2_get_error_message(code, (PCRE2_UCHAR *)reason, sizeof reason);
    } else {
        snprintf(reason, sizeof reason, "'%.20s' at byte %zu is not known",
                 quote(p->source.data + at, end - at).text, at);
    }
    str_free(&translated);
    if (!p->code) return fail(p, name, reason, e);
    pcre2_jit_compile(p->code, PCRE2_JIT_COMPLETE); /* without it the search is only slower */
    return true;
}

pattern *pattern_new(const char *source, size_t n, bool literal, const char *name, err *e) {
    if (n == 0 || n > MAX_SOURCE) {
        err_set(e, ERR_INPUT, "%s: pattern of %zu bytes, expected 1 to %d", name, n, MAX_SOURCE);
        return NULL;
    }
    pattern *p = mem_new(1, sizeof *p);
    str_append(&p->source, source, n);
    if (literal || compile(p, name, e)) return p;
    pattern_free(p);
    return NULL;
}

void pattern_free(pattern *p) {
    if (!p) return;
    str_free(&p->source);
    pcre2_code_free(p->code);
    free(p);
}

const char *pattern_source(const pattern *p, size_t *n) {
    *n = p->source.len;
    return p->source.data;
}

bool pattern_is_literal(const pattern *p) {
    return p->code == NULL;
}

static struct pattern_match *match_new(void) {
    struct pattern_match *m = mem_new(1, sizeof *m);
    m->data = pcre2_match_data_create(1, NULL);
    m->limits = pcre2_match_context_create(NULL);
    m->stack = pcre2_jit_stack_create(STACK_START, STACK_MAX, NULL);
    CHECK(m->data && m->limits, "out of memory for regular expressions");
    pcre2_set_match_limit(m->limits, MAX_STEPS);
    pcre2_set_heap_limit(m->limits, MAX_HEAP_KIB);
    pcre2_jit_stack_assign(m->limits, NULL, m->stack);
    return m;
}

void pattern_match_free(struct pattern_match *m) {
    if (!m) return;
    pcre2_match_data_free(m->data);
    pcre2_match_context_free(m->limits);
    pcre2_jit_stack_free(m->stack);
    free(m);
}

static bool find_string(const str *wanted, const char *text, size_t n, size_t from, size_t *begin) {
    while (from + wanted->len <= n) {
        const char *at = memchr(text + from, wanted->data[0], n - from - wanted->len + 1);
        if (!at) return false;
        *begin = (size_t)(at - text);
        if (memcmp(at, wanted->data, wanted->len) == 0) return true;
        from = *begin + 1;
    }
    return false;
}

bool pattern_find(const pattern *p, tok_scratch *s, const char *text, size_t n, size_t from,
                  size_t *begin, size_t *end) {
    if (!p->code) {
        bool found = find_string(&p->source, text, n, from, begin);
        *end = *begin + p->source.len;
        return found;
    }
    if (!s->match) s->match = match_new();
    int found = pcre2_match(p->code, (PCRE2_SPTR)text, n, from, PCRE2_NO_UTF_CHECK | PCRE2_NOTEMPTY,
                            s->match->data, s->match->limits);
    if (found < 0) return false;
    const size_t *ends = pcre2_get_ovector_pointer(s->match->data);
    *begin = ends[0];
    *end = ends[1];
    return *begin >= from && *begin < *end; /* \K may move the beginning anywhere */
}
