#include "autograd/graph.h"
#include "autograd/ops.h"
#include "base/mem.h"
#include "base/thread.h"
#include "cli/args.h"
#include "cli/cmd.h"
#include "io/graphviz.h"
#include "train/run.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define USAGE "graph CONFIG.ini|RUN --text TEXT --out FILE.svg [--layers N] [--numbers N]"

enum { PATH_SIZE = 1024 };

/* A model with gradients, and how a text becomes its ids. */
typedef struct subject {
    const char *name; /* as typed */
    tokenizer *tok;
    nn_gpt *model;
} subject;

static void subject_close(subject *s) {
    tok_free(s->tok);
    nn_gpt_free(s->model);
}

/* Nothing is dropped: the loss is that of the text. */
static nn_gpt *model_of(const config *c, const tokenizer *tok) {
    nn_gpt_config mc = train_model_config(c, tok_vocab_size(tok));
    mc.dropout = 0;
    return nn_gpt_new(&mc, true);
}

static bool open_run(subject *s, const char *folder, err *e) {
    train_run run;
    if (!train_run_open(&run, folder, false, e)) return false;
    s->model = model_of(&run.config, run.tok);
    memcpy(s->model->params.value, run.model->params.value,
           (size_t)run.model->params.numel * sizeof(real));
    s->tok = run.tok;
    run.tok = NULL;
    train_run_close(&run);
    return true;
}

/* A tokenizer of the type that the config names, learned from the text alone. */
static tokenizer *tokenizer_of(const config *c, const char *text, err *e) {
    tok_training how = {.normalize = c->normalize, .special = c->special_tokens};
    const tok_text piece = {text, strlen(text)};
    if (!cfg_tokenizer_type(c, &how.type)) return tok_open(c->tokenizer, e);
    return tok_train(&how, &piece, 1, e);
}

static bool open_config(subject *s, const char *path, const char *text, err *e) {
    config c;
    cfg_defaults(&c);
    if (!cfg_read(&c, path, e) || !cfg_validate(&c, path, e)) return false;
    if (c.objective != TRAIN_GPT)
        return err_set(e, ERR_INPUT, "%s: trains word vectors, not a GPT", path);
    s->tok = tokenizer_of(&c, text, e);
    if (!s->tok) return false;
    s->model = model_of(&c, s->tok);
    nn_params_init(&s->model->params, rng_from_seed((uint64_t)c.seed));
    return true;
}

static bool subject_open(subject *s, const char *name, const char *text, err *e) {
    const size_t length = strlen(name);
    *s = (subject){.name = name};
    if (length > 4 && strcmp(name + length - 4, ".ini") == 0) return open_config(s, name, text, e);
    return open_run(s, name, e);
}

static bool check_length(const subject *s, const tok_ids *ids, err *e) {
    const int64_t most = s->model->config.block_size + 1;
    if (ids->len < 2)
        return err_set(e, ERR_INPUT,
                       "--text has %s, at least 2 tokens are needed: a loss foretells one",
                       ids->len == 0 ? "no token" : "one token");
    return (int64_t)ids->len <= most ||
           err_set(e, ERR_INPUT, "--text has %zu tokens, more than the %lld that %s can take",
                   ids->len, (long long)most, s->name);
}

static void name_queries_keys_values(const ag_tape *t) {
    static const char *const names[] = {"q", "k", "v"};
    int n;
    ag_var *const *vars = ag_tape_vars(t, &n);
    for (int i = 0; i < n; i++)
        for (int k = 0; k < 3 && strcmp(ag_op_name(vars[i]), "attention") == 0; k++)
            vars[i]->in[k]->name = names[k];
}

/* The loss of the text on the tape, forward and backward, its milestones named. */
static ag_var *compute(const subject *s, ag_tape *t, const tok_ids *ids) {
    const nn_gpt *m = s->model;
    const int64_t n_layer = m->config.n_layer, T = (int64_t)ids->len - 1;
    ag_var **layers = mem_new((size_t)n_layer + 2, sizeof(ag_var *));
    ag_var *hidden = nn_gpt_forward_layers(m, t, ids->data, 1, T, layers);
    ag_var *loss = ag_linear_cross_entropy(t, hidden, m->head, ids->data + 1);
    name_queries_keys_values(t);
    layers[0]->name = "rows of the tokens";
    hidden->name = "last hidden state";
    loss->name = "loss";
    ag_backward(t, loss, 1);
    free(layers);
    return loss;
}

