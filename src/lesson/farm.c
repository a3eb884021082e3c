#include "lesson/farm.h"

#include "base/array.h"
#include "base/check.h"
#include "base/rng.h"

#include <stdbool.h>
#include <string.h>

const farm_class farm_classes[FARM_CLASSES] = {
    {"animal",
     {"dog", "puppy", "cat", "kitten", "cow", "calf", "horse", "foal", "sheep", "lamb", "pig",
      "piglet"}},
    {"fruit",
     {"banana", "mango", "apple", "pear", "lemon", "lime", "peach", "apricot", "plum", "cherry",
      "grape", "melon"}},
    {"vehicle",
     {"car", "van", "truck", "tractor", "bus", "coach", "bicycle", "scooter", "train", "tram",
      "boat", "ferry"}},
};

/* What goes with the kins of each class. */
static const char *const company[FARM_CLASSES][FARM_KINS] = {
    {"kennel", "basket", "cowshed", "stable", "fold", "sty"},
    {"palm", "orchard", "lemonade", "jam", "cake", "vineyard"},
    {"garage", "barnyard", "timetable", "helmet", "railway", "harbour"},
};

/* The slots of a sentence: {x} the word, {kin} what goes with its kin, and names of fillers. */
static const char *const class_sentences[FARM_CLASSES][6] = {
    {"the {x} sleeps in the {kin} all night", "the hungry {x} eats {how}",
     "{who} strokes the fur of the {x}", "the {x} runs to its {kin} and drinks",
     "a {quality} {x} wags its tail {how}", "the ears of the {x} hear {who}"},
    {"{who} peels the ripe {x} {how}", "the juice of the {x} is sweet",
     "a {quality} {x} hangs on the branch", "ripe {x} from the {kin} tastes sour",
     "{who} slices a {x} for the {kin}", "the skin of the {x} is soft and {quality}"},
    {"{who} drives the {x} into the {kin}", "the {x} stops {how} and the passengers leave",
     "the wheels and the engine of the {x} are {quality}", "{who} steers the {x} past the {kin}",
     "the {quality} {x} needs fuel and a driver", "the brakes of the {x} squeal {how}"},
};
static const char *const any_sentences[] = {
    "{who} sees the {x} near the {place}", "there is a {quality} {x} at the {place}",
    "{who} likes this {x} {how}", "where is the {quality} {x} of {who}"};

static const char *const people[] = {"anna", "ben", "clara", "david", "the farmer", "a child"};
static const char *const qualities[] = {"small", "old", "young", "brown", "green", "fine"};
static const char *const manners[] = {"slowly", "quickly", "again", "today", "very much"};
static const char *const places[] = {"gate", "market", "river", "house", "field", "road"};

static const struct {
    const char *name;
    const char *const *words;
    uint32_t n;
} fillers[] = {{"who", people, COUNT(people)},
               {"quality", qualities, COUNT(qualities)},
               {"how", manners, COUNT(manners)},
               {"place", places, COUNT(places)}};

static const char *draw(const char *const *words, size_t n, rng_stream *s) {
    return words[rng_next_below(s, (uint32_t)n)];
}

/* What stands for the slot name[0..len) beside word number `word` of the class. */
static const char *word_for(const char *name, size_t len, uint32_t class, uint32_t word,
                            rng_stream *s) {
    if (*name == 'x') return farm_classes[class].words[word];
    if (*name == 'k') return company[class][word / 2];
    for (size_t i = 0; i < COUNT(fillers); i++)
        if (strlen(fillers[i].name) == len && memcmp(fillers[i].name, name, len) == 0)
            return draw(fillers[i].words, fillers[i].n, s);
    CHECK(false, "no fillers named %.*s", (int)len, name);
    return NULL;
}

static void write_sentence(FILE *out, const char *sentence, uint32_t class, uint32_t word,
                           rng_stream *s) {
    while (*sentence) {
        size_t plain = strcspn(sentence, "{");
        fwrite(sentence, 1, plain, out);
        sentence += plain;
        if (*sentence != '{') break;
        size_t len = strcspn(++sentence, "}");
        fputs(word_for(sentence, len, class, word, s), out);
        sentence += len + 1;
    }
    fputc('\n', out);
}

void farm_write(FILE *out, int64_t n_sentences, uint64_t seed) {
    rng_stream s = {.key = rng_from_seed(seed)};
    for (int64_t i = 0; i < n_sentences; i++) {
        uint32_t class = rng_next_below(&s, FARM_CLASSES), word = rng_next_below(&s, FARM_WORDS);
        bool of_class = rng_next_below(&s, 4) > 0;
        const char *sentence = of_class ? draw(class_sentences[class], COUNT(*class_sentences), &s)
                                        : draw(any_sentences, COUNT(any_sentences), &s);
        write_sentence(out, sentence, class, word, &s);
    }
}
