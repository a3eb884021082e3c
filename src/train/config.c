#include "train/config_key.h"

#include "base/check.h"
#include "base/mem.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const cfg_key_info cfg_infos[CFG_N_KEYS] = {
#define CFG_INT(section, name, value, min, max, help)  {#section, #name, "integer", #value, help},
#define CFG_REAL(section, name, value, min, max, help) {#section, #name, "number", #value, help},
#define CFG_BOOL(section, name, value, help)           {#section, #name, "true|false", #value, help},
#define CFG_TEXT(section, name, value, help)           {#section, #name, "text", value, help},
#define CFG_CHOICE(section, name, type, value, choices, help)                                      \
    {#section, #name, choices, value, help},
#include "train/config_keys.def"
};

const cfg_field cfg_fields[CFG_N_KEYS] = {
#define FIELD(kind, name) kind, offsetof(config, name)
#define CFG_INT(section, name, value, min, max, help)                                              \
    {FIELD(CFG_KIND_INT, name), .whole = {min, max}},
#define CFG_REAL(section, name, value, min, max, help)                                             \
    {FIELD(CFG_KIND_NUMBER, name), .number = {min, max}},
#define CFG_BOOL(section, name, value, help) {FIELD(CFG_KIND_BOOL, name), .choices = NULL},
#define CFG_TEXT(section, name, value, help) {FIELD(CFG_KIND_TEXT, name), .choices = NULL},
#define CFG_CHOICE(section, name, type, value, names, help)                                        \
    {FIELD(CFG_KIND_CHOICE, name), .choices = names},
#include "train/config_keys.def"
};

const cfg_key_info *cfg_keys(size_t *n) {
    *n = CFG_N_KEYS;
    return cfg_infos;
}

bool cfg_fail(const cfg_place *at, err *e, const char *fmt, ...) {
    char message[sizeof e->message];
    va_list args;
    va_start(args, fmt);
    vsnprintf(message, sizeof message, fmt, args);
    va_end(args);
    if (at->line) return err_set(e, at->code, "%s:%d: %s", at->name, at->line, message);
    return err_set(e, at->code, "%s: %s", at->name, message);
}

/* Bytes of what a person typed that a message repeats. */
enum { SHOWN_MAX = 60 };

/* Returns new (free with free): the text, or as much of it as a message shows. */
static char *shorten(const char *text) {
    size_t n = strlen(text), shown = str_utf8_valid(text, n < SHOWN_MAX ? n : SHOWN_MAX);
    str s = {0};
    str_printf(&s, "%.*s%s", (int)shown, text, shown < n ? "..." : "");
    return s.data;
}

static bool fail_unknown(const char *what, const char *typed, const char *nearest,
                         const cfg_place *at, err *e) {
    char *shown = shorten(typed);
    if (nearest) cfg_fail(at, e, "unknown %s '%s' (did you mean '%s'?)", what, shown, nearest);
    cfg_fail(at, e, "unknown %s '%s'", what, shown);
    free(shown);
    return false;
}

cfg_key cfg_find_key(const char *name, const cfg_place *at, err *e) {
    const char *names[CFG_N_KEYS];
    for (size_t i = 0; i < CFG_N_KEYS; i++) {
        if (strcmp(cfg_infos[i].name, name) == 0) return i;
        names[i] = cfg_infos[i].name;
    }
    fail_unknown("key", name, str_nearest(name, names, CFG_N_KEYS), at, e);
    return CFG_N_KEYS;
}

bool cfg_find_section(const char *name, const cfg_place *at, err *e) {
    const char *names[CFG_N_KEYS];
    for (size_t i = 0; i < CFG_N_KEYS; i++) {
        if (strcmp(cfg_infos[i].section, name) == 0) return true;
        names[i] = cfg_infos[i].section;
    }
    return fail_unknown("section", name, str_nearest(name, names, CFG_N_KEYS), at, e);
}

/* The place of `name` in "a|b|c", or -1. */
static int choice_index(const char *choices, const char *name) {
    for (int i = 0;; i++) {
        size_t n = strcspn(choices, "|");
        if (n == strlen(name) && memcmp(choices, name, n) == 0) return i;
        if (choices[n] == '\0') return -1;
        choices += n + 1;
    }
}

