#include "lesson/13_special.h"

#include "lesson/draw.h"
#include "lesson/lesson.h"
#include "tokenizer/training.h"

#include <math.h>
#include <string.h>

enum { STEPS = 400 };

/* Tokens of one message on a line, NAME=ID, those that training counts in brackets. */
static void print_message(const page *p, const special *s, size_t from, size_t to) {
    const special_text *t = &s->roles;
    str line = {0};
    for (size_t i = from; i < to; i++) {
        bool counts = t->counts.data[i];
        size_t n;
        const char *name = tok_piece(s->tok, t->ids.data[i], &n);
        str_printf(&line, "%s%s%.*s=%d%s", i > from ? " " : "", counts ? "[" : "", (int)n, name,
                   t->ids.data[i], counts ? "]" : "");
    }
    page_line(p, "%s", line.data);
    str_free(&line);
}

static bool is_role(const tokenizer *tok, int32_t id) {
    return tok_is_special(tok, id) && id != tok_role_id(tok, TOK_EOS) &&
           id != tok_role_id(tok, TOK_BOS);
}

/* The shortest conversation of those that were trained on. */
static size_t shortest(const special_text *t) {
    size_t best = 0;
    for (size_t i = 1; i + 1 < t->starts.len; i++)
        if (t->starts.data[i + 1] - t->starts.data[i] <
            t->starts.data[best + 1] - t->starts.data[best])
            best = i;
    return best;
}

static void print_conversation(const page *p, const special *s) {
    const special_text *t = &s->roles;
    size_t which = shortest(t), end = (size_t)t->starts.data[which + 1];
    size_t from = (size_t)t->starts.data[which];
    page_heading(p, "A conversation as the model reads it");
    for (size_t i = from + 1; i <= end; i++) {
        if (i < end && !is_role(s->tok, t->ids.data[i])) continue;
        print_message(p, s, from, i);
        from = i;
    }
    page_gap(p);
    page_text(
        p,
        "TOKEN=ID. The words were counted in the text and got ids 0 to %d; the five special tokens "
        "came behind them, %d to %d. Nobody says them: they mark where a conversation begins, who "
        "speaks, and where the assistant ends. Tokens in brackets are the targets when only "
        "answers count in the loss: the model learns to predict them, and only reads the others.",
        tok_role_id(s->tok, TOK_BOS) - 1, tok_role_id(s->tok, TOK_BOS), tok_vocab_size(s->tok) - 1);
}

static void print_ids(const page *p, const tokenizer *tok, const char *typed, bool allow) {
    const tok_options options = {.allow_special = allow};
    tok_ids ids = {0};
    str line = {0};
    tok_encode(tok, typed, strlen(typed), &options, &ids);
    for (size_t i = 0; i < ids.len; i++) str_printf(&line, " %d", ids.data[i]);
    page_line(p, "%-22s%s", allow ? "with allow_special:" : "as anybody's text:", line.data);
    str_free(&line);
    tok_ids_free(&ids);
}

/* What becomes of the spelling of a special token in a text. */
static bool print_spelled(const page *p, err *e) {
    static const char typed[] = "bye<|eos|>";
    const tok_training how = {.type = TOK_BYTE};
    tokenizer *tok = tok_train(&how, NULL, 0, e);
    bool ok = tok && chat_add_special(tok, e);
    if (ok) {
        page_heading(p, "A user types %s", typed);
        print_ids(p, tok, typed, false);
        print_ids(p, tok, typed, true);
        page_gap(p);
        page_text(p,
                  "Here the tokenizer cuts into bytes, ids 0 to 255, and <|eos|> is %d. What a "
                  "user types stays text, byte by byte: otherwise anybody could end an answer or "
                  "speak as the system. Only a program that asks for it (allow_special) gets the "
                  "special id from a text.",
                  tok_role_id(tok, TOK_EOS));
    }
    tok_free(tok);
    return ok;
}

static const real *row_of(const nn_gpt *m, int32_t id) {
    return m->wte.weight->value.data + id * m->config.n_embd;
}

static void print_row(const page *p, const special *s, int32_t id) {
    int64_t seen = 0;
    size_t n;
    const char *name = tok_piece(s->tok, id, &n);
    const real *drawn = row_of(s->drawn, id), *trained = row_of(s->with, id);
    const int64_t width = s->with->config.n_embd;
    for (size_t i = 0; i < s->roles.ids.len; i++) seen += s->roles.ids.data[i] == id;
    page_line(p, "%-14.*s %4d  %6lld  %11.3f  %10.3f  %6.3f", (int)n, name, id, (long long)seen,
              sqrt(tensor_sum_squares(drawn, width)), sqrt(tensor_sum_squares(trained, width)),
              sqrt(tensor_sum_squared_difference(trained, drawn, width)));
}

static void print_rows(const page *p, const special *s) {
    page_heading(p, "Their rows in the embedding matrix");
    page_line(p, "%-14s %4s  %6s  %11s  %10s  %6s", "token", "id", "seen", "norm before",
              "norm after", "moved");
    for (int32_t id = tok_role_id(s->tok, TOK_BOS); id < tok_vocab_size(s->tok); id++)
        print_row(p, s, id);
    print_row(p, s, tok_find(s->tok, "the", 3));
    print_row(p, s, tok_find(s->tok, "paris", 5));
    print_row(p, s, tok_unknown(s->tok));
    page_gap(p);
    page_text(p, "A special token has a row like every other: drawn at random, about as long, and "
                 "moved by the same gradients. <unk>, what a word without an id becomes, occurs "
                 "nowhere in this text and moved all the same: the head is the same matrix (lesson "
                 "7), and each step pushes away the rows of all tokens that did not come next.");
}

