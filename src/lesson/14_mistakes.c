#include "lesson/14_mistakes.h"

#include "lesson/draw.h"
#include "lesson/lesson.h"

#include <signal.h>

static void say(const page *p, const char *message) {
    page_text(p, "gradus: %s", message);
}

static void tell_of_width(const page *p, const mistakes_said *said) {
    page_heading(p, "1. The wrong embedding size");
    page_text(p, "A model of n_embd = 16 gets word vectors of 8 numbers (init_wte = ...):");
    say(p, said->init_wte);
    page_text(p, "And a checkpoint of a model of width 8 is loaded into one of width 16:");
    say(p, said->checkpoint);
    page_text(p, "Both numbers are in the message. Nothing is silently cut or padded: vectors of "
                 "another width live in another space.");
}

static void tell_of_ids(const page *p, const mistakes_said *said) {
    page_heading(p, "2. Ids out of range");
    page_text(p, "A token file of one tokenizer is opened with the smaller vocabulary of another:");
    say(p, said->tokens);
    page_text(p, "A C program looks up the ids 0, 3 and 4 in a table of 4 rows; it was run in a "
                 "process of its own:");
    page_text(p, "%s", said->lookup);
    page_text(
        p,
        "The process ended by signal %d%s. What comes from a file is checked when it is read, "
        "and is an error that can be handled; what a program asks for is a bug of that "
        "program, and stops it before it reads memory that is not its own. The usual cause: "
        "ids begin at 0, so that row 3 is the last of 4.",
        said->signal, said->signal == SIGABRT ? " (SIGABRT)" : "");
}

enum { LAST = MISTAKES_STEPS - 1 };

static void tell_of_frozen(const page *p, const mistakes_said *said,
                           const mistakes_course *learning, const mistakes_course *frozen) {
    page_heading(p, "3. Embeddings that were never updated");
    page_line(p, "%-28s %12s  %12s", "", "correct", "frozen");
    page_line(p, "%-28s %12.3f  %12.3f", "loss at the first step", learning->losses[0],
              frozen->losses[0]);
    page_line(p, "%-28s %12.3f  %12.3f", "loss at the last step", learning->losses[LAST],
              frozen->losses[LAST]);
    page_line(p, "%-28s %12.3f  %12.3f", "gradient of E, its norm", learning->embedding_norm,
              frozen->embedding_norm);
    page_line(p, "%-28s %12.3f  %12.3f", "drift |E - E_0|", learning->drift, frozen->drift);
    page_gap(p);
    page_text(p,
              "%d steps of a small GPT, with the embedding matrix E learning and with its learning "
              "rate at 0. The gradient arrives all the same ('gradus trace' would show it), and "
              "the loss falls a little, since the other layers learn around it: neither gives it "
              "away. The drift does: %s. The key 'watch' logs it during a run. To freeze an "
              "embedding on purpose, set freeze_wte = true; the run says so when it starts:",
              MISTAKES_STEPS, frozen->drift == 0 ? "0 exactly" : "not 0");
    page_text(p, "%s", said->frozen);
}

static void tell_of_sum(const page *p, const mistakes_sum *sum) {
    page_heading(p, "4. Gradients that were not cleared");
    page_text(p, "ag_backward adds to the gradient that is there. Two batches at the same weights, "
                 "apart and without nn_params_clear_grads between them:");
    page_line(p, "|g1| = %.4f   |g2| = %.4f   what is there after both: %.4f", sum->first,
              sum->second, sum->both);
    page_line(p, "largest difference from g1 + g2: %.1e, of numbers up to %.2f", sum->difference,
              sum->largest);
    page_gap(p);
}

