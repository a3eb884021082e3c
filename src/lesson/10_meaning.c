#include "lesson/10_meaning.h"

#include "embed/analogy.h"
#include "train/kingdom.h"

#include <math.h>

enum { SENTENCES = 8000, EPOCHS = 12, WIDTH = MEANING_WIDTH };

static void print_row(const page *p, const meaning *m, int64_t i) {
    const small_table *t = m->snapshots[i];
    char loss[16] = "-";
    if (i > 0) snprintf(loss, sizeof loss, "%.4f", m->losses[i]);
    page_line(p, "%5lld  %6s  %6.2f  %6.2f  %8.2f  %8.2f  %8lld  %8.1f %%", (long long)i, loss,
              small_table_cosine(t, "king", "queen"), small_table_cosine(t, "paris", "france"),
              small_table_cosine(t, "king", "elephant"), meaning_any_cosine(t),
              (long long)meaning_ask(t).queen, 100 * meaning_accuracy(t));
}

static void print_course(const page *p, const meaning *m) {
    page_heading(p, "Cosines, and king - man + woman, epoch by epoch");
    static const char *const head[2][8] = {
        {"", "", "king", "paris", "king", "any two", "rank of", "questions"},
        {"epoch", "loss", "queen", "france", "elephant", "words", "queen", "answered"}};
    for (int i = 0; i < 2; i++)
        page_line(p, "%5s  %6s  %6s  %6s  %8s  %8s  %8s  %10s", head[i][0], head[i][1], head[i][2],
                  head[i][3], head[i][4], head[i][5], head[i][6], head[i][7]);
    for (int64_t i = 0; i < m->n_snapshots; i++) print_row(p, m, i);
    page_gap(p);
    const small_table *first = m->snapshots[1], *last = m->snapshots[m->n_snapshots - 1];
    page_text(
        p,
        "Epoch 0 is before training: random vectors, small cosines, related or not. After the "
        "first epoch any two words have a cosine of %.2f on average: at first all vectors move in "
        "the same direction, and a high cosine means nothing yet. Then they part: at the end king "
        "and queen have %.2f, paris and france %.2f, king and elephant %.2f, any two words %.2f.",
        meaning_any_cosine(first), small_table_cosine(last, "king", "queen"),
        small_table_cosine(last, "paris", "france"), small_table_cosine(last, "king", "elephant"),
        meaning_any_cosine(last));
    page_text(p, "The loss says how badly real neighbours are distinguished from random words. It "
                 "is all that training minimises; the columns to its right were never a goal.");
}

static void print_answers(const page *p, const meaning *m) {
    const int64_t last = m->n_snapshots - 1, shown[] = {0, 1, 2, last};
    int n_questions;
    train_kingdom_questions(&n_questions);
    static const char *const when[] = {"before", "after 1 epoch", "after 2 epochs", "at the end"};
    page_heading(p, "king - man + woman: the three best answers");
    for (int i = 0; i < 4; i++) {
        meaning_answers a = meaning_ask(m->snapshots[shown[i]]);
        page_line(p, "%-14s  %-10s %5.2f   %-10s %5.2f   %-10s %5.2f", when[i], a.best[0],
                  a.scores[0], a.best[1], a.scores[1], a.best[2], a.scores[2]);
    }
    page_gap(p);
    page_text(p,
              "The vectors of king, man and woman are added and subtracted number by number; the "
              "answer is the word whose vector points most nearly the same way. queen begins at "
              "rank %lld of %lld and ends at rank %lld. The last column of the table above asks "
              "all %d questions of this kind that the small world of the text can answer, capitals "
              "and plurals among them: %.0f %% come out right at the end.",
              (long long)meaning_ask(m->snapshots[0]).queen, (long long)m->trained.vocabulary.n - 3,
              (long long)meaning_ask(m->snapshots[last]).queen, n_questions,
              100 * meaning_accuracy(m->snapshots[last]));
}

enum { NEIGHBOURS = 5 };