/* Long texts are cut at a whole character. */
static str title_of(const subject *s, const char *text) {
    enum { MOST_BYTES = 80 };
    str title = {0};
    size_t n = strlen(text), length = 0;
    while (length < n && length < MOST_BYTES) length += str_utf8_length(text + length, n - length);
    str_printf(&title, "The loss of \"%.*s%s\" by %s", (int)length, text, length < n ? " ..." : "",
               s->name);
    return title;
}

static void print_outcome(const subject *s, const ag_graph_options *o, ag_graph_size size,
                          const char *out, const char *graph) {
    printf("%s: loss %.4f\n", s->name, (double)o->y->value.data[0]);
    if (o->n_open < s->model->config.n_layer)
        printf("%lld of %lld blocks are drawn as one box each; --layers %lld draws all in full\n",
               (long long)(s->model->config.n_layer - o->n_open),
               (long long)s->model->config.n_layer, (long long)s->model->config.n_layer);
    printf("%s: %lld boxes, %lld arrows\n", out, (long long)size.boxes, (long long)size.arrows);
    if (strcmp(out, graph) != 0) printf("%s: the same as DOT\n", graph);
}

static bool draw(const subject *s, const char *text, ag_graph_options o, const char *out,
                 const char *graph, err *e) {
    const tok_options options = {.allow_special = true};
    tok_ids ids = {0};
    str dot = {0}, title = {0};
    ag_tape *t = ag_tape_new(AG_KEEP);
    tok_encode(s->tok, text, strlen(text), &options, &ids);
    bool ok = check_length(s, &ids, e);
    if (ok) {
        title = title_of(s, text);
        o.title = title.data;
        o.y = compute(s, t, &ids);
        ag_graph_size size = ag_graph_write(&dot, t, &o);
        ok = io_graphviz_write(out, dot.data, dot.len, e);
        if (ok) print_outcome(s, &o, size, out, graph);
    }
    ag_tape_free(t);
    str_free(&title);
    str_free(&dot);
    tok_ids_free(&ids);
    return ok;
}

static bool run(int argc, char **argv, err *e) {
    int64_t layers = 1, numbers = 8, threads = 0;
    const char *text = NULL, *out = NULL;
    const args_flag flags[] = {
        {"text", ARGS_TEXT, &text, 0, 0, "the text whose loss is drawn"},
        {"out", ARGS_TEXT, &out, 0, 0, "the picture, a .svg, .png or .pdf, or just a .dot"},
        {"layers", ARGS_INT, &layers, 0, 1 << 20,
         "blocks drawn in full (1); the others are a box each"},
        {"numbers", ARGS_INT, &numbers, 0, 1024,
         "tensors of at most so many show each (8); others norm and range"},
        ARGS_THREADS(threads)};
    char graph[PATH_SIZE];
    args a;
    subject s;
    if (!args_parse(&a, argc, argv, flags, sizeof flags / sizeof *flags, 1, 1, USAGE, e))
        return false;
    if (!text || !out) return err_set(e, ERR_USAGE, "usage: gradus %s", USAGE);
    if (!io_graphviz_name(out, graph, sizeof graph, e)) return false;
    thread_set_count((int)threads);
    const ag_graph_options o = {
        .numbers = numbers, .digits = 3, .formulas = true, .grouped = true, .n_open = layers};
    bool ok = subject_open(&s, a.positional[0], text, e) && draw(&s, text, o, out, graph, e);
    subject_close(&s);
    return ok;
}

const cmd cmd_graph = {
    "graph", "CONFIG.ini|RUN --text TEXT --out FILE.svg",
    "what the tape remembers of a loss, drawn",
    "Runs the text through the model, forward and backward, and draws every variable with its op,\n"
    "shape, value and gradient. Of a config: fresh weights from its seed, and a tokenizer of its "
    "type\nlearned from the text. Graphviz draws the picture; beside it stands the graph, FILE.dot, "
    "which\nneeds no Graphviz:\n\n"
    "    gradus graph runs/demo --text \"in the beginning\" --out graph.svg",
    run};
