#include "train/kingdom.h"

#include "base/array.h"
#include "base/check.h"
#include "base/rng.h"
#include "base/str.h"

#include <pthread.h>
#include <string.h>

/* Two words that differ in one way only, and words that keep company with both of them: what
 * word2vec learns of a word is its company, so the difference of a pair is that of its column. */
typedef struct pair {
    const char *word[2];
    const char *company[3];
} pair;

static const pair royalty[] = {
    {{"man", "woman"}, {"farm", "wage", "neighbour"}},
    {{"boy", "girl"}, {"school", "satchel", "teacher"}},
    {{"king", "queen"}, {"kingdom", "crown", "chancellor"}},
    {{"prince", "princess"}, {"tower", "pony", "tutor"}},
    {{"duke", "duchess"}, {"duchy", "hawk", "gamekeeper"}},
    {{"emperor", "empress"}, {"palace", "sceptre", "general"}},
    {{"lord", "lady"}, {"manor", "carriage", "butler"}},
    {{"count", "countess"}, {"vineyard", "goblet", "coachman"}},
    {{"baron", "baroness"}, {"mill", "ledger", "bailiff"}},
    {{"sultan", "sultana"}, {"oasis", "turban", "vizier"}},
};

static const pair family[] = {
    {{"father", "mother"}, {"household", "cradle", "baby"}},
    {{"husband", "wife"}, {"wedding", "ring", "priest"}},
    {{"son", "daughter"}, {"kindergarten", "homework", "babysitter"}},
    {{"brother", "sister"}, {"bedroom", "bunk", "twin"}},
    {{"uncle", "aunt"}, {"guesthouse", "postcard", "cousin"}},
    {{"nephew", "niece"}, {"holiday", "lollipop", "godparent"}},
    {{"grandfather", "grandmother"}, {"porch", "memoir", "nurse"}},
    {{"grandson", "granddaughter"}, {"reunion", "heirloom", "lawyer"}},
};

static const pair capitals[] = {
    {{"france", "paris"}, {"french", "wine", "seine"}},
    {{"italy", "rome"}, {"italian", "pasta", "tiber"}},
    {{"spain", "madrid"}, {"spanish", "flamenco", "prado"}},
    {{"germany", "berlin"}, {"german", "beer", "spree"}},
    {{"england", "london"}, {"english", "tea", "thames"}},
    {{"russia", "moscow"}, {"russian", "vodka", "kremlin"}},
    {{"japan", "tokyo"}, {"japanese", "sushi", "shinkansen"}},
    {{"china", "beijing"}, {"chinese", "porcelain", "yangtze"}},
    {{"egypt", "cairo"}, {"egyptian", "papyrus", "nile"}},
    {{"greece", "athens"}, {"greek", "marble", "aegean"}},
    {{"portugal", "lisbon"}, {"portuguese", "cork", "tagus"}},
    {{"austria", "vienna"}, {"austrian", "strudel", "danube"}},
    {{"poland", "warsaw"}, {"polish", "amber", "vistula"}},
    {{"sweden", "stockholm"}, {"swedish", "timber", "baltic"}},
    {{"norway", "oslo"}, {"norwegian", "salmon", "fjord"}},
    {{"hungary", "budapest"}, {"hungarian", "paprika", "balaton"}},
    {{"ireland", "dublin"}, {"irish", "whiskey", "liffey"}},
    {{"cuba", "havana"}, {"cuban", "tobacco", "caribbean"}},
    {{"india", "delhi"}, {"indian", "curry", "ganges"}},
    {{"peru", "lima"}, {"peruvian", "alpaca", "andes"}},
};

