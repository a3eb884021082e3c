#include "lesson/01_tokens.h"

#include "base/array.h"
#include "lesson/draw.h"
#include "lesson/lesson.h"
#include "lesson/token_rows.h"
#include "train/run.h"

#include <stdlib.h>
#include <string.h>

static void tell_cut(const page *p, const tokens_cut *cut) {
    page_line(p, "%s: %zu tokens", cut->name, cut->ids.len);
    token_rows_print(p, cut->tok, &cut->ids);
}

enum { MOST_CUTS = 5 };

/* The cuts of one text, and the tokenizer of words that learned another one. */
typedef struct course {
    const char *text;
    tokens_cut cuts[MOST_CUTS];
    int n;
    tokenizer *other;
} course;

enum { SENTENCES = 2000, BPE_SIZE = 800, WORDS_CUT = 2 };

static bool add_cut(course *c, const char *name, tokenizer *tok) {
    if (tok) c->cuts[c->n++] = tokens_cut_by(name, tok, c->text);
    return tok;
}

/* By the tokenizer of the user's run. */
static bool add_run(course *c, const char *run, err *e) {
    config settings;
    char path[TRAIN_PATH_SIZE];
    if (!train_run_config(&settings, run, e)) return false;
    if (settings.objective != TRAIN_GPT)
        return err_set(e, ERR_INPUT, "%s: holds word vectors, which have no tokenizer", run);
    return train_run_path(run, "tokenizer.json", path, e) &&
           add_cut(c, "your run", tok_open(path, e));
}

static bool set_up(course *c, const lesson_room *room, err *e) {
    static const char *const names[] = {"byte", "char", "word", "bpe"};
    static const tok_type types[] = {TOK_BYTE, TOK_CHAR, TOK_WORD, TOK_BPE};
    for (size_t i = 0; i < COUNT(types); i++)
        if (!add_cut(c, names[i], tokens_learn(types[i], BPE_SIZE, SENTENCES, 1, e))) return false;
    c->other = tokens_learn(TOK_WORD, 0, SENTENCES, 2, e);
    return c->other && (!room->run || add_run(c, room->run, e));
}

static void tear_down(course *c) {
    for (int i = 0; i < c->n; i++) tokens_cut_free(&c->cuts[i]);
    tok_free(c->other);
}

static bool check_text(const char *text, err *e) {
    const size_t most = 600, n = strlen(text);
    return (n > 0 && n <= most) ||
           err_set(e, ERR_USAGE, "--text has %zu bytes, expected 1 to %zu", n, most);
}

static double bytes_per_token(const tokens_cut *cut, const char *text) {
    return cut->ids.len ? (double)strlen(text) / (double)cut->ids.len : 0;
}

static void tell_cuts(const page *p, const course *c) {
    page_text(p,
              "A model computes with numbers, so a text is first cut into pieces, called tokens, "
              "and each token is replaced by its id: its number in a list of all tokens, the "
              "vocabulary. The text here: %s",
              c->text);
    page_text(
        p,
        "Four tokenizers, each of which has seen %d generated sentences in lower case: 'byte' has "
        "nothing to learn, 'char' lists the characters, 'word' the words, and 'bpe' (byte-pair "
        "encoding) begins with bytes and keeps merging the most frequent pair of neighbours until "
        "it has %d tokens. First line: the tokens, a space shown as \u2581; below them their ids.",
        (int)SENTENCES, (int)BPE_SIZE);
    for (int i = 0; i < c->n; i++) tell_cut(p, &c->cuts[i]);
    page_line(p, "%-9s %11s %8s %17s   %s", "", "vocabulary", "tokens", "bytes per token",
              "the same text back");
    for (int i = 0; i < c->n; i++)
        page_line(p, "%-9s %11d %8zu %17.2f   %s", c->cuts[i].name,
                  (int)tok_vocab_size(c->cuts[i].tok), c->cuts[i].ids.len,
                  bytes_per_token(&c->cuts[i], c->text), c->cuts[i].is_same ? "yes" : "no");
    page_gap(p);
    for (int i = 0; i < c->n; i++)
        if (!c->cuts[i].is_same)
            page_text(p, "What comes back from '%s': %s", c->cuts[i].name,
                      c->cuts[i].back.len ? c->cuts[i].back.data : "nothing");
    page_text(p, "A small vocabulary makes long sequences of tokens, a large one short ones; what "
                 "is not in the vocabulary of 'char' or 'word' becomes <unk>, unknown, and is "
                 "lost. BPE loses nothing: a rare word falls apart into pieces, down to bytes, a "
                 "frequent one is a single token.");
}

/* The words with the ids around that of `word`. */
static void tell_around(const page *p, const tokenizer *tok, const char *word) {
    str line = {0};
    int32_t id = tok_find(tok, word, strlen(word));
    for (int32_t i = id - 2; i <= id + 2; i++) {
        if (i < 0 || i >= tok_vocab_size(tok)) continue;
        size_t len;
        const char *piece = tok_piece(tok, i, &len);
        str_printf(&line, "%s%d %.*s", line.len ? ", " : "", (int)i, (int)len, piece);
    }
    page_line(p, "  %s", line.data);
    str_free(&line);
}

static const char *const chosen[] = {"king", "queen", "man", "woman", "paris", "france"};

