/* One configuration key at work: found by name, set from a text, and what to say when that fails.
 * Private to config.c and config_file.c. */
#ifndef TRAIN_CONFIG_KEY_H
#define TRAIN_CONFIG_KEY_H

#include "train/config.h"

#include <stddef.h>

/* CFG_KEY_seed is the number of the key `seed`. */
typedef enum cfg_key {
#define CFG_INT(section, name, ...) CFG_KEY_##name,
#define CFG_REAL                    CFG_INT
#define CFG_BOOL                    CFG_INT
#define CFG_TEXT                    CFG_INT
#define CFG_CHOICE                  CFG_INT
#include "train/config_keys.def"
    CFG_N_KEYS
} cfg_key;

typedef enum cfg_kind {
    CFG_KIND_INT,
    CFG_KIND_NUMBER,
    CFG_KIND_BOOL,
    CFG_KIND_TEXT,
    CFG_KIND_CHOICE
} cfg_kind;

/* Where a key is stored, and the values it may have. */
typedef struct cfg_field {
    cfg_kind kind;
    size_t offset;
    union {
        struct {
            int64_t min, max;
        } whole;
        struct {
            double min, max;
        } number;
        const char *choices; /* "a|b|c" in the order of the enum */
    };
} cfg_field;

extern const cfg_key_info cfg_infos[CFG_N_KEYS];
extern const cfg_field cfg_fields[CFG_N_KEYS];

/* What a message begins with: "configs/x.ini:12: ", or "--n_head=4: " where there is no line. */
typedef struct cfg_place {
    const char *name;
    int line, code;
} cfg_place;

/* Puts "PLACE: message" into e; returns false. */
bool cfg_fail(const cfg_place *at, err *e, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
/* The same for "KEY is 'VALUE', expected EXPECTED". */
bool cfg_fail_value(cfg_key key, const char *value, const char *expected, const cfg_place *at,
                    err *e);

/* The key of that name, or CFG_N_KEYS and e with the nearest name. */
cfg_key cfg_find_key(const char *name, const cfg_place *at, err *e);
bool cfg_find_section(const char *name, const cfg_place *at, err *e);

/* Sets the key, or says in e what it expects. */
bool cfg_set(config *c, cfg_key key, const char *value, const cfg_place *at, err *e);

#endif
