#include "lesson/08_positions.h"

#include "base/array.h"
#include "lesson/cosine.h"
#include "lesson/draw.h"

#include <stdlib.h>

static const char name[] = "08_positions";
enum { STEPS = 500, PLACES = POSITIONS_PLACES, WIDTH = POSITIONS_WIDTH };

static void tell_text(const positions *x, int64_t steps, const page *p) {
    page_text(p, "A GPT looks at all words before the one it is at, at once. Nothing in that says "
                 "which of them came first, so the model has to be given the position of each "
                 "token. Three ways are in use, and gradus has them all (position = "
                 "learned|sinusoidal|rope; none = no positions):");
    page_line(p, "learned     a row of numbers for each position, trained like all others, added");
    page_line(p, "            to the vector of the token (GPT-2)");
    page_line(p, "sinusoidal  the same, with rows of sines that are not trained (Vaswani, 2017)");
    page_line(p, "RoPE        nothing is added; inside attention, the query and the key of each");
    page_line(p, "            token are rotated by an angle that grows with the position (LLaMA)");
    page_gap(p);
    page_text(p,
              "To see what a position is worth, five small models have just learned a text in "
              "which three words come round again and again, dog bites man dog bites man dog ..., "
              "then three others. A model that knows positions only has to look three words back.");
    page_line(p, "positions       loss after %lld steps", (long long)steps);
    for (int i = 0; i < POSITIONS_MODELS; i++)
        page_line(p, "%-15s %6.3f", x->models[i].name, x->models[i].loss);
    page_gap(p);
    page_text(p, "What to see: without positions the loss stays high: the model knows which words "
                 "there are, but not which of them comes next.");
}

/* The first places and columns of a table of places. */
static void print_corner(const page *p, const char *title, const real *rows) {
    enum { SHOWN_PLACES = 3, SHOWN_COLUMNS = 8 };
    static const char *const places[] = {"position 0", "position 1", "position 2"};
    tensor corner = tensor_2d((real *)rows, SHOWN_PLACES, WIDTH);
    corner.shape[1] = SHOWN_COLUMNS;
    page_matrix(p, title, places, &corner, 3);
}

static void tell_rows(const positions *x, const page *p) {
    page_heading(p, "Three tables of positions");
    page_text(p, "The beginning of each: the first 3 of %d positions, 8 of %d columns.", PLACES,
              WIDTH);
    print_corner(p, "learned", x->models[0].model->wpe.weight->value.data);
    print_corner(p, "sinusoidal", x->models[1].model->sines);
    print_corner(p, "RoPE, of a vector of ones", x->rope[0]);
    page_text(p, "What to see: RoPE leaves a vector at position 0 as it is; with each position it "
                 "rotates pairs of columns, one from each half, every pair more slowly than the "
                 "one before. The sinusoidal rows are sines and cosines by turns and slow down in "
                 "the same way. Learned rows look like noise, but training found what this text "
                 "needs. The mean cosine of two learned rows:");
    page_line(p, "distance     %6d %6d %6d %6d %6d %6d", 1, 2, 3, 4, 5, 6);
    page_line(p, "cosine       %6.2f %6.2f %6.2f %6.2f %6.2f %6.2f", x->alike[1], x->alike[2],
              x->alike[3], x->alike[4], x->alike[5], x->alike[6]);
    page_gap(p);
    page_text(
        p,
        "Rows three positions apart are alike, since the words of the text come back after three.");
}

static void tell_places(const positions *x, const page *p) {
    page_heading(p, "One word at two positions");
    page_text(p, "\"dog\" at positions 3 and 6 of \"dog bites man dog bites man dog\": how alike "
                 "are its two vectors? (Cosine: 1 = the same direction.)");
    page_line(p, "positions       into block 1   its query   after the blocks");
    for (int i = 0; i < POSITIONS_MODELS; i++) {
        const positions_model *m = &x->models[i];
        page_line(p, "%-15s %12.4f %11.4f %18.4f", m->name, m->into, m->query, m->out);
    }
    page_gap(p);
    page_text(p, "What to see: adding rows makes two vectors of one word before the first block; "
                 "RoPE leaves the vector alone and makes two queries of it. Without positions both "
                 "are one and the same. After the blocks most pairs are close again: there a "
                 "vector predicts the next word, and after both comes \"bites\". They differ a "
                 "little even without positions, since the second has more words before it.");
}

static void tell_order(const positions *x, const page *p) {
    page_heading(p, "Without positions, attention cannot see order");
    page_text(p, "The same words twice, the first and the third exchanged: \"dog bites man and "
                 "then\", \"man bites dog and then\". How far apart are the two vectors of "
                 "\"then\" after all blocks, and which word does each model expect next?");
    page_line(p, "positions       largest difference   after dog..man   after man..dog");
    for (int i = 0; i < POSITIONS_MODELS; i++) {
        const positions_model *m = &x->models[i];
        page_line(p, "%-15s %18.2g   %15s   %14s", m->name, m->order, m->next[0], m->next[1]);
    }
    page_gap(p);
    page_text(p, "What to see: with one block and no positions the difference is only rounding. "
                 "Attention is a weighted mean over the words so far, and a mean has no order. "
                 "With two blocks order leaks in: in the first one each word sees only those "
                 "before it, so \"bites\" has another vector after \"dog\" than after \"man\", and "
                 "the second block sees that. It is a weak hint; the loss above shows how weak.");
}

