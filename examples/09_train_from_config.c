/* 09: a whole run by a config: what `gradus train` does, as a program. Writes a text and a config,
 * trains, opens the run that training left, and evaluates it.
 *
 *     make examples && build/examples/09_train_from_config [FOLDER, else runs/examples]
 *     cc -O2 -fopenmp -Isrc examples/09_train_from_config.c build/libgradus.a \
 *        -lblis -lcjson -linih -lpcre2-8 -lutf8proc -lm -o 09_train_from_config
 */
#include "gradus.h"

#include <math.h>

static bool write_files(const char *text, const char *ini, err *e) {
    file_writer f;
    if (!file_begin(&f, text, e)) return false;
    train_kingdom_write(f.stream, 1000, 1);
    if (!file_commit(&f, e) || !file_begin(&f, ini, e)) return false;
    fprintf(f.stream,
            "[data]\ndataset = %s\ntokenizer = word\nmin_count = 2\n[model]\nn_layer = 2\n"
            "n_head = 2\nn_embd = 32\nblock_size = 32\ninit_std = 0.1\n[train]\nbatch_size = 8\n"
            "max_iters = 60\nwarmup_iters = 5\nlearning_rate = 1e-2\neval_interval = 20\n",
            text);
    return file_commit(&f, e);
}

/* What training tells while it goes on. */
static void began(void *context, const train_begin_info *i) {
    (void)context;
    printf("%lld parameters, %lld words\n", (long long)i->n_params, (long long)i->vocab_size);
}

static void evaluated(void *context, const train_eval_info *i) {
    (void)context;
    printf("step %2lld  validation loss %.3f\n", (long long)i->step, i->val_loss);
}

static bool evaluate(const char *folder, err *e) {
    train_run run;
    train_set val = {0};
    bool ok = train_run_open(&run, folder, false, e) &&
              train_set_open(&val, folder, "val", tok_vocab_size(run.tok), false, e);
    if (ok) {
        ag_tape *t = ag_tape_new(AG_NO_GRAD);
        train_evaluation r = train_evaluate(run.model, t, &val, run.config.batch_size, 0);
        printf("the whole validation text: loss %.3f, perplexity %.1f\n", r.loss, exp(r.loss));
        ag_tape_free(t);
    }
    train_set_close(&val);
    train_run_close(&run);
    return ok;
}

int main(int argc, char **argv) {
    const char *folder = argc > 1 ? argv[1] : "runs/examples";
    static const volatile sig_atomic_t never = 0;
    char text[1024], ini[1024], run[1024];
    config c;
    err e = {0};
    train_observer o = train_silent;
    o.began = began;
    o.evaluated = evaluated;
    cfg_defaults(&c);
    bool ok = file_make_folder(folder, &e) &&
              file_join(text, sizeof text, folder, "kingdom.txt", &e) &&
              file_join(ini, sizeof ini, folder, "tiny.ini", &e) &&
              file_join(run, sizeof run, folder, "tiny", &e) && write_files(text, ini, &e) &&
              cfg_read(&c, ini, &e) && cfg_validate(&c, ini, &e) &&
              train_loop(&c, run, TRAIN_OVERWRITE, &o, &never, &e) && evaluate(run, &e);
    if (!ok) fprintf(stderr, "%s\n", e.message);
    return e.code;
}