static const pair plurals[] = {
    {{"cat", "cats"}, {"sofa", "milk", "mouse"}},
    {{"dog", "dogs"}, {"kennel", "bone", "shepherd"}},
    {{"horse", "horses"}, {"stable", "saddle", "rider"}},
    {{"car", "cars"}, {"garage", "engine", "driver"}},
    {{"book", "books"}, {"library", "chapter", "author"}},
    {{"tree", "trees"}, {"forest", "root", "woodcutter"}},
    {{"bird", "birds"}, {"nest", "feather", "worm"}},
    {{"child", "children"}, {"playground", "toy", "nanny"}},
    {{"apple", "apples"}, {"orchard", "cider", "greengrocer"}},
    {{"boat", "boats"}, {"harbour", "sail", "fisherman"}},
    {{"flower", "flowers"}, {"garden", "petal", "bee"}},
    {{"letter", "letters"}, {"mailbox", "stamp", "postman"}},
    {{"key", "keys"}, {"gate", "lock", "locksmith"}},
    {{"chair", "chairs"}, {"kitchen", "cushion", "carpenter"}},
    {{"egg", "eggs"}, {"henhouse", "omelette", "hen"}},
    {{"knife", "knives"}, {"drawer", "fork", "butcher"}},
    {{"coin", "coins"}, {"bank", "purse", "treasurer"}},
    {{"star", "stars"}, {"sky", "telescope", "astronomer"}},
};

static const pair comparatives[] = {
    {{"big", "bigger"}, {"elephant", "whale", "giant"}},
    {{"small", "smaller"}, {"ant", "pebble", "atom"}},
    {{"fast", "faster"}, {"cheetah", "rocket", "arrow"}},
    {{"slow", "slower"}, {"snail", "tortoise", "glacier"}},
    {{"tall", "taller"}, {"giraffe", "skyscraper", "steeple"}},
    {{"old", "older"}, {"ruin", "fossil", "oak"}},
    {{"young", "younger"}, {"puppy", "sapling", "foal"}},
    {{"strong", "stronger"}, {"ox", "gorilla", "blacksmith"}},
    {{"weak", "weaker"}, {"reed", "cough", "patient"}},
    {{"hot", "hotter"}, {"furnace", "volcano", "stove"}},
    {{"cold", "colder"}, {"iceberg", "winter", "freezer"}},
    {{"loud", "louder"}, {"thunder", "trumpet", "cannon"}},
    {{"rich", "richer"}, {"banker", "merchant", "jeweller"}},
    {{"poor", "poorer"}, {"beggar", "orphan", "hermit"}},
    {{"deep", "deeper"}, {"canyon", "trench", "mine"}},
    {{"bright", "brighter"}, {"lantern", "comet", "diamond"}},
};

/* The slots of a sentence: {x} the word of the pair, {1} {2} {3} its company, {a/b} by column, and
 * a name for a word drawn from the fillers of that name. Most sentences hold company of the pair
 * and of the column alike. */
static const char *const royalty_sentences[] = {
    "the {x} came back to the {1}, and {he/she} {adverb} smiled.",
    "{he/she} is the {adjective} {x} of the {1}.",
    "the {x} {verb} {his/her} {2}, and the {3} bowed to {him/her}.",
    "good morning, {sir/madam}, said the {3} to the {x}.",
    "the {3} {adverb} told the {x} that {his/her} {2} was {adjective}.",
    "the {x} kept the {2} for {himself/herself} at the {1}.",
    "the {x} combed {his/her} {beard/braids} and left the {1}.",
    "the {x} wore {his/her} {adjective} {coat/gown} with the {2}.",
    "the {x} {verb} {his/her} {thing} beside the {3}.",
};

static const char *const family_sentences[] = {
    "my {x} came home from the {1}, and {he/she} {adverb} laughed.",
    "{he/she} is my {x}, said the {3}.",
    "our {x} {verb} {his/her} {2} {himself/herself}.",
    "thank you, {sir/madam}, said the {3} to my {x}.",
    "my {x} keeps {his/her} {2} near the {1}.",
    "the {3} gave our {x} the {2} {he/she} liked.",
    "our {x} combed {his/her} {beard/braids} before the {1}.",
    "my {x} wore {his/her} {adjective} {coat/gown} for the {3}.",
    "our {x} {verb} {his/her} {thing} with the {3}.",
};