static int32_t id_of(const tokenizer *tok, const char *word) {
    return tok_find(tok, word, strlen(word));
}

static void tell_ids(const page *p, const tokenizer *first, const tokenizer *second) {
    const tokens_order order = tokens_compare(first, second);
    page_heading(p, "The size and the order of ids mean nothing");
    page_text(p,
              "Two word tokenizers, each learned from %d sentences about the same small world, but "
              "not the same sentences. Both number the words by how often they occur, the most "
              "frequent first.",
              (int)SENTENCES);
    page_line(p, "%-16s %8s %8s", "id of", "first", "second");
    for (size_t i = 0; i < COUNT(chosen); i++)
        page_line(p, "%-16s %8d %8d", chosen[i], (int)id_of(first, chosen[i]),
                  (int)id_of(second, chosen[i]));
    page_line(p, "%-16s %8d %8d", "|king - queen|",
              abs(id_of(first, "king") - id_of(first, "queen")),
              abs(id_of(second, "king") - id_of(second, "queen")));
    page_gap(p);
    page_line(p, "around 'king' in the first, and in the second:");
    tell_around(p, first, "king");
    tell_around(p, second, "king");
    page_gap(p);
    page_text(p,
              "%lld words of this world have a partner (king and queen, cat and cats, france and "
              "paris). %lld of them have the same id in both. %lld have their partner as the next "
              "id, up or down. Over all pairs of these words, the correlation between the distance "
              "of their ids and whether they are partners is %.3f (1 or -1: one follows from the "
              "other; 0: no relation), and that between their distances in the first and in the "
              "second vocabulary is only %.2f.",
              (long long)order.n_words, (long long)order.n_same, (long long)order.n_next,
              order.correlation, order.across);
    page_text(p,
              "So an id is just a name, like the number on a locker. All that its size can say is "
              "how frequent the word was in the text that the vocabulary was made from. What a "
              "word means must be stored elsewhere: in a vector for each id, which is learned.");
}

enum { N_CHOSEN = COUNT(chosen) };

static io_panel distances(const tokenizer *tok, const char *title, double *cells) {
    for (size_t i = 0; i < N_CHOSEN * N_CHOSEN; i++)
        cells[i] = abs(id_of(tok, chosen[i / N_CHOSEN]) - id_of(tok, chosen[i % N_CHOSEN]));
    return (io_panel){.kind = IO_MATRIX,
                      .title = title,
                      .cells = cells,
                      .rows = N_CHOSEN,
                      .cols = N_CHOSEN,
                      .row_names = chosen,
                      .col_names = chosen};
}

static void draw(const lesson_room *room, const course *c) {
    const char *names[MOST_CUTS];
    double tokens[MOST_CUTS], sizes[MOST_CUTS], cells[2][N_CHOSEN * N_CHOSEN];
    for (int i = 0; i < c->n; i++) {
        names[i] = c->cuts[i].name;
        tokens[i] = (double)c->cuts[i].ids.len;
        sizes[i] = tok_vocab_size(c->cuts[i].tok);
    }
    const io_panel panels[] = {
        {.kind = IO_BARS,
         .title = "length of the text in tokens",
         .x_title = "tokenizer",
         .y_title = "tokens",
         .names = names,
         .values = tokens,
         .n_values = c->n},
        {.kind = IO_BARS,
         .title = "vocabulary",
         .x_title = "tokenizer",
         .y_title = "tokens",
         .names = names,
         .values = sizes,
         .n_values = c->n},
        distances(c->cuts[WORDS_CUT].tok, "distance of two ids, first vocabulary", cells[0]),
        distances(c->other, "distance of two ids, second vocabulary", cells[1])};
    lesson_draw(room, "01_tokens", "Tokens and their ids", panels, COUNT(panels), 2);
}

static bool tell(const lesson_room *room, err *e) {
    course c = {.text = room->text ? room->text : "The queen told an unbelievable tale at a café."};
    bool ok = check_text(c.text, e) && set_up(&c, room, e);
    if (ok) {
        tell_cuts(&room->page, &c);
        tell_ids(&room->page, c.cuts[WORDS_CUT].tok, c.other);
        draw(room, &c);
    }
    tear_down(&c);
    return ok;
}

static double bytes_of_naive(void) {
    err e = {0};
    tokens_cut cut = tokens_cut_by("byte", tokens_learn(TOK_BYTE, 0, 1, 1, &e), "naïve");
    double n = (double)cut.ids.len;
    tokens_cut_free(&cut);
    return n;
}

static const lesson_exercise exercises[] = {
    {.question = "How many tokens is the word 'naïve' for the tokenizer 'byte'?",
     .hint = "look at what 'byte' made of the last letter of 'café'",
     .number = bytes_of_naive},
    {.question = "Which of byte, char, word and bpe cannot give back 'The King' even when it knows "
                 "every word and every character of it?",
     .hint = "one of them turns everything into lower case; compare what comes back",
     .words = "word|words|word tokenizer"},
};

const lesson lesson_tokens = {
    .name = "01_tokens",
    .title = "Tokens",
    .about = "how a sentence becomes ids, and why ids mean nothing by themselves",
    .takes_run = true,
    .takes_text = true,
    .tell = tell,
    .exercises = exercises,
    .n_exercises = COUNT(exercises),
};
