#include "lesson/11_context.h"

#include "base/array.h"
#include "base/file.h"
#include "lesson/draw.h"

#include <stdlib.h>
#include <string.h>

static const char name[] = "11_context";
static const char demo[] = "runs/demo", bank[] = "bank";

/* Of each sentence. */
static const char *const roles[CONTEXT_SENTENCES] = {"one sentence", "another sense",
                                                     "the same sense"};

/* In each, "bank" stands at the same place, so that only the words before it differ. */
static const char *const of_the_bible[CONTEXT_SENTENCES] = {
    "he stood by the river , upon the bank", "wherefore gavest thou not my money into the bank",
    "they came to the water , upon the bank"};
static const char *const of_two_worlds[CONTEXT_SENTENCES] = {"anna took the boat to the bank",
                                                             "anna took the money to the bank",
                                                             "emma pulled the raft to the bank"};

/* The sentences that are compared: the lesson's, or "FIRST | SECOND" and perhaps "| THIRD". */
typedef struct sentences {
    int n;
    const char *text[CONTEXT_SENTENCES];
    char *own; /* what text points into, or NULL */
} sentences;

static bool split(sentences *s, const char *text, err *e) {
    s->own = mem_copy_string(text, strlen(text));
    for (char *at = s->own; at; s->n++) {
        if (s->n == CONTEXT_SENTENCES)
            return err_set(e, ERR_USAGE, "--text takes two sentences or three, with | between");
        char *bar = strchr(at, '|');
        if (bar) *bar = '\0';
        s->text[s->n] = at + strspn(at, " ");
        at = bar ? bar + 1 : NULL;
    }
    return s->n >= 2 ||
           err_set(e, ERR_USAGE, "--text takes two sentences with the word: \"FIRST | SECOND\"");
}

static bool choose_sentences(sentences *s, const lesson_room *room, const context_model *m,
                             err *e) {
    *s = (sentences){0};
    if (room->text) return split(s, room->text, e);
    if (room->word && strcmp(room->word, bank) != 0)
        return err_set(e, ERR_USAGE,
                       "--word %.40s takes --text \"FIRST | SECOND\": two sentences with it",
                       room->word);
    s->n = CONTEXT_SENTENCES;
    memcpy(s->text, m->name ? of_the_bible : of_two_worlds, sizeof s->text);
    return true;
}

/* A finished run of `make demo` that knows the word. */
static bool open_demo(context_model *m, const char *word) {
    err unheard = {0};
    if (file_exists(demo) && context_open(m, demo, &unheard) && context_has_word(m, word))
        return true;
    context_model_free(m);
    return false;
}

static void tell_training(const context_model *m, const page *p) {
    page_text(p,
              "Without --run RUN, and without %s of 'make demo', a small GPT has just been trained "
              "on a text of two worlds: \"anna took the money to the bank because interest was "
              "high\", \"anna took the boat to the bank where tall reeds grew\". Its loss fell:",
              demo);
    for (int i = 0; i < CONTEXT_LOSSES; i++)
        page_line(p, "step %4lld   loss %.3f",
                  (long long)(i * (m->steps - 1) / (CONTEXT_LOSSES - 1) + 1), m->losses[i]);
    page_gap(p);
}

static bool make_model(context_model *m, const lesson_room *room, const char *word, int64_t steps,
                       err *e) {
    const page *p = &room->page;
    page_text(p, "A word has one row in the embedding matrix, wherever it stands: its static "
                 "vector. On its way through the blocks the vector takes in what stands before it, "
                 "and becomes contextual. How far it changes can be measured.");
    *m = (context_model){0};
    if (room->run) {
        if (!context_open(m, room->run, e)) return false;
        page_text(p, "The model: your run %.200s.", room->run);
    } else if (open_demo(m, word)) {
        page_text(p, "The model: %s, the run of 'make demo' (--run RUN takes another).", demo);
    } else {
        context_train(m, steps, room->progress);
        tell_training(m, p);
    }
    return true;
}

static void tell_sentences(const sentences *s, const context_words *w, const char *word,
                           const page *p) {
    enum { COLUMNS = 48, OF_WORD = 16 };
    char cell[PAGE_CELL_BYTES];
    for (int i = 0; i < s->n; i++)
        page_line(p, "%-15s %s '%.*s' at %lld", roles[i], page_cell(cell, s->text[i], COLUMNS),
                  page_fit(word, OF_WORD), word, (long long)w->place[i]);
    page_gap(p);
}

