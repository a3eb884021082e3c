#include "lesson/banks.h"

#include "base/rng.h"

/* A capital letter stands for a word that is drawn: P a person, A an adjective, T a thing of the
 * world. */
enum { WORLDS = 2, CHOICES = 6 };

static const char *const people[CHOICES] = {"anna", "ben", "clara", "david", "emma", "tom"};
static const char *const adjectives[CHOICES] = {"old", "small", "new", "heavy", "lost", "good"};

typedef struct world {
    const char *things[CHOICES];
    const char *before[CHOICES], *after[CHOICES]; /* the word "bank" */
    const char *plain[CHOICES];
} world;

static const world worlds[WORLDS] = {
    {.things = {"money", "gold", "silver", "cash", "coins", "savings"},
     .before = {"P took the T to the", "P sent the A T to the", "P had T and went to the",
                "the T of P was in the", "P lost the T and ran to the", "P kept all the T in the"},
     .after = {"for a loan .", "whose clerk counted it .", "to open an account .",
               "because interest was high .", "which paid P well .", "with a signed cheque ."},
     .plain = {"P earned the T .", "the A T was spent .", "P paid for it with T .",
               "the price was A , said P .", "P saved the A T .", "the T was worth a lot ."}},
    {.things = {"boat", "raft", "canoe", "net", "fish", "oar"},
     .before = {"P took the T to the", "P pulled the A T to the", "P had a T and went to the",
                "the T of P was on the", "P lost the T and ran to the",
                "P rowed with the T along the"},
     .after = {"of the river .", "where tall reeds grew .", "under the willow .",
               "beside the stream .", "near deep water .", "and sat in the A grass ."},
     .plain = {"P washed the T .", "the A T was wet .", "P saw the T in the river .",
               "the water was A , said P .", "P mended the A T .", "the T went down the stream ."}},
};

static const char *draw(const char *const *words, rng_stream *random) {
    return words[rng_next_below(random, CHOICES)];
}

static const char *word_for(char letter, const world *w, rng_stream *random) {
    return draw(letter == 'P' ? people : letter == 'A' ? adjectives : w->things, random);
}

/* Writes the words with a blank behind each. */
static void write_words(FILE *out, const char *words, const world *w, rng_stream *random) {
    for (const char *c = words; *c; c++)
        if (*c >= 'A' && *c <= 'Z')
            fputs(word_for(*c, w, random), out);
        else
            fputc(*c, out);
    fputc(' ', out);
}

void banks_write(FILE *out, int64_t n_sentences, uint64_t seed) {
    rng_stream random = {.key = rng_from_seed(seed)};
    for (int64_t i = 0; i < n_sentences; i++) {
        const world *w = &worlds[rng_next_below(&random, WORLDS)];
        if (rng_next_below(&random, 4) == 0) {
            write_words(out, draw(w->plain, &random), w, &random);
            continue;
        }
        write_words(out, draw(w->before, &random), w, &random);
        write_words(out, "bank", w, &random);
        write_words(out, draw(w->after, &random), w, &random);
    }
}
