#define _GNU_SOURCE
#include "base/array.h"
#include "base/thread.h"
#include "cli/cmd.h"
#include "cli/drawing.h"
#include "cli/interrupt.h"
#include "cli/precision.h"
#include "cli/printer.h"
#include "train/chat.h"
#include "train/run.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define USAGE "chat RUN [--system TEXT] [--max_new_tokens N] [--temperature X] ..."

/* A conversation in tokens: how it begins, and a turn for each question with its answer. */
typedef struct dialogue {
    const train_run *run;
    train_generator *generator;
    drawing drawing;
    int64_t n_replies;
    tok_ids beginning; /* <|bos|> and the system message */
    tok_ids *turns;
    size_t n_turns, capacity;
    printer printer;
} dialogue;

static void append(tok_ids *to, const tok_ids *from) {
    if (from->len == 0) return;
    memcpy(tok_ids_reserve(to, from->len), from->data, from->len * sizeof *from->data);
    to->len += from->len;
}

/* Frees the oldest n turns. */
static void forget_turns(dialogue *d, size_t n) {
    if (n == 0) return;
    for (size_t i = 0; i < n; i++) tok_ids_free(&d->turns[i]);
    d->n_turns -= n;
    memmove(d->turns, d->turns + n, d->n_turns * sizeof *d->turns);
}

static tok_ids *add_turn(dialogue *d) {
    d->turns = array_room(d->turns, &d->capacity, d->n_turns + 1, sizeof *d->turns);
    d->turns[d->n_turns] = (tok_ids){0};
    return &d->turns[d->n_turns++];
}

static int64_t length(const dialogue *d) {
    size_t n = d->beginning.len;
    for (size_t i = 0; i < d->n_turns; i++) n += d->turns[i].len;
    return (int64_t)n;
}

/* The oldest turns go, whole, until the answer has room behind the others. */
static void make_room(dialogue *d) {
    int64_t block_size = d->run->model->config.block_size, room = d->drawing.n_new;
    if (room > block_size / 2) room = block_size / 2;
    size_t n = 0;
    for (int64_t left = length(d); n + 1 < d->n_turns && left + room > block_size; n++)
        left -= (int64_t)d->turns[n].len;
    forget_turns(d, n);
}

/* The assistant is done with <|eos|>, and where it would begin to speak for somebody else. */
static bool hear(void *context, int64_t sample, int32_t id) {
    (void)sample;
    dialogue *d = context;
    const tokenizer *tok = d->run->tok;
    if (tok_is_special(tok, id) && id != tok_unknown(tok)) return false;
    tok_ids_append(&d->turns[d->n_turns - 1], id);
    return printer_add(&d->printer, id) && !interrupt_asked;
}

static void answer(dialogue *d, const char *question) {
    const tokenizer *tok = d->run->tok;
    tok_ids *turn = add_turn(d), prompt = {0};
    chat_render_message(tok, TOK_USER, question, strlen(question), turn, NULL);
    tok_ids_append(turn, tok_role_id(tok, TOK_ASSISTANT));
    make_room(d);
    append(&prompt, &d->beginning);
    for (size_t i = 0; i < d->n_turns; i++) append(&prompt, &d->turns[i]);
    const train_sampling sampling = drawing_sampling(&d->drawing);
    rng_key key = rng_split(rng_from_seed((uint64_t)d->drawing.seed), (uint64_t)d->n_replies++);
    train_generate(d->generator, prompt.data, (int64_t)prompt.len, d->drawing.n_new, &sampling,
                   &key, 1, hear, d);
    tok_ids_append(&d->turns[d->n_turns - 1], tok_role_id(tok, TOK_EOS));
    printer_end(&d->printer);
    putchar('\n');
    fflush(stdout);
    tok_ids_free(&prompt);
}

/* Whoever sits at a terminal may cut an answer short and ask on. */
static void answer_a_person(dialogue *d, const char *question) {
    interrupt_catch();
    answer(d, question);
    interrupt_release();
}

/* Reads a question, or returns false at the end of the input. */
static bool listen(char **line, size_t *size, bool terminal) {
    if (terminal) printf("you> ");
    fflush(stdout);
    if (getline(line, size, stdin) < 0) {
        if (terminal) putchar('\n');
        return false;
    }
    (*line)[strcspn(*line, "\r\n")] = '\0';
    return true;
}

/* Answers questions until the end of the input or "/quit". */
static void converse(dialogue *d) {
    const bool terminal = isatty(STDIN_FILENO) && isatty(STDOUT_FILENO);
    char *line = NULL;
    size_t size = 0;
    if (terminal) puts("/reset begins anew, /quit or Ctrl-D ends, Ctrl-C cuts an answer short");
    while (listen(&line, &size, terminal) && strcmp(line, "/quit") != 0) {
        if (strcmp(line, "/reset") == 0)
            forget_turns(d, d->n_turns);
        else if (line[0])
            (terminal ? answer_a_person : answer)(d, line);
    }
    free(line);
}

static bool check_run(const train_run *run, err *e) {
    return (run->config.format == TRAIN_CHAT && chat_has_special(run->tok)) ||
           err_set(e, ERR_INPUT,
                   "%s: was not trained on conversations (format = chat); try gradus sample %s",
                   run->folder, run->folder);
}

static void begin(dialogue *d, const char *system) {
    tok_ids_append(&d->beginning, tok_role_id(d->run->tok, TOK_BOS));
    if (system)
        chat_render_message(d->run->tok, TOK_SYSTEM, system, strlen(system), &d->beginning, NULL);
    d->generator = train_generator_new(d->run->model, 1, true);
    d->printer.tok = d->run->tok;
}

static void end(dialogue *d) {
    forget_turns(d, d->n_turns);
    free(d->turns);
    tok_ids_free(&d->beginning);
    train_generator_free(d->generator);
}

static bool run(int argc, char **argv, err *e) {
    const char *system = NULL, *precision = "fp32";
    int64_t threads = 0;
    bool last = false;
    dialogue d = {.drawing = DRAWING_UNSET};
    const args_flag flags[] = {
        {"system", ARGS_TEXT, &system, 0, 0, "what the assistant is told before the conversation"},
        DRAWING_FLAGS(d.drawing),
        {"last", ARGS_SWITCH, &last, 0, 0, "the last checkpoint instead of the best"},
        PRECISION_FLAG(precision),
        ARGS_THREADS(threads)};
    args a;
    train_run run;
    if (!args_parse(&a, argc, argv, flags, sizeof flags / sizeof *flags, 1, 1, USAGE, e))
        return false;
    thread_set_count((int)threads);
    if (!train_run_open(&run, a.positional[0], last, e)) return false;
    bool ok = check_run(&run, e) && precision_apply(precision, run.model, e);
    if (ok) {
        d.run = &run;
        drawing_complete(&d.drawing, &run.config);
        begin(&d, system);
        converse(&d);
        end(&d);
    }
    train_run_close(&run);
    return ok;
}

const cmd cmd_chat = {
    "chat", "RUN", "talk to a model that was trained on conversations",
    "Each line of standard input is a question; '/reset' begins a new conversation, '/quit' or the "
    "end of the\ninput ends it. When the conversation outgrows block_size its oldest turns are "
    "forgotten. Ctrl-C cuts\nan answer short. What is not given is taken from [sample] in the run's config.",
    run};
