#include "base/file.h"
#include "base/thread.h"
#include "cli/cmd.h"
#include "cli/interrupt.h"
#include "cli/profile_table.h"
#include "cli/progress.h"
#include "cli/prompt.h"
#include "cli/samples.h"

#include <stdio.h>
#include <string.h>

#define USAGE "train CONFIG.ini [--key=value ...] [--resume | --overwrite] [--profile]"

/* "configs/demo.ini" -> "runs/demo" */
static bool default_folder(const char *config_path, char out[CFG_TEXT_SIZE], err *e) {
    const char *slash = strrchr(config_path, '/'), *name = slash ? slash + 1 : config_path;
    const char *dot = strrchr(name, '.');
    int length = dot && dot != name ? (int)(dot - name) : (int)strlen(name);
    return snprintf(out, CFG_TEXT_SIZE, "runs/%.*s", length, name) < CFG_TEXT_SIZE ||
           err_set(e, ERR_INPUT, "%.60s...: name too long for a run", name);
}

static const char *const switches[] = {"resume", "overwrite", "profile"};

/* What the switches say. */
typedef struct choices {
    train_start start;
    bool profile;
} choices;

static bool set_switch(choices *s, const char *name, err *e) {
    if (strcmp(name, "profile") == 0) return s->profile = true;
    /* Whoever asks for both would lose the run that he wants to go on with. */
    train_start wanted = strcmp(name, "resume") == 0 ? TRAIN_RESUME : TRAIN_OVERWRITE;
    if (s->start != TRAIN_NEW && s->start != wanted)
        return err_set(e, ERR_USAGE, "--resume and --overwrite exclude each other");
    s->start = wanted;
    return true;
}

/* The switch that a flag means, exactly or nearly; NULL for a key. */
static const char *switch_meant(const char *flag) {
    char name[64];
    snprintf(name, sizeof name, "%.*s", (int)strcspn(flag, "="), flag);
    return str_nearest(name, switches, sizeof switches / sizeof *switches);
}

/* Whether the value of argv[i], "--key", stands in the next argument. */
static bool value_follows(int argc, char **argv, int i) {
    const char *flag = argv[i];
    return strncmp(flag, "--", 2) == 0 && !strchr(flag, '=') && !switch_meant(flag + 2) &&
           i + 1 < argc && strncmp(argv[i + 1], "--", 2) != 0;
}

/* The one argument that is not a flag, or NULL and e. */
static const char *config_path(int argc, char **argv, err *e) {
    const char *path = NULL;
    for (int i = 0; i < argc; i++) {
        if (value_follows(argc, argv, i)) {
            i++;
        } else if (argv[i][0] != '-') {
            if (path) {
                err_set(e, ERR_USAGE, "unexpected argument '%s'; usage: gradus %s", argv[i], USAGE);
                return NULL;
            }
            path = argv[i];
        }
    }
    if (!path) err_set(e, ERR_USAGE, "usage: gradus %s", USAGE);
    return path;
}

/* Takes one flag, "--key=value" or a switch. */
static bool set_flag(const char *flag, config *c, choices *s, err *e) {
    if (strncmp(flag, "--", 2) != 0)
        return err_set(e, ERR_USAGE, "unknown flag '%s'; a key of the config is set by --key=value",
                       flag);
    const char *name = switch_meant(flag + 2);
    if (!name) return cfg_override(c, flag + 2, e);
    if (strcmp(name, flag + 2) == 0) return set_switch(s, name, e);
    if (strchr(flag, '=')) return err_set(e, ERR_USAGE, "--%s takes no value", name);
    return err_set(e, ERR_USAGE, "unknown flag '%s' (did you mean '--%s'?)", flag, name);
}

static bool read_arguments(int argc, char **argv, config *c, choices *s, err *e) {
    const char *path = config_path(argc, argv, e);
    cfg_defaults(c);
    if (!path || !cfg_read(c, path, e)) return false;
    for (int i = 0; i < argc; i++) {
        if (argv[i][0] != '-') continue;
        char joined[CFG_TEXT_SIZE + 64];
        bool joins = value_follows(argc, argv, i);
        snprintf(joined, sizeof joined, "%s=%s", argv[i], joins ? argv[i + 1] : "");
        if (!set_flag(joins ? joined : argv[i], c, s, e)) return false;
        i += joins;
    }
    if (c->out_dir[0] == '\0' && !default_folder(path, c->out_dir, e)) return false;
    if (s->profile && c->objective != TRAIN_GPT)
        return err_set(e, ERR_USAGE, "--profile is of GPTs, not of word vectors");
    return cfg_validate(c, path, e);
}

