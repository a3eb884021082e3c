#include "cli/args.h"
#include "cli/cmd.h"
#include "io/gnuplot.h"
#include "io/heatmap.h"
#include "train/run.h"

#include <stdio.h>

#define USAGE "plot RUN"

static bool run(int argc, char **argv, err *e) {
    args a;
    char path[TRAIN_PATH_SIZE];
    train_run run;
    if (!args_parse(&a, argc, argv, NULL, 0, 1, 1, USAGE, e)) return false;
    if (!train_run_open(&run, a.positional[0], false, e)) return false;
    const tensor *wte = &run.model->wte.weight->value;
    bool ok = train_run_path(run.folder, "embedding.png", path, e) &&
              io_heatmap_write(path, wte->data, wte->shape[0], wte->shape[1], "wte.weight", e) &&
              io_plot_write_script(run.folder, run.folder, e) && io_plot_draw(run.folder, e);
    if (ok) printf("%s/loss.png\n%s\n", run.folder, path);
    train_run_close(&run);
    return ok;
}

const cmd cmd_plot = {"plot", "RUN", "draw loss.png and embedding.png of a run again", "", run};
