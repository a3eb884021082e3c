#include "lesson/05_rows.h"

#include "lesson/draw.h"
#include "lesson/run_text.h"
#include "train/trace.h"

static void tell_forward(const page *p, const rows_numbers *r) {
    rows_matrix embedding = r->E;
    const tensor E = tensor_2d(embedding.at[0], ROWS_V, ROWS_D);
    page_text(p,
              "A model that is nothing but an embedding: V = %d words, D = %d numbers each. The "
              "text is two tokens: the model reads \"%s\" (id %d) and has to predict the next one, "
              "the target \"%s\" (id %d).",
              ROWS_V, ROWS_D, r->words[r->read], (int)r->read, r->words[r->told], (int)r->told);
    page_matrix(p, "E, the embedding", r->words, &E, 4);
    page_text(p,
              "1. Lookup: h, the hidden state, is row %d of E. 2. Logits, the scores of all words: "
              "h times each row of E, since E is also the output layer, the head (the weights are "
              "tied). 3. Softmax turns the logits into probabilities p. 4. The loss is -log "
              "p(target). Its gradient with respect to the logits is p - onehot: what was "
              "predicted minus what was right.",
              (int)r->read);
    page_line(p, "h = (%.4f, %.4f, %.4f)", (double)r->h[0], (double)r->h[1], (double)r->h[2]);
    page_line(p, "%-6s %9s %9s %9s %12s", "", "logit", "p", "onehot", "p - onehot");
    for (int v = 0; v < ROWS_V; v++)
        page_line(p, "%-6s %9.4f %9.4f %9d %12.4f", r->words[v], (double)r->logits[v],
                  (double)r->p[v], v == r->told, (double)r->dlogits[v]);
    page_line(p, "loss = -log p(%s) = %.4f", r->words[r->told], r->loss);
    page_gap(p);
}

static void print_three(const page *p, const char *name, const real *a, const real *b,
                        const real *c) {
    page_line(p, "%-4s%8.4f%8.4f%8.4f %8.4f%8.4f%8.4f %8.4f%8.4f%8.4f", name, (double)a[0],
              (double)a[1], (double)a[2], (double)b[0], (double)b[1], (double)b[2], (double)c[0],
              (double)c[1], (double)c[2]);
}

static void tell_backward(const page *p, const rows_numbers *r) {
    page_text(p, "Backpropagation: dE, the gradient of the loss with respect to E, arrives by two "
                 "paths. Output side: row v gets (p - onehot)[v] times h, so every row gets some. "
                 "Input side: the row that was read gets the sum over all v of (p - onehot)[v] "
                 "times row v; no other row was read, so no other row gets anything.");
    page_line(p, "%-4s%24s %24s %24s", "", "dE, output side", "dE, input side", "dE, both");
    for (int v = 0; v < ROWS_V; v++)
        print_three(p, r->words[v], r->output.at[v], r->input.at[v], r->sum.at[v]);
    page_gap(p);
    page_text(p,
              "The last three columns are what the backward pass leaves in the one shared matrix: "
              "they differ from the sum of the two sides by %.0e at most.",
              r->sum_apart);
}

static void tell_step(const page *p, const rows_numbers *r) {
    page_text(p, "The update, E - %g dE (%g is the learning rate):", r->learning_rate,
              r->learning_rate);
    for (int v = 0; v < ROWS_V; v++)
        page_line(p, "%-4s%8.4f%8.4f%8.4f   ->%8.4f%8.4f%8.4f   %s", r->words[v],
                  (double)r->E.at[v][0], (double)r->E.at[v][1], (double)r->E.at[v][2],
                  (double)r->tied.E.at[v][0], (double)r->tied.E.at[v][1],
                  (double)r->tied.E.at[v][2], r->tied.moved[v] ? "moved" : "stayed");
    page_line(p, "loss %.4f -> %.4f, p(%s) %.4f -> %.4f", r->loss, r->tied.loss, r->words[r->told],
              (double)r->p[r->told], r->tied.probability);
    page_gap(p);
    page_text(p,
              "If the weights are not tied, the head is a matrix of its own (here with the same "
              "numbers), and the output side goes there. Then only %d row of the %d of E moves, "
              "the others keep every bit; the loss goes to %.4f.",
              r->untied.n_moved, ROWS_V, r->untied.loss);
}

static void tell_check(const page *p, const rows_numbers *r) {
    const int v = r->read;
    page_text(p, "Is it true? A check by finite differences: move one number of E up and down by "
                 "1e-5, on one side only, and see how much the loss L changes:");
    page_line(p, "%-22s %12s %18s", "", "backward", "(L(+) - L(-)) / 2e-5");
    page_line(p, "%-22s %12.7f %18.7f", "input side, cat[0]", (double)r->input.at[v][0],
              (double)r->input_numeric.at[v][0]);
    page_line(p, "%-22s %12.7f %18.7f", "output side, sat[1]", (double)r->output.at[r->told][1],
              (double)r->output_numeric.at[r->told][1]);
    page_line(p, "largest difference of all %d: %.0e", 2 * ROWS_V * ROWS_D, r->worst);
    page_gap(p);
}