/* Appends the sample whose tokens behind the prompt are `ids`. */
static void write_sample(const samples *s, const tok_ids *ids, int64_t number, str *text) {
    tok_ids whole = {0};
    if (number) str_printf(text, "\n---------------\n");
    for (size_t i = 0; s->run->config.prompt[0] && i < s->prompt->len; i++)
        tok_ids_append(&whole, s->prompt->data[i]);
    for (size_t i = 0; i < ids->len; i++) tok_ids_append(&whole, ids->data[i]);
    tok_decode(s->run->tok, whole.data, whole.len, text);
    tok_ids_free(&whole);
}

static void draw_samples(const train_run *run, const tok_ids *prompt, str *text) {
    int64_t n_samples = run->config.num_samples;
    samples s = {.run = run, .prompt = prompt, .drawing = DRAWING_UNSET};
    drawing_complete(&s.drawing, &run->config);
    train_generator *g = train_generator_new(run->model, samples_next(0, n_samples), true);
    for (int64_t first = 0, n; first < n_samples && !interrupt_asked; first += n) {
        n = samples_next(first, n_samples);
        samples_draw(&s, g, first, n);
        for (int64_t i = 0; i < n; i++) write_sample(&s, &s.ids[i], first + i, text);
    }
    str_printf(text, "\n");
    train_generator_free(g);
    samples_free(&s);
}

/* The samples of the finished run, into samples.txt. */
static bool write_samples(const train_run *run, err *e) {
    char path[TRAIN_PATH_SIZE];
    str text = {0};
    tok_ids prompt = {0};
    bool ok = prompt_encode(run, run->config.prompt, false, &prompt, e);
    if (ok) draw_samples(run, &prompt, &text);
    if (interrupt_asked)
        ok = err_set(e, ERR_INTERRUPTED, "interrupted while sampling; the training is complete");
    ok = ok && train_run_path(run->folder, "samples.txt", path, e) &&
         file_write(path, text.data, text.len, e);
    tok_ids_free(&prompt);
    str_free(&text);
    return ok;
}

static bool print_made(const char *folder, err *e) {
    static const char *const made[] = {"loss.png", "watch.png", "embedding.png", "samples.txt",
                                       "log.csv",  "watch.csv", "neighbours.csv"};
    for (size_t i = 0; i < sizeof made / sizeof *made; i++) {
        char path[TRAIN_PATH_SIZE];
        if (!train_run_path(folder, made[i], path, e)) return false;
        if (file_exists(path)) printf("%s\n", path);
    }
    return true;
}

static bool finish_gpt(const char *folder, err *e) {
    train_run run;
    if (!train_run_open(&run, folder, false, e)) return false;
    bool ok = write_samples(&run, e);
    if (ok) {
        printf("best validation loss %.4f at step %lld\n", run.state.best_val_loss,
               (long long)run.state.best_step);
        printf("checkpoint %s\n", run.checkpoint);
        ok = print_made(folder, e);
    }
    train_run_close(&run);
    return ok;
}

static bool finish_vectors(const char *folder, err *e) {
    printf("checkpoint %s/ckpt.safetensors\n", folder);
    if (!print_made(folder, e)) return false;
    printf("ask it: gradus nearest %s WORD, gradus analogy %s king man woman\n", folder, folder);
    return true;
}

static void print_profile(const ag_profile *p, const train_begin_info *begin) {
    profile_table table = {p, begin->flops_per_step, ceilings_measure(begin->activations)};
    profile_table_print(&table);
}

static bool run(int argc, char **argv, err *e) {
    config c;
    choices s = {0};
    if (argc == 1 && strcmp(argv[0], "--help") == 0) return printf("usage: gradus %s\n", USAGE) > 0;
    if (!read_arguments(argc, argv, &c, &s, e)) return false;
    thread_set_count((int)c.threads);
    interrupt_catch();
    progress p;
    train_observer observer = progress_observer(&p);
    ag_profile profile = {0};
    if (s.profile) observer.profile = &profile;
    bool ok = train_loop(&c, c.out_dir, s.start, &observer, &interrupt_asked, e);
    progress_end(&p);
    if (profile.steps > 0) print_profile(&profile, &p.begin);
    return ok &&
           (c.objective == TRAIN_GPT ? finish_gpt(c.out_dir, e) : finish_vectors(c.out_dir, e));
}

const cmd cmd_train = {
    "train", "CONFIG.ini [--key=value ...]", "train a model as a config file says",
    "Every key of the config can be set by --key=value; 'gradus help config' lists them. The run goes to\n"
    "runs/NAME for configs/NAME.ini, elsewhere by --out_dir=DIR. --resume goes on from its last checkpoint, bit\n"
    "for bit as if it had never stopped; --overwrite begins anew. --profile prints at the end where the time of a\n"
    "step went. Ctrl-C finishes the step, saves, exits 130.",
    run};
