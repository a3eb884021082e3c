#include "cli/args.h"
#include "cli/cmd.h"
#include "io/gnuplot.h"
#include "io/heatmap.h"
#include "train/run.h"
#include "train/watch_plot.h"

#include <stdio.h>

#define USAGE "plot RUN"

static bool run(int argc, char **argv, err *e) {
    args a;
    char path[TRAIN_PATH_SIZE];
    io_vectors v;
    if (!args_parse(&a, argc, argv, NULL, 0, 1, 1, USAGE, e)) return false;
    const char *folder = a.positional[0];
    bool ok = train_run_vectors(&v, folder, e) &&
              train_run_path(folder, "embedding.png", path, e) &&
              io_heatmap_write(path, v.rows, v.n, v.width, "wte.weight", e) &&
              io_plot_write_script(folder, folder, e) && io_plot_draw(folder, e);
    if (ok) printf("%s/loss.png\n%s\n", folder, path);
    if (ok && watch_exists(folder)) {
        ok = watch_draw(folder, e);
        if (ok) printf("%s/watch.png\n", folder);
    }
    io_vectors_free(&v);
    return ok;
}

const cmd cmd_plot = {"plot", "RUN", "draw the pictures of a run again", "", run};