static io_panel panel_of(const rows_numbers *r, const char *title, const rows_matrix *x,
                         double *cells) {
    static const char *const dimensions[ROWS_D] = {"0", "1", "2"};
    for (int i = 0; i < ROWS_V * ROWS_D; i++) cells[i] = (double)x->at[i / ROWS_D][i % ROWS_D];
    return (io_panel){.kind = IO_MATRIX,
                      .title = title,
                      .x_title = "dimension",
                      .y_title = "row of E",
                      .cells = cells,
                      .rows = ROWS_V,
                      .cols = ROWS_D,
                      .row_names = r->words,
                      .col_names = dimensions,
                      .digits = 3};
}

static void draw(const lesson_room *room, const rows_numbers *r) {
    double cells[3][ROWS_V * ROWS_D];
    const io_panel panels[] = {panel_of(r, "dE, output side", &r->output, cells[0]),
                               panel_of(r, "dE, input side", &r->input, cells[1]),
                               panel_of(r, "dE, both", &r->sum, cells[2])};
    lesson_draw(room, "05_rows", "Input cat, target sat: the gradient of the embedding matrix E",
                panels, 3, 3);
}

/* The rows that a text of the user's run reads, with the gradient of each side. */
static void print_trace(const page *p, const tokenizer *tok, const train_trace *tr) {
    enum { MOST = 12, COLUMNS = 16 };
    char cell[PAGE_CELL_BYTES];
    str token = {0};
    page_line(p, "%-16s %7s %12s %12s %12s", "row read", "id", "input side", "output side",
              tr->tied ? "both" : "");
    for (int64_t i = 0; i < tr->n_rows && i < MOST; i++) {
        const train_trace_row row = train_trace_row_of(tr, tr->rows[i]);
        token.len = 0;
        tok_printable_solid(tok, tr->rows[i], &token);
        page_cell(cell, token.data, COLUMNS);
        if (tr->tied)
            page_line(p, "%s %7d %12.6f %12.6f %12.6f", cell, (int)tr->rows[i], row.input,
                      row.output, row.sum);
        else
            page_line(p, "%s %7d %12.6f %12.6f", cell, (int)tr->rows[i], row.input, row.output);
    }
    str_free(&token);
    page_gap(p);
    page_text(p,
              "Norms of the gradient rows; loss %.4f. On the input side %lld of %lld rows get a "
              "gradient, on the output side all.",
              tr->loss, (long long)tr->n_rows, (long long)tr->V);
}

static bool tell_run(const lesson_room *room, err *e) {
    enum { SHOWN = 200 };
    const page *p = &room->page;
    run_text t;
    bool ok = run_text_open(&t, room, e);
    if (ok) {
        const int64_t most = t.run.model->config.block_size, T = (int64_t)t.ids.len - 1;
        train_trace *tr = train_trace_new(t.run.model, t.ids.data, T < most ? T : most);
        const int shown = page_fit(t.text, SHOWN);
        page_heading(p, "The same in %s", room->run);
        page_text(p, "\"%.*s%s\" forward and backward through your own model:", shown, t.text,
                  t.text[shown] ? " ..." : "");
        print_trace(p, t.run.tok, tr);
        train_trace_free(tr);
    }
    run_text_close(&t);
    return ok;
}

static bool tell(const lesson_room *room, err *e) {
    const rows_numbers r = rows_compute();
    const page *p = &room->page;
    tell_forward(p, &r);
    tell_backward(p, &r);
    tell_step(p, &r);
    tell_check(p, &r);
    draw(room, &r);
    if (room->run && !tell_run(room, e)) return false;
    page_text(p, "The same for any text in a GPT that you have trained, position by position (RUN "
                 "is its folder: runs/demo after 'make demo'):");
    page_line(p, "gradus trace %s --text TEXT", room->run ? room->run : "RUN");
    return true;
}

/* "the cat sat on the mat": mat is only told. */
static double rows_read(void) {
    static const int32_t read[] = {0, 1, 2, 3, 0};
    return (double)rows_touched(read, sizeof read / sizeof *read);
}

static const lesson_exercise exercises[] = {
    {.question =
         "The weights are not tied. The text is \"the cat sat on the mat\": each word but the last "
         "is read, each but the first is a target. How many rows of E get a gradient?",
     .hint = "count the different words that are read; one occurs twice, and one is only a target",
     .number = rows_read},
    {.question = "The output side of the row \"on\" is a positive number times h. The update "
                 "subtracts it. Does the logit of \"on\", h times that row, rise or fall?",
     .hint = "row - rate * c h, multiplied by h, is the old logit - rate * c * (h times h)",
     .words = "fall|falls|logit falls|drops|decreases|goes down|down"}};

const lesson lesson_rows = {
    .name = "05_rows",
    .title = "Backprop into the rows",
    .about = "from two token ids to the gradient of each row, every number printed",
    .takes_run = true,
    .takes_text = true,
    .tell = tell,
    .exercises = exercises,
    .n_exercises = sizeof exercises / sizeof *exercises,
};