static void tell_of_uncleared(const page *p, const mistakes_course *cleared,
                              const mistakes_course *not_cleared) {
    page_line(p, "%-6s  %20s  %26s", "", "cleared", "never cleared");
    page_line(p, "%-6s  %10s  %8s  %16s  %8s", "step", "loss", "norm", "loss", "norm");
    for (int i = 0; i < MISTAKES_STEPS; i = i < 9 ? i + 3 : i + 10)
        page_line(p, "%-6d  %10.3f  %8.3f  %16.3f  %8.3f", i + 1, cleared->losses[i],
                  cleared->norms[i], not_cleared->losses[i], not_cleared->norms[i]);
    page_gap(p);
    page_text(p,
              "Every update repeats all gradients before it. At first that even looks like "
              "progress; then the loss %s. There is no message, and there can be none: adding is "
              "what micro-batches (gradient_accumulation_steps) and tied weights need, and the "
              "library cannot know which sum was meant. The symptom is the norm of the gradient, "
              "here and in the column grad_norm of a run's log.csv: it was %.1f at the first step "
              "and is %.1f at the last, with clearing %.1f.",
              not_cleared->losses[LAST] > not_cleared->losses[0] ? "runs away" : "lags behind",
              not_cleared->norms[0], not_cleared->norms[LAST], cleared->norms[LAST]);
}

static void tell_of_divergence(const page *p, const mistakes_said *said) {
    page_heading(p, "5. Too large a learning rate");
    page_text(p, "A run with learning_rate = %d and no clipping of gradients:", MISTAKES_RATE);
    say(p, said->diverged);
    page_text(p, "The message names the step and the first place where a number is not finite. "
                 "'gradus train' ends with exit code 3 and keeps the last good checkpoint.");
}

static void draw(const lesson_room *room, const mistakes_course courses[3]) {
    static const char *const names[] = {"correct", "frozen embedding", "gradient never cleared"};
    double steps[MISTAKES_STEPS];
    io_series losses[3], norms[3];
    for (int i = 0; i < MISTAKES_STEPS; i++) steps[i] = i + 1;
    for (int k = 0; k < 3; k++) {
        losses[k] = (io_series){names[k], steps, courses[k].losses, MISTAKES_STEPS, .dots = false};
        norms[k] = (io_series){names[k], steps, courses[k].norms, MISTAKES_STEPS, .dots = false};
    }
    const io_panel panels[] = {{IO_CURVES, "Loss", "step", "nats per token, logarithmic",
                                .log_y = true, .series = losses, .n_series = 3},
                               {IO_CURVES, "Norm of the gradient", "step", "norm, logarithmic",
                                .log_y = true, .series = norms, .n_series = 3}};
    lesson_draw(room, "14_mistakes", "One model, three training loops", panels, 2, 2);
}

static bool tell(const lesson_room *room, err *e) {
    const page *p = &room->page;
    mistakes_said said;
    page_text(p, "Each mistake is made here on purpose, with small files and small models; the "
                 "messages are what gradus has said just now.");
    if (!mistakes_provoke(&said, room->folder, e)) return false;
    mistakes_course courses[3];
    for (int k = 0; k < 3; k++) courses[k] = mistakes_train((mistakes_loop)k);
    mistakes_sum sum = mistakes_add_gradients();
    tell_of_width(p, &said);
    tell_of_ids(p, &said);
    tell_of_frozen(p, &said, &courses[MISTAKES_NONE], &courses[MISTAKES_FROZEN]);
    tell_of_sum(p, &sum);
    tell_of_uncleared(p, &courses[MISTAKES_NONE], &courses[MISTAKES_UNCLEARED]);
    tell_of_divergence(p, &said);
    draw(room, courses);
    return true;
}

/* 1 + 2 + 3 + 4 */
static double updates_in_all(void) {
    double all = 0;
    for (int step = 1; step <= 4; step++) all += step;
    return all;
}

static const lesson_exercise exercises[] = {
    {.question = "Gradients are never cleared, and every batch happens to have the same gradient "
                 "g. How many times g have been subtracted from the weights (each times the "
                 "learning rate) after 4 updates?",
     .hint = "the first update uses g, the second g + g, ...",
     .number = updates_in_all},
    {.question = "The loss of a run falls, but the drift of its embedding stays 0. Which key of "
                 "the configuration would you look at first?",
     .hint = "part 3; 'gradus help config' or config.ini of the run lists the keys",
     .words = "freeze_wte|wte_lr_scale"},
};

const lesson lesson_mistakes = {
    .name = "14_mistakes",
    .title = "Common mistakes",
    .about = "each made on purpose, with what gradus says",
    .tell = tell,
    .exercises = exercises,
    .n_exercises = sizeof exercises / sizeof *exercises,
};