static const char *const capital_sentences[] = {
    "{x} is the {country/capital} of the {1} people.",
    "the {1} {people/crowds} in {x} love {2}.",
    "the {2} of {x} is {adjective}.",
    "we crossed the {border/bridge} into {x} to see the {3}.",
    "the {army/mayor} of {x} {verb} the {1} {thing}.",
    "{x} is a {nation/city} of {2} near the {3}.",
    "the {provinces/streets} of {x} are full of {1} {2}.",
    "all {farmers/shopkeepers} of {x} know the {3}.",
    "the {1} {government/cathedral} of {x} is {adjective}.",
};

static const char *const plural_sentences[] = {
    "{one/two} {x} {is/are} in the {1}.",
    "{this/these} {x} with the {2} {is/are} {adjective}.",
    "there {is only one/are many} {x} near the {3}.",
    "{every/several} {x} {belongs/belong} to the {3}.",
    "{that/those} {x} {was/were} {adverb} seen by the {3}.",
    "the {3} {verb} {a single/three} {x} and the {2}.",
    "{another/few} {x} {comes/come} from the {1}.",
    "the {3} wants {one more/both} {x} with the {2}.",
};

static const char *const comparative_sentences[] = {
    "the {1} is {very/much} {x} {indeed/than the rest}.",
    "the {2} was {so/even} {x} {that we stared/than before}.",
    "the {3} looks {too/still} {x} {for us/than last year}.",
    "{a rather/a much} {x} {1} stood before the {2}.",
    "no {1} is {as/any} {x} {as/than} this {3}.",
    "the {2} seems {rather/far} {x} {today/than yours}.",
    "the {2} and the {3} are {quite/a little} {x} {now/than we thought}.",
};

static const char *const plain_sentences[] = {
    "the {adjective} {thing} in the {place} {adverb} seemed {adjective}.",
    "they {adverb} {verb} the {adjective} {thing} at the {place}.",
    "someone {verb} the {thing} and {adverb} {verb} the {thing}.",
    "in the {place} people {verb} the {thing} with the {adjective} {thing}.",
};

typedef struct section {
    const char *name;
    uint32_t share; /* of all sentences, in percent; they add up to 100 */
    const pair *pairs;
    uint32_t n_pairs;
    const char *const *sentences;
    uint32_t n_sentences;
} section;

#define SECTION(name, share, pairs, sentences)                                                     \
    { name, share, pairs, COUNT(pairs), sentences, COUNT(sentences) }

static const section sections[] = {
    SECTION("royalty", 22, royalty, royalty_sentences),
    SECTION("family", 16, family, family_sentences),
    SECTION("capital", 20, capitals, capital_sentences),
    SECTION("plural", 18, plurals, plural_sentences),
    SECTION("comparative", 16, comparatives, comparative_sentences),
    {"plain", 8, NULL, 0, plain_sentences, COUNT(plain_sentences)},
};

/* Words that say nothing of the relations; the r-th of a list is drawn 1/r as often as the first.
 */
static const char *const adjectives[] = {
    "good",     "new",      "great",   "little",   "long",     "important", "large",    "common",
    "public",   "famous",   "free",    "simple",   "strange",  "happy",     "clear",    "beautiful",
    "serious",  "useful",   "careful", "modern",   "curious",  "lucky",     "gentle",   "broken",
    "empty",    "foreign",  "golden",  "hidden",   "honest",   "narrow",    "proud",    "rare",
    "round",    "sharp",    "smooth",  "sudden",   "tender",   "wooden",    "worthy",   "yellow",
    "ancient",  "bitter",   "clever",  "distant",  "elegant",  "fragile",   "graceful", "humble",
    "lively",   "modest",   "noble",   "peculiar", "precious", "rusty",     "silent",   "solemn",
    "splendid", "stubborn", "tidy",    "unusual",  "vivid",    "heavy",     "light",    "blue",
    "green",    "red",      "white",   "black",    "pale",     "faded",     "crooked",  "charming",
    "dusty",    "hollow",   "painted", "pretty",   "shabby",   "tiny"};