/* The most similar words before, in the middle and at the end, side by side. */
static void print_neighbours(const page *p, const meaning *m, const char *word) {
    const int64_t shown[] = {0, 1, m->n_snapshots - 1};
    embed_neighbour found[3][NEIGHBOURS];
    for (int i = 0; i < 3; i++) {
        const small_table *t = m->snapshots[shown[i]];
        int64_t row = small_table_row(t, word);
        embed_nearest(&t->table, t->table.units + row * t->table.width, &row, 1, 0, NEIGHBOURS,
                      found[i]);
    }
    page_heading(p, "The nearest neighbours of %s", word);
    page_line(p, "%-22s  %-22s  %s", "before", "after 1 epoch", "at the end");
    char *const *names = m->trained.vocabulary.names;
    for (int k = 0; k < NEIGHBOURS; k++)
        page_line(p, "%-16.16s %5.2f  %-16.16s %5.2f  %-16.16s %5.2f", names[found[0][k].row],
                  found[0][k].score, names[found[1][k].row], found[1][k].score,
                  names[found[2][k].row], found[2][k].score);
    page_gap(p);
    page_text(p, "The text of this lesson is simply split at spaces, so 'crown,' is a word, too.");
}

static void print_arrows(const page *p, const meaning *m) {
    static const char *const royal[] = {"king", "queen", "man", "woman"}, *const capital[] = {
                                                                              "france", "paris",
                                                                              "italy", "rome"};
    const small_table *first = m->snapshots[0], *last = m->snapshots[m->n_snapshots - 1];
    page_text(p,
              "The second picture shows the same words six times on the same two axes: the "
              "directions in which these vectors differ most (principal components), each time "
              "after the mean of the words is subtracted. All begin in one place; people and "
              "countries part first, then men and women. An arrow is the difference that an "
              "analogy relies on: the one from king to queen and the one from man to woman had a "
              "cosine of %.2f before and have %.2f now; france to paris and italy to rome %.2f and "
              "%.2f, though most of that lies in the %d directions that a flat map leaves out.",
              meaning_arrows(first, royal), meaning_arrows(last, royal),
              meaning_arrows(first, capital), meaning_arrows(last, capital), WIDTH - 2);
}

static bool check_word(const meaning *m, const char *word, err *e) {
    const embed_table *table = &m->snapshots[0]->table;
    if (embed_find(table, word) >= 0) return true;
    const char *nearest = embed_nearest_name(table, word);
    return err_set(e, ERR_INPUT, "--word '%.40s': not in the text of this lesson%s%s%s", word,
                   nearest ? " (did you mean '" : "", nearest ? nearest : "", nearest ? "'?)" : "");
}

static void tell_of(const lesson_room *room, const meaning *m, const char *word) {
    const page *p = &room->page;
    page_text(p,
              "word2vec reads %d sentences about a small invented world %lld times. Each word has "
              "a vector of %d numbers, at first random; the task is to distinguish the words that "
              "really occurred near it from words drawn at random (negative samples). %lld words "
              "occur often enough to have a vector. After each epoch, one pass through the text, "
              "we look at the vectors.",
              SENTENCES, (long long)(m->n_snapshots - 1), WIDTH,
              (long long)m->trained.vocabulary.n);
    print_course(p, m);
    print_answers(p, m);
    print_neighbours(p, m, word);
    meaning_draw(room, m);
    print_arrows(p, m);
}

static bool tell(const lesson_room *room, err *e) {
    meaning m;
    const char *word = room->word ? room->word : "king";
    bool ok = meaning_make(&m, room->folder, SENTENCES, EPOCHS, e) && check_word(&m, word, e);
    if (ok) {
        meaning_learn(&m, room->progress);
        tell_of(room, &m, word);
    }
    meaning_free(&m);
    return ok;
}

/* Cosines of random vectors spread by this much. */
static double spread_of_cosines(void) {
    return 1 / sqrt((double)WIDTH);
}

static const lesson_exercise exercises[] = {
    {.question = "Which word do you expect as the best answer to paris - france + italy?",
     .hint = "which word is to italy what paris is to france?",
     .words = "rome"},
    {.question = "Before training the cosines are small, not 0: those of random vectors of D "
                 "numbers spread around 0 by about 1 / sqrt(D). How much is that here?",
     .hint = "D is how many numbers a vector has; the first paragraph says it",
     .number = spread_of_cosines,
     .tolerance = 0.03},
};

const lesson lesson_meaning = {
    .name = "10_meaning",
    .title = "Meaning emerges",
    .about = "king - man + woman, and the vectors of words, while a model trains",
    .takes_word = true,
    .tell = tell,
    .exercises = exercises,
    .n_exercises = sizeof exercises / sizeof *exercises,
};
