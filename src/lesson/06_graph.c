#include "lesson/06_graph.h"

#include "autograd/graph.h"
#include "autograd/ops.h"
#include "base/check.h"
#include "base/file.h"
#include "io/graphviz.h"
#include "lesson/lesson.h"

#include <math.h>
#include <string.h>

static tensor one_number(ag_tape *t, double value) {
    real *x = ag_tape_alloc(t, sizeof *x);
    *x = (real)value;
    return tensor_1d(x, 1);
}

static ag_var *leaf(scalar_graph *s, const char *name, double value) {
    ag_var *v = ag_leaf(s->tape, one_number(s->tape, value));
    v->name = name;
    return v;
}

static ag_var *one(scalar_graph *s) {
    ag_var *v = ag_input(s->tape, one_number(s->tape, 1));
    v->name = "1";
    return v;
}

static double value_of(const ag_var *v) {
    return (double)v->value.data[0];
}

/* A constant has none. */
static double gradient_of(const ag_var *v) {
    return v->grad.data ? (double)v->grad.data[0] : 0;
}

static ag_var *record(scalar_graph *s, const char *name, ag_var *v, double first, double second) {
    CHECK(s->n < SCALAR_GRAPH_STEPS, "more than %d steps", SCALAR_GRAPH_STEPS);
    v->name = name;
    s->steps[s->n++] = (scalar_step){v, {first, second}};
    return v;
}

static ag_var *plus(scalar_graph *s, const char *name, ag_var *x, ag_var *y) {
    return record(s, name, ag_add(s->tape, x, y), 1, 1);
}

static ag_var *times(scalar_graph *s, const char *name, ag_var *x, ag_var *y) {
    return record(s, name, ag_mul(s->tape, x, y), value_of(y), value_of(x));
}

static ag_var *multiple(scalar_graph *s, const char *name, ag_var *x, double factor) {
    return record(s, name, ag_scale(s->tape, x, (real)factor), factor, 0);
}

static ag_var *power(scalar_graph *s, const char *name, ag_var *x, double p) {
    return record(s, name, ag_pow(s->tape, x, (real)p), p * pow(value_of(x), p - 1), 0);
}

static ag_var *relu(scalar_graph *s, const char *name, ag_var *x) {
    return record(s, name, ag_relu(s->tape, x), value_of(x) > 0, 0);
}

void scalar_graph_make(scalar_graph *s, double a_value, double b_value) {
    *s = (scalar_graph){.tape = ag_tape_new(AG_KEEP)};
    ag_var *a = s->a = leaf(s, "a", a_value), *b = s->b = leaf(s, "b", b_value);
    ag_var *c = plus(s, "c1 = a + b", a, b);
    ag_var *product = times(s, "a b", a, b);
    ag_var *d = plus(s, "d1 = a b + b^3", product, power(s, "b^3", b, 3));
    c = plus(s, "c2 = c1 + (c1 + 1)", c, plus(s, "c1 + 1", c, one(s)));
    ag_var *minus_a = multiple(s, "-a", a, -1);
    ag_var *more = plus(s, "1 + c2 - a", plus(s, "1 + c2", one(s), c), minus_a);
    c = plus(s, "c3 = c2 + (1 + c2 - a)", c, more);
    ag_var *kept = relu(s, "relu(b + a)", plus(s, "b + a", b, a));
    more = plus(s, "2 d1 + relu(b + a)", multiple(s, "2 d1", d, 2), kept);
    d = plus(s, "d2 = d1 + (2 d1 + relu(b + a))", d, more);
    kept = relu(s, "relu(b - a)", plus(s, "b - a", b, minus_a));
    more = plus(s, "3 d2 + relu(b - a)", multiple(s, "3 d2", d, 3), kept);
    d = plus(s, "d3 = d2 + (3 d2 + relu(b - a))", d, more);
    ag_var *e = plus(s, "e = c3 - d3", c, multiple(s, "-d3", d, -1));
    ag_var *f = power(s, "f = e^2", e, 2);
    ag_var *half = multiple(s, "g1 = f / 2", f, 0.5);
    s->g = plus(s, "g = g1 + 10 / f", half, multiple(s, "10 / f", power(s, "1 / f", f, -1), 10));
    ag_backward(s->tape, s->g, 1);
}

void scalar_graph_free(scalar_graph *s) {
    ag_tape_free(s->tape);
}