static void tell_cosines(const context_words *w, const char *word, const page *p) {
    bool same = w->n_sentences > 2;
    page_text(p, "The cosine of the vector of '%.40s' in the first sentence with that in %s:", word,
              same ? "the two others" : "the other");
    page_line(p, "layer                       another sense%s", same ? "   the same sense" : "");
    for (int64_t l = 0; l < w->n_layers; l++) {
        char what[32], third[32] = "";
        snprintf(what, sizeof what, "after block %d", (int)l);
        if (same) snprintf(third, sizeof third, "%17.4f", w->cosine[2][l]);
        page_line(p, "%5lld  %-18s %15.4f%s", (long long)l,
                  l == 0                 ? "embedding row"
                  : l + 1 == w->n_layers ? "after the last norm"
                                         : what,
                  w->cosine[1][l], third);
    }
    page_gap(p);
    page_text(p,
              "What to see: at layer 0 the cosine is exactly 1: it is the same row of the "
              "embedding matrix. In the blocks the vectors part%s Words after it do not matter: a "
              "GPT only looks back.",
              same ? ", in the end further where the sense is another: compare the columns." : ".");
}

static void tell_next(const context_words *w, const context_model *m, const page *p) {
    enum { COLUMNS = 60 };
    page_heading(p, "What the last vector is for");
    page_text(p,
              "The vector that leaves the last block is there to predict the next token: it says "
              "less about the word and more about what follows. The likeliest next tokens:");
    for (int i = 0; i < w->n_sentences; i++) {
        str line = {0};
        for (int k = 0; k < CONTEXT_NEXT; k++) {
            str_printf(&line, "   ");
            tok_printable_solid(m->tok, w->next[i][k].id, &line);
            str_printf(&line, " %.2f", w->next[i][k].probability);
        }
        page_line(p, "%-15s%.*s", roles[i], page_fit(line.data, COLUMNS), line.data);
        str_free(&line);
    }
    page_gap(p);
}

static void draw(const lesson_room *room, const context_words *w, const char *word) {
    char title[96];
    double *layers = mem_new((size_t)w->n_layers, sizeof *layers);
    io_series series[CONTEXT_SENTENCES - 1];
    for (int64_t l = 0; l < w->n_layers; l++) layers[l] = (double)l;
    for (int i = 1; i < w->n_sentences; i++)
        series[i - 1] = (io_series){roles[i], layers, w->cosine[i], w->n_layers, true};
    snprintf(title, sizeof title, "One word, '%.40s', in different sentences", word);
    const io_panel panel = {.kind = IO_CURVES,
                            .x_title = "layer (0 = embedding row, last = after the last norm)",
                            .y_title = "cosine with the vector in the first sentence",
                            .series = series,
                            .n_series = w->n_sentences - 1};
    lesson_draw(room, name, title, &panel, 1, 1);
    free(layers);
}

bool context_tell(const lesson_room *room, int64_t steps, err *e) {
    const char *word = room->word ? room->word : bank;
    context_model m;
    sentences s = {0};
    context_words w = {0};
    bool ok = make_model(&m, room, word, steps, e) && choose_sentences(&s, room, &m, e) &&
              context_compare(&w, &m, word, s.text, s.n, e);
    if (ok) {
        tell_sentences(&s, &w, word, &room->page);
        tell_cosines(&w, word, &room->page);
        tell_next(&w, &m, &room->page);
        draw(room, &w, word);
    }
    context_words_free(&w);
    free(s.own);
    context_model_free(&m);
    return ok;
}

static bool tell(const lesson_room *room, err *e) {
    return context_tell(room, CONTEXT_STEPS, e);
}

/* Of a GPT with twelve blocks: its row, what each block leaves, and the last norm's. */
static double layers_of_twelve_blocks(void) {
    const nn_gpt_config gpt2 = {.n_layer = 12};
    return (double)(gpt2.n_layer + 2);
}

static const lesson_exercise exercises[] = {
    {.question = "GPT-2 has 12 blocks. How many rows would the table above have for it?",
     .hint = "count the rows here that are no block",
     .number = layers_of_twelve_blocks},
    {.question = "Someone writes \"and fished\" after \"bank\" in the first sentence. Does any "
                 "number of the table change: yes or no?",
     .hint = "which words does a GPT look at when it is at \"bank\"?",
     .words = "no|n|none"},
};

const lesson lesson_context = {
    .name = name,
    .title = "Static and contextual",
    .about = "one word in two sentences: equal vectors at layer 0, then they part",
    .takes_run = true,
    .takes_text = true,
    .takes_word = true,
    .tell = tell,
    .exercises = exercises,
    .n_exercises = COUNT(exercises),
};