static void tell_distance(const positions *x, const page *p) {
    static const int pairs[][2] = {{3, 1}, {10, 8}, {23, 21}, {5, 0}, {20, 15}};
    page_heading(p, "RoPE knows distances");
    page_text(p,
              "One query q and one key k (random, width %d), q at position t and k at position s: "
              "their dot product is the score of attention (lesson 9).",
              WIDTH);
    page_line(p, "  t    s   t - s     q . k");
    for (size_t i = 0; i < COUNT(pairs); i++) {
        int t = pairs[i][0], s = pairs[i][1];
        page_line(p, "%3d  %3d   %5d   %7.4f", t, s, t - s, (double)x->scores[t][s]);
    }
    page_gap(p);
    page_text(p,
              "What to see: the score depends on t - s only (over all %d x %d positions, scores of "
              "equal distance differ by %.1g at most). What is two words back is two words back "
              "anywhere in the text.",
              PLACES, PLACES, x->uneven);
}

static double *doubles_new(const real *x, int64_t n) {
    double *y = mem_new((size_t)n, sizeof *y);
    for (int64_t i = 0; i < n; i++) y[i] = (double)x[i];
    return y;
}

/* Cosines of all pairs of rows. */
static double *cosines_new(const real *rows) {
    double *y = mem_new(PLACES * PLACES, sizeof *y);
    for (int t = 0; t < PLACES; t++)
        for (int s = 0; s < PLACES; s++)
            y[t * PLACES + s] = lesson_cosine(rows + t * WIDTH, rows + s * WIDTH, WIDTH);
    return y;
}

static io_panel panel_of(const char *title, const double *cells, int64_t cols) {
    return (io_panel){.kind = IO_MATRIX,
                      .title = title,
                      .x_title = cols == PLACES ? "position s" : "column",
                      .y_title = cols == PLACES ? "position t" : "position",
                      .cells = cells,
                      .rows = PLACES,
                      .cols = cols,
                      .digits = -1};
}

static void draw(const positions *x, const lesson_room *room) {
    const real *learned = x->models[0].model->wpe.weight->value.data;
    const real *sines = x->models[1].model->sines;
    double *cells[6] = {doubles_new(learned, PLACES * WIDTH),
                        doubles_new(sines, PLACES * WIDTH),
                        doubles_new(x->rope[0], PLACES * WIDTH),
                        cosines_new(learned),
                        cosines_new(sines),
                        doubles_new(x->scores[0], PLACES * PLACES)};
    const io_panel panels[] = {panel_of("learned", cells[0], WIDTH),
                               panel_of("sinusoidal", cells[1], WIDTH),
                               panel_of("RoPE of a vector of ones", cells[2], WIDTH),
                               panel_of("learned: cosine of two rows", cells[3], PLACES),
                               panel_of("sinusoidal: cosine of two rows", cells[4], PLACES),
                               panel_of("RoPE: q at t times k at s", cells[5], PLACES)};
    lesson_draw(room, name, "How a model knows the position of a token", panels, COUNT(panels), 3);
    for (size_t i = 0; i < COUNT(cells); i++) free(cells[i]);
}

void positions_tell(const lesson_room *room, int64_t steps) {
    positions *x = positions_new(steps, room->progress);
    tell_text(x, steps, &room->page);
    tell_rows(x, &room->page);
    tell_places(x, &room->page);
    tell_order(x, &room->page);
    tell_distance(x, &room->page);
    draw(x, room);
    positions_free(x);
}

static bool tell(const lesson_room *room, err *e) {
    (void)e;
    positions_tell(room, STEPS);
    return true;
}

static double place_of_the_key(void) {
    return 30 - (12 - 5);
}

static double learned_numbers(void) {
    const nn_gpt_config gpt2 = {.block_size = 1024, .n_embd = 768};
    return (double)(gpt2.block_size * gpt2.n_embd);
}

static const lesson_exercise exercises[] = {
    {.question =
         "Under RoPE a query at position 12 and a key at position 5 have some score. The query "
         "moves to position 30. At which position must the key be for the same score?",
     .hint = "the score depends on t - s only; what was the distance?",
     .number = place_of_the_key},
    {.question = "GPT-2 reads up to 1,024 tokens, its vectors have 768 numbers, and its positions "
                 "are learned. How many numbers does it learn for them?",
     .hint = "one row for each position, as wide as the vector of a token",
     .number = learned_numbers},
};

const lesson lesson_positions = {
    .name = name,
    .title = "Positions",
    .about = "how a model knows the order of tokens, and what happens when it does not",
    .tell = tell,
    .exercises = exercises,
    .n_exercises = COUNT(exercises),
};