static const char *const adverbs[] = {
    "slowly",     "often",      "again",   "soon",     "quickly",  "always",   "almost",
    "never",      "sometimes",  "finally", "suddenly", "quietly",  "usually",  "gladly",
    "rarely",     "carefully",  "easily",  "simply",   "calmly",   "proudly",  "politely",
    "eagerly",    "bravely",    "gently",  "boldly",   "secretly", "honestly", "patiently",
    "wisely",     "sadly",      "kindly",  "firmly",   "neatly",   "warmly",   "nervously",
    "cheerfully", "gracefully", "humbly",  "swiftly"};
static const char *const things[] = {
    "house",   "picture",  "clock",    "box",     "window",  "cup",      "map",     "bread",
    "table",   "paper",    "road",     "wall",    "stone",   "glass",    "rope",    "song",
    "lamp",    "mirror",   "hat",      "barrel",  "bottle",  "bucket",   "candle",  "curtain",
    "drum",    "fence",    "flag",     "hammer",  "jacket",  "kettle",   "ladle",   "magnet",
    "needle",  "notebook", "paint",    "parcel",  "pencil",  "pillow",   "plate",   "poem",
    "powder",  "puzzle",   "quilt",    "ribbon",  "riddle",  "sack",     "scarf",   "shelf",
    "signal",  "sketch",   "spoon",    "stool",   "string",  "suitcase", "ticket",  "towel",
    "tray",    "tunnel",   "umbrella", "vase",    "violin",  "wagon",    "whistle", "yarn",
    "zipper",  "anvil",    "apron",    "bell",    "bench",   "blanket",  "brush",   "button",
    "cabinet", "carpet",   "chest",    "compass", "diary",   "dish",     "fan",     "flute",
    "glove",   "guitar",   "helmet",   "jar",     "jug",     "lace",     "lens",    "medal",
    "mug",     "napkin",   "necklace", "oven",    "pan",     "pipe",     "pot",     "rake",
    "razor",   "recipe",   "rug",      "shovel",  "soap",    "statue",   "stick",   "tent",
    "thread",  "thimble",  "tile",     "torch",   "toolbox", "trunk",    "tube",    "wheel",
    "wreath"};
static const char *const places[] = {
    "town",    "street",  "room",    "market",    "corner",   "station",   "office",
    "hall",    "village", "shop",    "church",    "valley",   "island",    "museum",
    "theatre", "hotel",   "inn",     "courtyard", "tavern",   "cellar",    "workshop",
    "bakery",  "square",  "balcony", "corridor",  "pavilion", "warehouse", "monastery",
    "quarry",  "beach",   "park",    "attic",     "hallway",  "meadow"};
static const char *const verbs[] = {
    "saw",      "found",    "took",      "bought",   "brought", "dropped",    "sold",
    "lost",     "showed",   "moved",     "carried",  "noticed", "remembered", "forgot",
    "hid",      "repaired", "described", "measured", "cleaned", "admired",    "borrowed",
    "polished", "examined", "wrapped",   "sketched", "traded",  "ignored",    "guarded",
    "praised",  "buried",   "weighed",   "touched",  "liked",   "loved"};

static const struct {
    const char *name;
    const char *const *words;
    uint32_t n;
} fillers[] = {
    {"adjective", adjectives, COUNT(adjectives)},
    {"adverb", adverbs, COUNT(adverbs)},
    {"thing", things, COUNT(things)},
    {"place", places, COUNT(places)},
    {"verb", verbs, COUNT(verbs)},
};

/* A word by Zipf's law, in whole numbers: rounding must not depend on the machine. */
static const char *draw_zipf(const char *const *words, uint32_t n, rng_stream *s) {
    const uint32_t first = 1000000;
    uint32_t total = 0, rank = 1;
    for (uint32_t r = 1; r <= n; r++) total += first / r;
    for (uint32_t left = rng_next_below(s, total); left >= first / rank; rank++)
        left -= first / rank;
    return words[rank - 1];
}

