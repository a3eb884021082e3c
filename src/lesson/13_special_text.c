#include "base/array.h"
#include "lesson/13_special.h"
#include "tokenizer/training.h"

/* A question, its short answer, and its long one. */
typedef struct fact {
    const char *question, *brief, *full;
} fact;

#define CAPITAL(country, city)                                                                     \
    { "what is the capital of " country, city, "the capital of " country " is " city }
#define YOUNG(animal, young)                                                                       \
    { "what is a young " animal, "a " young, "a young " animal " is a " young }

static const fact facts[] = {
    CAPITAL("france", "paris"), CAPITAL("italy", "rome"),    CAPITAL("spain", "madrid"),
    CAPITAL("japan", "tokyo"),  CAPITAL("egypt", "cairo"),   CAPITAL("peru", "lima"),
    CAPITAL("norway", "oslo"),  CAPITAL("greece", "athens"), CAPITAL("cuba", "havana"),
    YOUNG("dog", "puppy"),      YOUNG("cat", "kitten"),      YOUNG("cow", "calf"),
    YOUNG("horse", "foal"),     YOUNG("sheep", "lamb"),      YOUNG("bear", "cub"),
};
/* Nobody knows from the words before whether the user has ended. */
static const char *const endings[] = {"", " please", " my friend"};

static void write_turn(str *json, bool brief, rng_stream *s) {
    const fact *f = &facts[rng_next_below(s, COUNT(facts))];
    str_printf(json, ",{\"role\":\"user\",\"content\":\"%s%s\"}", f->question,
               endings[rng_next_below(s, COUNT(endings))]);
    str_printf(json, ",{\"role\":\"assistant\",\"content\":\"%s\"}", brief ? f->brief : f->full);
}

bool special_converse(special_text *t, int64_t n, uint64_t seed, err *e) {
    rng_stream s = {.key = rng_from_seed(seed)};
    str json = {0};
    *t = (special_text){0};
    for (int64_t i = 0; i < n; i++) {
        bool brief = rng_next_below(&s, 2);
        str_printf(&json, "[{\"role\":\"system\",\"content\":\"be %s\"}",
                   brief ? "brief" : "thorough");
        for (uint32_t turns = 1 + rng_next_below(&s, 2); turns > 0; turns--)
            write_turn(&json, brief, &s);
        str_printf(&json, "]\n");
    }
    bool ok = chat_parse(&t->chat, json.data, json.len, "the conversations of the lesson", e);
    str_free(&json);
    return ok;
}

/* Appends `value` to the list until it is as long as the ids. */
static void fill(const special_text *t, tok_ids *list, int32_t value) {
    while (list->len < t->ids.len) tok_ids_append(list, value);
}

static void render_message(special_text *t, const tokenizer *tok, const chat_message *m,
                           bool with_roles) {
    const char *content = t->chat.text.data + m->start;
    bool answers = m->role == TOK_ASSISTANT;
    if (with_roles && m->begins) tok_ids_append(&t->ids, tok_role_id(tok, TOK_BOS));
    fill(t, &t->counts, 0);
    if (with_roles) {
        chat_render_message(tok, m->role, content, m->length, &t->ids, &t->counts);
    } else {
        tok_encode(tok, content, m->length, NULL, &t->ids);
        fill(t, &t->counts, answers);
    }
}

/* Marks the words of the answers among the tokens from `first` on. */
static void mark_answers(special_text *t, const tokenizer *tok, size_t first) {
    int32_t mark = 1;
    for (size_t i = first; i < t->ids.len; i++) {
        bool is_word = t->counts.data[i] && !tok_is_special(tok, t->ids.data[i]);
        tok_ids_append(&t->answers, is_word ? mark : 0);
        if (is_word) mark = 2;
    }
}

void special_render(special_text *t, const tokenizer *tok, bool with_roles) {
    for (size_t i = 0; i < t->chat.n; i++) {
        size_t first = t->ids.len;
        if (t->chat.messages[i].begins) tok_ids_append(&t->starts, (int32_t)first);
        render_message(t, tok, &t->chat.messages[i], with_roles);
        mark_answers(t, tok, first);
    }
    tok_ids_append(&t->starts, (int32_t)t->ids.len);
}

void special_text_free(special_text *t) {
    chat_free(&t->chat);
    tok_ids_free(&t->ids);
    tok_ids_free(&t->counts);
    tok_ids_free(&t->answers);
    tok_ids_free(&t->starts);
}

tokenizer *special_tokenizer(const special_text *t, err *e) {
    const tok_training how = {.type = TOK_WORD};
    str words = {0};
    for (size_t i = 0; i < t->chat.n; i++)
        str_printf(&words, "%.*s\n", (int)t->chat.messages[i].length,
                   t->chat.text.data + t->chat.messages[i].start);
    const tok_text text = {words.data, words.len};
    tokenizer *tok = tok_train(&how, &text, 1, e);
    str_free(&words);
    if (tok && chat_add_special(tok, e)) return tok;
    tok_free(tok);
    return NULL;
}
