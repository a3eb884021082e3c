/* Configuration: INI files with the keys of config_keys.def, overridden by --key=value. A key that
 * is unknown, given twice, in the wrong section or of the wrong type is an error with file, line
 * and the nearest name. */
#ifndef TRAIN_CONFIG_H
#define TRAIN_CONFIG_H

#include "base/err.h"
#include "base/str.h"
#include "nn/gpt.h"
#include "tokenizer/training.h"
#include "train/optim.h"

#include <stdbool.h>
#include <stdint.h>

enum { CFG_TEXT_SIZE = 1024 };

/* What a run trains. */
typedef enum train_objective { TRAIN_GPT, TRAIN_WORD2VEC, TRAIN_GLOVE } train_objective;
#define TRAIN_OBJECTIVE_NAMES "gpt|word2vec|glove" /* in the order of the enum */

/* What a data set holds. */
typedef enum train_format { TRAIN_TEXT, TRAIN_CHAT } train_format;
#define TRAIN_FORMAT_NAMES "text|chat" /* in the order of the enum */

/* How it computes: src/train/precision.h. */
typedef enum train_precision { TRAIN_AUTO, TRAIN_FP32, TRAIN_BF16 } train_precision;
#define TRAIN_PRECISION_NAMES "auto|fp32|bf16" /* in the order of the enum */

typedef struct config {
#define CFG_INT(section, name, ...)  int64_t name;
#define CFG_REAL(section, name, ...) double name;
#define CFG_BOOL(section, name, ...) bool name;
#define CFG_TEXT(section, name, ...) char name[CFG_TEXT_SIZE];
#define CFG_CHOICE(section, name, type, ...)                                                       \
    type name;                                                                                     \
    _Static_assert(sizeof(type) == sizeof(int), "a choice is stored as an int");
#include "train/config_keys.def"
} config;

/* One key with the names a table or a help text needs. */
typedef struct cfg_key_info {
    const char *section, *name, *kind, *default_text, *help;
} cfg_key_info;

/* Sets every key to its default. */
void cfg_defaults(config *c);

/* Reads an INI file over the defaults or over what c holds. */
bool cfg_read(config *c, const char *path, err *e);
/* The same for n bytes in memory; `name` stands in messages. */
bool cfg_parse(config *c, const char *text, size_t n, const char *name, err *e);

/* Sets one key from a command-line override "key=value" (without the dashes). */
bool cfg_override(config *c, const char *assignment, err *e);

/* Checks what concerns several keys: n_head divides n_embd, rope wants an even head size,
 * warmup_iters within lr_decay_iters where that is set, min_lr below learning_rate, what is asked
 * of a tokenizer is what its type can do. `name` stands in the message. */
bool cfg_validate(const config *c, const char *name, err *e);

/* Whether c->tokenizer names a type that is learned from the text, *type; else it is a path. */
bool cfg_tokenizer_type(const config *c, tok_type *type);

/* Appends the whole configuration as an INI text that cfg_parse reads back to the same values. */
void cfg_write(const config *c, str *out);

/* Appends the value of the key of that name as cfg_write writes it. */
void cfg_write_value(const config *c, const char *key, str *out);

/* All keys in file order; *n says how many. Borrows (static). */
const cfg_key_info *cfg_keys(size_t *n);

#endif