double scalar_graph_formula(double a, double b) {
    double c = a + b, d = a * b + b * b * b;
    c += c + 1;
    c += 1 + c - a;
    d += 2 * d + fmax(b + a, 0);
    d += 3 * d + fmax(b - a, 0);
    const double f = (c - d) * (c - d);
    return f / 2 + 10 / f;
}

double scalar_graph_arrives(const scalar_graph *s, const ag_var *v) {
    double sum = 0;
    for (int i = 0; i < s->n; i++)
        for (int k = 0; k < s->steps[i].v->n_in; k++)
            if (s->steps[i].v->in[k] == v) sum += s->steps[i].slope[k] * gradient_of(s->steps[i].v);
    return sum;
}

/* What a step calls its result: "c1" of "c1 = a + b". */
static int short_length(const char *name) {
    const char *equals = strstr(name, " = ");
    return equals ? (int)(equals - name) : (int)strlen(name);
}

static void tell_forward(const page *p, const scalar_graph *s) {
    page_text(p,
              "Two numbers, a = %g and b = %g, and a chain of sums, products, powers and relu "
              "(which keeps what is above 0 and makes the rest 0). gradus computes each step at "
              "once and records it on a list, the tape:",
              value_of(s->a), value_of(s->b));
    for (int i = 0; i < s->n; i++) {
        const ag_var *v = s->steps[i].v;
        if (strstr(v->name, " = ")) page_line(p, "%-34s %10.4f", v->name, value_of(v));
    }
    page_gap(p);
    page_text(p,
              "%d steps in all: those in parentheses are steps of their own. How much does g "
              "change when a or b changes a little? That is the gradient, and the tape is all that "
              "is needed to compute it.",
              s->n);
}

static void tell_step(const page *p, const scalar_step *step) {
    const char *name = step->v->name;
    for (int k = 0; k < step->v->n_in; k++) {
        const char *to = step->v->in[k]->name;
        if (k == 0)
            page_line(p, "%-8.*s %10.4f     %-6.*s %10.4f %12.4f", short_length(name), name,
                      gradient_of(step->v), short_length(to), to, step->slope[k],
                      step->slope[k] * gradient_of(step->v));
        else
            page_line(p, "%-8s %10s     %-6.*s %10.4f %12.4f", "", "", short_length(to), to,
                      step->slope[k], step->slope[k] * gradient_of(step->v));
    }
}

static void tell_backward(const page *p, const scalar_graph *s) {
    enum { TOLD = 7 };
    page_heading(p, "Backward: the tape read from its end");
    page_text(p, "The gradient of a step says how much g changes per unit of that step; for g "
                 "itself it is 1. Each step knows only its own slope, or local derivative: how its "
                 "result changes with each input (for a sum 1, for e^2 it is 2 e). To each input "
                 "it passes on slope times gradient, which is the chain rule:");
    page_line(p, "%-8s %10s     %-6s %10s %12s", "step", "gradient", "to", "slope", "passed on");
    for (int i = s->n - 1; i >= s->n - TOLD; i--) tell_step(p, &s->steps[i]);
    page_gap(p);
    page_text(p,
              "... and so on, %d more steps down to a and b. Look at f: two steps used it, and "
              "what they passed on was added up before f passed on anything itself.",
              s->n - TOLD);
}

static void tell_uses(const page *p, const scalar_graph *s) {
    page_heading(p, "Gradients add where a variable is used more than once");
    page_text(p, "Everything that reached b:");
    page_line(p, "%-12s %12s %12s %12s", "used by", "gradient", "slope", "passed on");
    double last = 0;
    for (int i = 0; i < s->n; i++) {
        const scalar_step *step = &s->steps[i];
        for (int k = 0; k < step->v->n_in; k++) {
            if (step->v->in[k] != s->b) continue;
            double passed = step->slope[k] * gradient_of(step->v);
            page_line(p, "%-12.*s %12.4f %12.4f %12.4f", short_length(step->v->name), step->v->name,
                      gradient_of(step->v), step->slope[k], passed);
            if (last == 0) last = passed;
        }
    }
    page_line(p, "%-12s %12s %12s %12.4f", "sum", "", "", scalar_graph_arrives(s, s->b));
    page_line(p, "%-12s %12s %12s %12.4f", "on the tape", "", "", gradient_of(s->b));
    page_gap(p);
    page_text(p,
              "Backward must add, never overwrite: the last to arrive is the step that came first, "
              "%.4f, and alone it would be far off. An embedding works the same way: a word that "
              "occurs three times in a text uses its row three times, and the gradient of that row "
              "is the sum of three.",
              last);
}

