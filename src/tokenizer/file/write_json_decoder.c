#include "tokenizer/file/write_json.h"

static void write_plain(json_writer *w, const char *type) {
    json_open_part(w, type);
    json_close(w, '}');
}

static void write_byte_level(json_writer *w) {
    json_open_part(w, "ByteLevel");
    json_key_bool(w, "add_prefix_space", false);
    json_key_bool(w, "trim_offsets", true);
    json_key_bool(w, "use_regex", true);
    json_close(w, '}');
}

static void write_metaspace(json_writer *w, const decoder *d) {
    json_open_part(w, "Metaspace");
    json_key_string(w, "replacement", d->space.data);
    json_key_choice(w, "prepend_scheme", "always|never", !d->strip);
    json_key_bool(w, "split", true);
    json_close(w, '}');
}

static void write_replace(json_writer *w, const char *text, const char *content) {
    json_open_part(w, "Replace");
    json_key(w, "pattern");
    json_open(w, '{');
    json_key_string(w, "String", text);
    json_close(w, '}');
    json_key_string(w, "content", content);
    json_close(w, '}');
}

static void write_strip(json_writer *w) {
    json_open_part(w, "Strip");
    json_key_string(w, "content", " ");
    json_key(w, "start");
    json_int(w, 1);
    json_key(w, "stop");
    json_int(w, 0);
    json_close(w, '}');
}

/* Step by step, as Llama's file has it. */
static void write_sequence(json_writer *w, const decoder *d) {
    json_open_steps(w, 2, "decoders");
    if (d->kind == DECODE_METASPACE) write_replace(w, d->space.data, " ");
    write_plain(w, "ByteFallback");
    write_plain(w, "Fuse");
    if (d->line_blanks) write_replace(w, "\n ", "\n");
    if (d->kind == DECODE_METASPACE && d->strip) write_strip(w);
    json_close_steps(w, 2);
}

void json_write_decoder(json_writer *w, const tokenizer *tok) {
    const decoder *d = &tok->decoder;
    bool one_character =
        d->kind == DECODE_METASPACE && str_utf8_length(d->space.data, d->space.len) == d->space.len;
    switch (d->kind) {
    case DECODE_FUSED:
        if (tok->byte_level)
            write_byte_level(w);
        else
            write_sequence(w, d);
        break;
    case DECODE_METASPACE:
        if (one_character && !tok->byte_fallback && !d->line_blanks)
            write_metaspace(w, d);
        else
            write_sequence(w, d);
        break;
    case DECODE_WORDPIECE:
        json_open_part(w, "WordPiece");
        json_key_string(w, "prefix", d->prefix.data ? d->prefix.data : "");
        json_key_bool(w, "cleanup", d->cleanup);
        json_close(w, '}');
        break;
    case DECODE_SUFFIX:
        json_open_part(w, "BPEDecoder");
        json_key_string(w, "suffix", d->suffix.data);
        json_close(w, '}');
        break;
    case DECODE_WORDS:
        json_null(w);
        break;
    }
}