/* Stores the value, or returns false where it is not one of those the field may have. */
static bool store(config *c, const cfg_field *f, const char *value) {
    void *to = (char *)c + f->offset;
    int64_t whole;
    double number;
    int choice;
    switch (f->kind) {
    case CFG_KIND_INT:
        if (!str_to_int(value, &whole) || whole < f->whole.min || whole > f->whole.max)
            return false;
        *(int64_t *)to = whole;
        return true;
    case CFG_KIND_NUMBER:
        if (!str_to_double(value, &number) || number < f->number.min || number > f->number.max)
            return false;
        *(double *)to = number;
        return true;
    case CFG_KIND_BOOL:
        return str_to_bool(value, to);
    case CFG_KIND_TEXT:
        if (strlen(value) >= CFG_TEXT_SIZE) return false;
        strcpy(to, value);
        return true;
    case CFG_KIND_CHOICE:
        choice = choice_index(f->choices, value);
        if (choice >= 0) *(int *)to = choice;
        return choice >= 0;
    }
    return false;
}

static void describe(const cfg_field *f, str *out) {
    switch (f->kind) {
    case CFG_KIND_INT:
        str_printf(out, "a whole number from %lld ", (long long)f->whole.min);
        if (f->whole.max == INT64_MAX)
            str_printf(out, "up");
        else
            str_printf(out, "to %lld", (long long)f->whole.max);
        break;
    case CFG_KIND_NUMBER:
        str_printf(out, "a number from %g to %g", f->number.min, f->number.max);
        break;
    case CFG_KIND_BOOL:
        str_printf(out, "true or false");
        break;
    case CFG_KIND_TEXT:
        str_printf(out, "a text of at most %d bytes", CFG_TEXT_SIZE - 1);
        break;
    case CFG_KIND_CHOICE:
        str_printf(out, "one of %s", f->choices);
        break;
    }
}

bool cfg_fail_value(cfg_key key, const char *value, const char *expected, const cfg_place *at,
                    err *e) {
    char *shown = shorten(value);
    cfg_fail(at, e, "%s is '%s', expected %s", cfg_infos[key].name, shown, expected);
    free(shown);
    return false;
}

bool cfg_set(config *c, cfg_key key, const char *value, const cfg_place *at, err *e) {
    if (store(c, &cfg_fields[key], value)) return true;
    str expected = {0};
    describe(&cfg_fields[key], &expected);
    cfg_fail_value(key, value, expected.data, at, e);
    str_free(&expected);
    return false;
}

void cfg_defaults(config *c) {
    *c = (config){0};
    for (size_t i = 0; i < CFG_N_KEYS; i++)
        CHECK(store(c, &cfg_fields[i], cfg_infos[i].default_text), "default of %s",
              cfg_infos[i].name);
}

bool cfg_override(config *c, const char *assignment, err *e) {
    size_t n = strcspn(assignment, "=");
    char *shown = shorten(assignment);
    str flag = {0};
    str_printf(&flag, "--%s", shown);
    const cfg_place at = {.name = flag.data, .code = ERR_USAGE};
    char *name = mem_copy_string(assignment, n);
    cfg_key key = cfg_find_key(name, &at, e);
    bool ok = key < CFG_N_KEYS;
    if (ok && assignment[n] == '\0') ok = cfg_fail(&at, e, "expected --%s=<value>", name);
    ok = ok && cfg_set(c, key, assignment + n + 1, &at, e);
    free(name);
    free(shown);
    str_free(&flag);
    return ok;
}

bool cfg_tokenizer_type(const config *c, tok_type *type) {
    int place = choice_index(TOK_TYPE_NAMES, c->tokenizer);
    if (place >= 0) *type = (tok_type)place;
    return place >= 0;
}

static bool learns_characters(tok_type type) {
    return type == TOK_CHAR || type == TOK_WORDPIECE || type == TOK_UNIGRAM;
}

