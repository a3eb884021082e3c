#include "embed/questions.h"

#include "base/mem.h"
#include "embed/lines.h"

#include <string.h>

/* Starts the section that a line ": name" names; false where it names none. */
static bool add_section(embed_analogies *out, embed_slice line) {
    const char *name = line.data + 1, *end = line.data + line.n;
    while (name < end && (*name == ' ' || *name == '\t')) name++;
    if (name == end) return false;
    out->sections = mem_resize(out->sections, (size_t)out->n_sections + 1, sizeof *out->sections);
    embed_section *section = &out->sections[out->n_sections++];
    *section = (embed_section){.name = mem_copy_string(name, (size_t)(end - name))};
    section->syntactic = strncmp(section->name, "gram", 4) == 0;
    return true;
}

static void add_question(embed_questions *q, embed_analogies *out, const embed_names *words,
                         const embed_slice *text) {
    embed_section *section = &out->sections[out->n_sections - 1];
    int32_t rows[4];
    for (int i = 0; i < 4; i++) {
        rows[i] = (int32_t)embed_names_find(words, text[i].data, text[i].n);
        if (rows[i] < 0) {
            section->n_skipped++;
            return;
        }
    }
    section->n++;
    if (q->n == q->capacity) {
        q->capacity = q->capacity ? 2 * q->capacity : 1024;
        q->items = mem_resize(q->items, (size_t)q->capacity, sizeof *q->items);
    }
    q->items[q->n++] =
        (embed_question){rows[0], rows[1], rows[2], rows[3], (int32_t)(out->n_sections - 1)};
}

bool embed_questions_read(embed_questions *q, embed_analogies *out, const embed_names *words,
                          const char *text, size_t n, const char *name, err *e) {
    embed_lines lines = {.rest = {text, n}};
    embed_slice word[4];
    for (int64_t found; (found = embed_lines_next(&lines, word, 4)) >= 0;) {
        long long number = lines.number;
        if (found == 0) continue;
        if (*lines.line.data == ':') {
            if (!add_section(out, lines.line))
                return err_set(e, ERR_INPUT, "%s:%lld: ':' without a section's name", name, number);
            continue;
        }
        if (found != 4)
            return err_set(e, ERR_INPUT, "%s:%lld: found %lld word%s, expected 4, or ': section'",
                           name, number, (long long)found, found == 1 ? "" : "s");
        if (out->n_sections == 0)
            return err_set(e, ERR_INPUT, "%s:%lld: a question before the first line ': section'",
                           name, number);
        add_question(q, out, words, word);
    }
    return out->n_sections > 0 ||
           err_set(e, ERR_INPUT, "%s: no questions, expected lines ': section' and 'a b c d'",
                   name);
}