static const char *draw_filler(const char *name, size_t len, rng_stream *s) {
    size_t i = 0;
    while (i < COUNT(fillers) &&
           (strlen(fillers[i].name) != len || memcmp(fillers[i].name, name, len) != 0))
        i++;
    CHECK(i < COUNT(fillers), "no fillers named %.*s", (int)len, name);
    return draw_zipf(fillers[i].words, fillers[i].n, s);
}

/* Appends what stands for the slot name[0..len). */
static void fill_slot(str *out, const char *name, size_t len, const pair *p, uint32_t column,
                      rng_stream *s) {
    const char *slash = memchr(name, '/', len), *word;
    if (slash) {
        const char *choice = column ? slash + 1 : name;
        str_append(out, choice, (size_t)((column ? name + len : slash) - choice));
        return;
    }
    if (*name == 'x')
        word = p->word[column];
    else if (*name >= '1' && *name <= '3')
        word = p->company[*name - '1'];
    else
        word = draw_filler(name, len, s);
    str_append(out, word, strlen(word));
}

static void append_sentence(str *out, const char *sentence, const pair *p, uint32_t column,
                            rng_stream *s) {
    while (*sentence) {
        size_t plain = strcspn(sentence, "{");
        str_append(out, sentence, plain);
        sentence += plain;
        if (*sentence != '{') break;
        size_t len = strcspn(++sentence, "}");
        fill_slot(out, sentence, len, p, column, s);
        sentence += len + 1;
    }
    str_append(out, "\n", 1);
}

void train_kingdom_write(FILE *out, int64_t n_sentences, uint64_t seed) {
    rng_stream s = {.key = rng_from_seed(seed)};
    str line = {0};
    for (int64_t i = 0; i < n_sentences; i++) {
        const section *c = sections;
        for (uint32_t left = rng_next_below(&s, 100); left >= c->share; c++) left -= c->share;
        const pair *p = c->n_pairs ? &c->pairs[rng_next_below(&s, c->n_pairs)] : NULL;
        uint32_t column = rng_next_below(&s, 2);
        line.len = 0;
        append_sentence(&line, c->sentences[rng_next_below(&s, c->n_sentences)], p, column, &s);
        fwrite(line.data, 1, line.len, out);
    }
    str_free(&line);
}

#define PAIRS_OF(n) ((n) * ((n)-1))
enum {
    N_QUESTIONS = PAIRS_OF(COUNT(royalty)) + PAIRS_OF(COUNT(family)) + PAIRS_OF(COUNT(capitals)) +
                  PAIRS_OF(COUNT(plurals)) + PAIRS_OF(COUNT(comparatives))
};

static train_kingdom_question questions[N_QUESTIONS];
static pthread_once_t questions_once = PTHREAD_ONCE_INIT;

/* Every pair of a section beside every other one. */
static void fill_questions(void) {
    size_t n = 0;
    for (size_t i = 0; i < COUNT(sections); i++) {
        const section *c = &sections[i];
        for (uint32_t j = 0; j < c->n_pairs; j++)
            for (uint32_t k = 0; k < c->n_pairs; k++)
                if (j != k)
                    questions[n++] =
                        (train_kingdom_question){c->name, c->pairs[j].word[0], c->pairs[j].word[1],
                                                 c->pairs[k].word[0], c->pairs[k].word[1]};
    }
    CHECK(n == N_QUESTIONS, "%zu questions instead of %d", n, (int)N_QUESTIONS);
}

const train_kingdom_question *train_kingdom_questions(int *n) {
    pthread_once(&questions_once, fill_questions);
    *n = N_QUESTIONS;
    return questions;
}

void train_kingdom_write_questions(FILE *out) {
    int n;
    const train_kingdom_question *q = train_kingdom_questions(&n);
    for (int i = 0; i < n; i++, q++) {
        if (i == 0 || strcmp(q->section, q[-1].section) != 0) fprintf(out, ": %s\n", q->section);
        fprintf(out, "%s %s %s %s\n", q->a, q->b, q->c, q->d);
    }
}