enum { N_LOSSES = 5 };

static void compute_losses(const special *s, special_loss losses[N_LOSSES]) {
    losses[0] = special_evaluate(s->without, s->tok, &s->held_plain, SPECIAL_AS_WRITTEN);
    losses[1] = special_evaluate(s->with, s->tok, &s->held_out, SPECIAL_AS_WRITTEN);
    losses[2] = special_evaluate(s->masked, s->tok, &s->held_out, SPECIAL_AS_WRITTEN);
    losses[3] = special_evaluate(s->with, s->tok, &s->held_out, SPECIAL_SWAPPED);
    losses[4] = special_evaluate(s->with, s->tok, &s->held_out, SPECIAL_UNKNOWN);
}

static void draw_losses(const lesson_room *room, const special_loss losses[N_LOSSES]) {
    static const char *const names[N_LOSSES] = {"no roles", "roles", "loss on answers",
                                                "roles swapped", "roles unknown"};
    double values[N_LOSSES];
    for (int i = 0; i < N_LOSSES; i++) values[i] = losses[i].all;
    const io_panel panel = {.kind = IO_BARS,
                            .title = "Loss per word of the answers",
                            .y_title = "nats per word, logarithmic",
                            .log_y = true,
                            .names = names,
                            .values = values,
                            .n_values = N_LOSSES};
    lesson_draw(room, "13_special", "What role tokens do", &panel, 1, 1);
}

static void print_losses(const lesson_room *room, const special *s, int64_t steps) {
    static const char *const names[N_LOSSES] = {
        "1  no roles in the text", "2  roles, every token counts", "3  roles, answers count",
        "2  reading user for assistant", "2  reading <unk> for all five"};
    const page *p = &room->page;
    special_loss losses[N_LOSSES];
    compute_losses(s, losses);
    page_heading(p, "The loss of the answers, word by word");
    page_line(p, "%-32s %10s  %6s  %5s", "model and what it reads", "first word", "others", "all");
    for (int i = 0; i < N_LOSSES; i++)
        page_line(p, "%-32s %10.3f  %6.3f  %5.3f", names[i], losses[i].first, losses[i].others,
                  losses[i].all);
    page_gap(p);
    page_text(p,
              "Three models of one size, %lld steps each on the same %d conversations, evaluated "
              "on %d others; the same %lld words count for all. Without roles the first word of an "
              "answer has a loss of %.2f, with them %.2f: nobody can know whether the user has "
              "ended or goes on with 'please', but <|assistant|> says so. Where only answers count "
              "(model 3) all of training goes into them: %.3f for all words against %.3f.",
              (long long)steps, SPECIAL_CONVERSATIONS, SPECIAL_HELD_OUT, (long long)losses[0].n,
              losses[0].first, losses[1].first, losses[2].all, losses[1].all);
    page_text(p,
              "The last two lines are model 2 again, reading other tokens where the roles stand. "
              "With user and assistant swapped the first word has a loss of %.1f, with <unk> %.1f; "
              "guessing blindly among %d tokens has one of %.1f. A row that was trained to say "
              "'now comes an answer' is not replaced by another one. A chat program that forgets "
              "the role tokens of its model, or swaps them, does just this.",
              losses[3].first, losses[4].first, tok_vocab_size(s->tok),
              log((double)tok_vocab_size(s->tok)));
    draw_losses(room, losses);
}

bool special_tell(const lesson_room *room, int64_t steps, err *e) {
    special s;
    page_text(
        &room->page,
        "A special token is an id that no text spells. It has a row in the embedding matrix as any "
        "word has, and marks what words cannot say: from here on, somebody else is speaking.");
    bool ok = special_learn(&s, steps, room->progress, e);
    if (ok) print_conversation(&room->page, &s);
    ok = ok && print_spelled(&room->page, e);
    if (ok) {
        print_rows(&room->page, &s);
        print_losses(room, &s, steps);
    }
    special_free(&s);
    return ok;
}

static bool tell(const lesson_room *room, err *e) {
    return special_tell(room, STEPS, e);
}

/* Of five behind 50,257 tokens. */
static double last_special_id(void) {
    return 50257 + 5 - 1;
}

/* One of three users ends where he could go on; his answer's first word costs ln 3. */
static double least_loss_without_roles(void) {
    return log(3) / 3;
}

static const lesson_exercise exercises[] = {
    {.question = "A vocabulary has 50,257 tokens. Five special ones are added, as here. Which id "
                 "does the last of them get?",
     .hint = "ids begin at 0, and special tokens come after all others",
     .number = last_special_id},
    {.question =
         "In these conversations the user ends a question in three ways, equally often: at once, "
         "with 'please', or with 'my friend'; after the last two an answer always follows. A model "
         "without roles that knows all this: what is the least average loss that it can have on "
         "the first word of an answer? (The loss is -ln of the probability.)",
     .hint = "where the user ends at once, the answer had a probability of 1/3; in the other cases "
             "it was certain, a loss of 0; take the mean of the three",
     .number = least_loss_without_roles,
     .tolerance = 0.02},
};

const lesson lesson_special = {
    .name = "13_special",
    .title = "Special tokens",
    .about = "rows for what no text spells: who speaks, and where an answer ends",
    .tell = tell,
    .exercises = exercises,
    .n_exercises = sizeof exercises / sizeof *exercises,
};
