/* The decoders of tokenizer.json. Of a Sequence those are known that undo what SentencePiece does:
 * Replace, ByteFallback, Fuse, Strip in this order, each of which may be missing; behind Fuse a
 * second Replace may take the blanks at the beginnings of lines. */
#include "base/array.h"
#include "tokenizer/file/read_json.h"

#include <string.h>

/* In the order that a Sequence must have. */
enum { REPLACE, BYTE_FALLBACK, FUSE, LINES, STRIP, WHOLE };

static bool check_order(json_reader *r, int kind, const char *what) {
    unsigned bit = 1u << kind;
    if (r->decoders >= bit || (r->decoders && kind == WHOLE))
        return json_fail(r, what,
                         "unknown Sequence, expected Replace, ByteFallback, Fuse, Strip in this "
                         "order or fewer of them");
    r->decoders |= bit;
    return true;
}

static bool read_plain(json_reader *r, const cJSON *object, const json_part *part,
                       const char *what) {
    return check_order(r, part->kind, what) && json_fields(r, object, what, NULL, 0);
}

static bool read_byte_level(json_reader *r, const cJSON *object, const json_part *part,
                            const char *what) {
    const json_field fields[] = {{"add_prefix_space", JSON_IGNORED, NULL},
                                 {"trim_offsets", JSON_IGNORED, NULL},
                                 {"use_regex", JSON_IGNORED, NULL}};
    return check_order(r, part->kind, what) && json_fields(r, object, what, fields, COUNT(fields));
}

static bool read_wordpiece(json_reader *r, const cJSON *object, const json_part *part,
                           const char *what) {
    decoder *d = &r->tok->decoder;
    const char *prefix = "##";
    d->kind = DECODE_WORDPIECE;
    d->cleanup = true;
    const json_field fields[] = {{"prefix", JSON_STRING, &prefix},
                                 {"cleanup", JSON_BOOL, &d->cleanup}};
    if (!check_order(r, part->kind, what) || !json_fields(r, object, what, fields, COUNT(fields)))
        return false;
    str_append(&d->prefix, prefix, strlen(prefix));
    return true;
}

static bool read_metaspace(json_reader *r, const cJSON *object, const json_part *part,
                           const char *what) {
    decoder *d = &r->tok->decoder;
    const char *space = SPLIT_METASPACE_CHAR, *scheme = NULL;
    bool add_prefix_space = true;
    const json_field fields[] = {{"replacement", JSON_STRING, &space},
                                 {"prepend_scheme", JSON_STRING, &scheme},
                                 {"split", JSON_IGNORED, NULL},
                                 {"add_prefix_space", JSON_BOOL, &add_prefix_space},
                                 {"str_rep", JSON_IGNORED, NULL}};
    if (!check_order(r, part->kind, what) || !json_fields(r, object, what, fields, COUNT(fields)))
        return false;
    d->kind = DECODE_METASPACE;
    d->strip = scheme ? strcmp(scheme, "never") != 0 : add_prefix_space;
    str_append(&d->space, space, strlen(space));
    return *space || json_fail(r, what, "replacement is empty");
}

static bool read_suffix(json_reader *r, const cJSON *object, const json_part *part,
                        const char *what) {
    const char *suffix = "</w>";
    const json_field fields[] = {{"suffix", JSON_STRING, &suffix}};
    if (!check_order(r, part->kind, what) || !json_fields(r, object, what, fields, COUNT(fields)))
        return false;
    r->tok->decoder.kind = DECODE_SUFFIX;
    str_append(&r->tok->decoder.suffix, suffix, strlen(suffix));
    return *suffix || json_fail(r, what, "suffix is empty");
}

static bool read_lines_replace(json_reader *r, const char *text, const char *content,
                               const char *what) {
    r->tok->decoder.line_blanks = true;
    return (text && strcmp(text, "\n ") == 0 && strcmp(content, "\n") == 0) ||
           json_fail(r, what, "behind Fuse known is only that of \"\\n \" by \"\\n\"");
}

static bool read_replace(json_reader *r, const cJSON *object, const json_part *part,
                         const char *what) {
    const cJSON *source = NULL;
    const char *content = "", *space = NULL, *regex = NULL;
    const json_field fields[] = {{"pattern", JSON_OBJECT, &source},
                                 {"content", JSON_STRING, &content}};
    const json_field kinds[] = {{"String", JSON_STRING, &space}, {"Regex", JSON_STRING, &regex}};
    bool fused = r->decoders & 1u << FUSE;
    if (!check_order(r, fused ? LINES : part->kind, what) ||
        !json_fields(r, object, what, fields, COUNT(fields)) ||
        (source && !json_fields(r, source, what, kinds, COUNT(kinds))))
        return false;
    if (fused) return read_lines_replace(r, space, content, what);
    if (!space || !*space || strcmp(content, " ") != 0)
        return json_fail(r, what, "known is only the replacement of a fixed string by a blank");
    r->tok->decoder.kind = DECODE_METASPACE;
    str_append(&r->tok->decoder.space, space, strlen(space));
    return true;
}

static bool read_strip(json_reader *r, const cJSON *object, const json_part *part,
                       const char *what) {
    const char *content = "";
    double start = 0, stop = 0;
    const json_field fields[] = {{"content", JSON_STRING, &content},
                                 {"start", JSON_NUMBER, &start},
                                 {"stop", JSON_NUMBER, &stop}};
    if (!check_order(r, part->kind, what) || !json_fields(r, object, what, fields, COUNT(fields)))
        return false;
    const unsigned needed = 1u << REPLACE | 1u << FUSE;
    if ((r->decoders & needed) != needed || strcmp(content, " ") != 0 || start != 1 || stop != 0)
        return json_fail(r, what,
                         "known is only that of one blank at the start, behind Replace and Fuse");
    r->tok->decoder.strip = true;
    return true;
}

static bool read_sequence(json_reader *r, const cJSON *object, const json_part *part,
                          const char *what);

static bool read_one(json_reader *r, const cJSON *object) {
    static const json_part known[] = {
        {"Replace", read_replace, REPLACE},
        {"ByteFallback", read_plain, BYTE_FALLBACK},
        {"Fuse", read_plain, FUSE},
        {"Strip", read_strip, STRIP},
        {"ByteLevel", read_byte_level, WHOLE},
        {"WordPiece", read_wordpiece, WHOLE},
        {"Metaspace", read_metaspace, WHOLE},
        {"BPEDecoder", read_suffix, WHOLE},
        {"Sequence", read_sequence, 0},
    };
    return json_read_part(r, object, "decoder", known, COUNT(known));
}

static bool read_sequence(json_reader *r, const cJSON *object, const json_part *part,
                          const char *what) {
    (void)part;
    return json_read_sequence(r, object, what, "decoders", read_one);
}

bool json_read_decoder(json_reader *r, const cJSON *object) {
    bool none = (!object || cJSON_IsNull(object)) && !r->tok->byte_level;
    if (none) r->tok->decoder.kind = DECODE_WORDS;
    return read_one(r, object);
}