static void tell_check(const page *p, const scalar_graph *s) {
    const double a = value_of(s->a), b = value_of(s->b), h = 1e-5;
    const double da = (scalar_graph_formula(a + h, b) - scalar_graph_formula(a - h, b)) / (2 * h);
    const double db = (scalar_graph_formula(a, b + h) - scalar_graph_formula(a, b - h)) / (2 * h);
    page_heading(p, "Is it true?");
    page_text(
        p,
        "Without any tape: the same formula in plain C, with a and then b a little larger and "
        "a little smaller, by %.5f; the difference of the two results, divided by that of "
        "the two inputs, is the slope.",
        h);
    page_line(p, "%-6s %14s %18s", "", "by the tape", "by differences");
    page_line(p, "%-6s %14.4f", "g", value_of(s->g));
    page_line(p, "%-6s %14.4f %18.4f", "dg/da", gradient_of(s->a), da);
    page_line(p, "%-6s %14.4f %18.4f", "dg/db", gradient_of(s->b), db);
    page_gap(p);
    page_text(p, "They are the numbers in micrograd's README, where this expression comes from. "
                 "Differences take two computations for each variable; the tape took one walk "
                 "back for all. A GPT has millions of variables.");
}

/* Draws into the folder: the graph, and the picture where Graphviz is. */
static void draw(const lesson_room *room, const scalar_graph *s) {
    char path[1024];
    str dot = {0};
    err e = {0};
    const bool drawn = io_graphviz_available();
    const ag_graph_options o = {
        .y = s->g, .title = "g of a and b", .numbers = 1, .digits = 7, .n_open = AG_GRAPH_ALL};
    ag_graph_write(&dot, s->tape, &o);
    if (!file_join(path, sizeof path, room->folder, drawn ? "06_graph.svg" : "06_graph.dot", &e) ||
        !io_graphviz_write(path, dot.data, dot.len, &e))
        page_text(&room->page, "No picture: %s", e.message);
    else if (drawn)
        page_picture(&room->page, o.title, path);
    else
        page_text(&room->page, "Graph: %s (with Graphviz, which is not here, it becomes a picture)",
                  path);
    str_free(&dot);
}

static bool tell(const lesson_room *room, err *e) {
    (void)e;
    const page *p = &room->page;
    scalar_graph s;
    scalar_graph_make(&s, -4, 2);
    tell_forward(p, &s);
    tell_backward(p, &s);
    tell_uses(p, &s);
    tell_check(p, &s);
    draw(room, &s);
    page_text(p,
              "What to see: every step is a box with its value and its gradient; follow the arrows "
              "from a and b down to g, and the gradients back up. The graph of a whole GPT:");
    page_line(p, "gradus graph configs/shakespeare_char_cpu.ini --text \"To be\" --out gpt.svg");
    page_gap(p);
    scalar_graph_free(&s);
    return true;
}

static double growth(void) {
    return scalar_graph_formula(-4, 2.001) - scalar_graph_formula(-4, 2);
}

/* Of x x + x at 3, on a tape. */
static double gradient_of_three_uses(void) {
    ag_tape *t = ag_tape_new(AG_KEEP);
    ag_var *x = ag_leaf(t, one_number(t, 3));
    ag_backward(t, ag_add(t, ag_mul(t, x, x), x), 1);
    const double gradient = gradient_of(x);
    ag_tape_free(t);
    return gradient;
}

static const lesson_exercise exercises[] = {
    {.question = "b grows from 2 to 2.001 and a stays at -4. By about how much does g grow?",
     .hint = "a gradient is the growth of g for each 1 that b grows, as long as b grows little",
     .number = growth,
     .tolerance = 0.02},
    {.question = "y = x x + x at x = 3: x is used three times. What is its gradient?",
     .hint = "each x of the product passes on the value of the other one, the last x passes on 1; "
             "add",
     .number = gradient_of_three_uses,
     .tolerance = 1e-6}};

const lesson lesson_graph = {
    .name = "06_graph",
    .title = "The graph",
    .about = "what is recorded on the way forward, walked back step by step, and drawn",
    .tell = tell,
    .exercises = exercises,
    .n_exercises = sizeof exercises / sizeof *exercises};