/* Of a tokenizer from a file only the file says what it can do. */
static bool validate_tokenizer(const config *c, const cfg_place *at, err *e) {
    tok_type type = TOK_BYTE;
    const bool learned = cfg_tokenizer_type(c, &type);
    if (c->vocab_size > 0 && type == TOK_BYTE)
        return cfg_fail(at, e, "vocab_size = %lld is not for tokenizer = %s, which has its own",
                        (long long)c->vocab_size, c->tokenizer);
    if (c->bpe_dropout > 0 && learned && type != TOK_BPE)
        return cfg_fail(at, e, "bpe_dropout = %g is for tokenizer = bpe, not %s", c->bpe_dropout,
                        c->tokenizer);
    if (c->unigram_alpha > 0 && learned && type != TOK_UNIGRAM)
        return cfg_fail(at, e, "unigram_alpha = %g is for tokenizer = unigram, not %s",
                        c->unigram_alpha, c->tokenizer);
    if (c->byte_fallback && type != TOK_UNIGRAM)
        return cfg_fail(at, e, "byte_fallback = true is for tokenizer = unigram, not %s",
                        c->tokenizer);
    if (c->character_coverage > 0 && !learns_characters(type))
        return cfg_fail(at, e,
                        "character_coverage = %g is for tokenizer = char, wordpiece or unigram, "
                        "not %s",
                        c->character_coverage, c->tokenizer);
    if (c->normalize != TOK_NORMALIZE_DEFAULT && !learned)
        return cfg_fail(at, e, "normalize is for a tokenizer that is learned, not for %s",
                        c->tokenizer);
    return true;
}

static bool validate_gpt(const config *c, const cfg_place *at, err *e) {
    const bool decays = c->lr_schedule != OPTIM_CONSTANT;
    if (c->n_embd % c->n_head)
        return cfg_fail(at, e, "n_embd = %lld is not a multiple of n_head = %lld",
                        (long long)c->n_embd, (long long)c->n_head);
    if (c->position == NN_POSITION_ROPE && c->n_embd / c->n_head % 2)
        return cfg_fail(at, e, "position = rope needs an even n_embd / n_head, not %lld",
                        (long long)(c->n_embd / c->n_head));
    if (decays && c->lr_decay_iters && c->warmup_iters > c->lr_decay_iters)
        return cfg_fail(at, e, "warmup_iters = %lld is beyond lr_decay_iters = %lld",
                        (long long)c->warmup_iters, (long long)c->lr_decay_iters);
    if (decays && c->min_lr > c->learning_rate)
        return cfg_fail(at, e, "min_lr = %g is above learning_rate = %g", c->min_lr,
                        c->learning_rate);
    return validate_tokenizer(c, at, e);
}

static bool validate_vectors(const config *c, const cfg_place *at, err *e) {
    if (c->objective == TRAIN_WORD2VEC && !c->hs && c->negative == 0)
        return cfg_fail(at, e, "hs = false and negative = 0 leave no loss; set one of them");
    if (c->max_n > 0 && (c->min_n < 1 || c->min_n > c->max_n))
        return cfg_fail(at, e, "min_n = %lld is not between 1 and max_n = %lld",
                        (long long)c->min_n, (long long)c->max_n);
    if (c->objective == TRAIN_WORD2VEC && c->min_alpha > c->alpha)
        return cfg_fail(at, e, "min_alpha = %g is above alpha = %g", c->min_alpha, c->alpha);
    if (c->freeze_wte && c->objective == TRAIN_GLOVE)
        return cfg_fail(at, e, "freeze_wte = true is not for glove, where a vector is a sum");
    if ((c->freeze_wte || c->keep_init_words) && !c->init_wte[0])
        return cfg_fail(at, e, "%s = true needs the vectors of init_wte",
                        c->freeze_wte ? "freeze_wte" : "keep_init_words");
    return true;
}

bool cfg_validate(const config *c, const char *name, err *e) {
    const cfg_place at = {.name = name, .code = ERR_INPUT};
    return c->objective == TRAIN_GPT ? validate_gpt(c, &at, e) : validate_vectors(c, &at, e);
}
