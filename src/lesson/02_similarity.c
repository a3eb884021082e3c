#include "lesson/02_similarity.h"

#include "base/array.h"
#include "lesson/draw.h"
#include "lesson/lesson.h"

#include <math.h>

static const char *const kind_names[SIMILARITY_KINDS] = {
    "ids, as vectors", "ids, by distance", "one-hot vectors", "random vectors", "trained vectors"};

static void tell_pairs(const page *p, const similarity_lesson *l) {
    static const char *const others[] = {"puppy", "horse", "banana", "tractor"};
    int dog = similarity_find("dog");
    page_line(p, "%-18s %12s %12s %12s %12s", "", "dog~puppy", "dog~horse", "dog~banana",
              "dog~tractor");
    for (int kind = 0; kind < SIMILARITY_KINDS; kind++) {
        double score[COUNT(others)];
        int digits = kind == SIMILARITY_NEAR ? 0 : 3;
        for (size_t i = 0; i < COUNT(others); i++)
            score[i] = l->of[kind].score[dog][similarity_find(others[i])];
        page_line(p, "%-18s %12.*f %12.*f %12.*f %12.*f", kind_names[kind], digits, score[0],
                  digits, score[1], digits, score[2], digits, score[3]);
    }
    page_gap(p);
}

static void tell_triples(const page *p, const similarity_lesson *l) {
    page_line(p, "%-18s %12s %12s %12s", "", "right", "tied", "wrong");
    for (int kind = 0; kind < SIMILARITY_KINDS; kind++) {
        const similarity *s = &l->of[kind];
        double percent = 100 / (double)(s->right + s->tied + s->wrong);
        page_line(p, "%-18s %10.1f %% %10.1f %% %10.1f %%", kind_names[kind],
                  percent * (double)s->right, percent * (double)s->tied,
                  percent * (double)s->wrong);
    }
    page_gap(p);
}

static void tell_what_to_see(const page *p, const similarity_lesson *l,
                             const similarity_plan *plan) {
    page_heading(p, "What to see");
    page_text(p,
              "Ids as vectors of one number all point the same way: every cosine is 1, every "
              "triple a tie. Their distance is no better than tossing a coin: %.0f %% right; it "
              "only says which word is more frequent in the text.",
              100 * similarity_share(&l->of[SIMILARITY_NEAR]));
    page_text(p,
              "One-hot vectors (%lld numbers, one of them 1) are all at right angles: every cosine "
              "is 0. To them a dog is as unlike a puppy as it is unlike a banana.",
              (long long)l->vocabulary);
    page_text(p,
              "Random vectors do differ, but by luck: %.0f %% right. Their cosines spread %.2f "
              "around 0; theory says 1 / sqrt(D), which is %.2f for D = %lld numbers.",
              100 * similarity_share(&l->of[SIMILARITY_RANDOM]),
              similarity_spread(&l->of[SIMILARITY_RANDOM]), 1 / sqrt((double)plan->vector_size),
              (long long)plan->vector_size);
    page_text(p,
              "Trained vectors are right in %.1f %%. They began as random ones and were never "
              "given the classes. Words that occur among the same neighbours were moved in the "
              "same direction. The rest of the course shows how.",
              100 * similarity_share(&l->of[SIMILARITY_TRAINED]));
}

enum { N_DRAWN = 8 };

static void draw(const lesson_room *room, const similarity_lesson *l) {
    static const char *const drawn[N_DRAWN] = {"dog",   "puppy", "cow", "calf",
                                               "lemon", "lime",  "car", "van"};
    static const similarity_kind kinds[] = {SIMILARITY_ONE_HOT, SIMILARITY_RANDOM,
                                            SIMILARITY_TRAINED};
    double cells[COUNT(kinds)][N_DRAWN * N_DRAWN];
    io_panel panels[COUNT(kinds)];
    for (size_t k = 0; k < COUNT(kinds); k++) {
        const similarity *s = &l->of[kinds[k]];
        for (int i = 0; i < N_DRAWN * N_DRAWN; i++)
            cells[k][i] =
                s->score[similarity_find(drawn[i / N_DRAWN])][similarity_find(drawn[i % N_DRAWN])];
        panels[k] = (io_panel){.kind = IO_MATRIX,
                               .title = kind_names[kinds[k]],
                               .cells = cells[k],
                               .rows = N_DRAWN,
                               .cols = N_DRAWN,
                               .row_names = drawn,
                               .col_names = drawn,
                               .digits = 1};
    }
    lesson_draw(room, "02_similarity", "Cosines between words", panels, COUNT(kinds), COUNT(kinds));
}

static bool tell(const lesson_room *room, err *e) {
    const similarity_plan plan = {room->folder, 3000, 20, 32, 2, room->progress};
    const page *p = &room->page;
    similarity_lesson l;
    page_text(p,
              "A dog is more like a puppy than like a banana. Whatever a program does with words, "
              "it should be able to see that. Which way of writing words as numbers shows it?");
    if (!similarity_compute(&l, &plan, e)) return false;
    page_text(
        p,
        "The text: %lld sentences about a farm, made on the spot: %s/farm.txt, %lld different "
        "words. %d of them are animals, fruits and vehicles, %d of each. The score of two words is "
        "the cosine of their vectors: 1 = the same direction, 0 = at right angles. 'By distance' "
        "is minus the difference of the two ids. One-hot: a vector with a 1 at the word's id and 0 "
        "everywhere else. The trained vectors are word2vec's (lesson 10).",
        (long long)plan.n_sentences, room->folder, (long long)l.vocabulary, (int)SIMILARITY_WORDS,
        (int)FARM_WORDS);
    tell_pairs(p, &l);
    page_text(
        p,
        "One example may be luck, so now all %lld triples: a word, another one of its class, and "
        "one of another class. Right means that the two of one class have the higher score.",
        (long long)(l.of[0].right + l.of[0].tied + l.of[0].wrong));
    tell_triples(p, &l);
    tell_what_to_see(p, &l, &plan);
    draw(room, &l);
    return true;
}

/* The distance of any two one-hot vectors. */
static double one_hot_distance(void) {
    const double x[3] = {1, 0, 0}, y[3] = {0, 0, 1};
    double squares = 0;
    for (int i = 0; i < 3; i++) squares += (x[i] - y[i]) * (x[i] - y[i]);
    return sqrt(squares);
}

static double spread_of_400(void) {
    return 1 / sqrt(400);
}

static const lesson_exercise exercises[] = {
    {.question = "Somebody measures the straight-line (Euclidean) distance between one-hot vectors "
                 "instead of the cosine. How far is dog from puppy, and dog from banana? (One "
                 "number for both; two decimals are enough.)",
     .hint = "write both vectors down: they differ in two of their numbers; take the root of the "
             "sum of the squared differences, as a decimal number",
     .number = one_hot_distance,
     .tolerance = 0.01},
    {.question = "How far do the cosines of random vectors of D = 400 numbers spread around 0?",
     .hint = "the lesson gives the rule, and what it is for a smaller D",
     .number = spread_of_400,
     .tolerance = 0.01},
};

const lesson lesson_similarity = {
    .name = "02_similarity",
    .title = "Random ids and one-hot vectors fail",
    .about = "dog is like puppy and unlike banana: which numbers show it?",
    .tell = tell,
    .exercises = exercises,
    .n_exercises = COUNT(exercises),
};
