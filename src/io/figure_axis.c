#include "io/figure_axis.h"

#include "base/check.h"
#include "io/figure_text.h"

#include <math.h>
#include <string.h>

bool io_has_place(double x, bool log) {
    const double most = 1e200;
    return fabs(x) <= most && (!log || x >= 1 / most);
}

void io_extend(io_extent *extent, double x, bool log) {
    if (!io_has_place(x, log)) return;
    extent->low = fmin(extent->low, x);
    extent->high = fmax(extent->high, x);
}

io_extent io_widen(io_extent extent, double part, bool log) {
    double low = extent.low, high = extent.high;
    if (low > high) return log ? (io_extent){0.1, 10} : (io_extent){0, 1};
    if (log) {
        double factor = low < high ? pow(high / low, part) : 2;
        return (io_extent){low / factor, high * factor};
    }
    double more = part * (high - low);
    if (high - low <= 1e-12 * fmax(fabs(low), fabs(high))) more = low == 0 ? 1 : 0.5 * fabs(low);
    return (io_extent){low - more, high + more};
}

/* "1e6" for "1e+06". */
static void trim_exponent(char *number) {
    char *e = strchr(number, 'e');
    if (!e) return;
    char *to = e + 1, *from = e + 1;
    if (*from == '-') *to++ = *from;
    from++;
    from += strspn(from, "0");
    memmove(to, from, strlen(from) + 1);
}

void io_format_number(char *out, size_t size, double x) {
    double length = fabs(x);
    bool whole = length >= 1000 && length < 1e6;
    snprintf(out, size, whole ? "%.0f" : "%.3g", x);
    trim_exponent(out);
}

/* Adds a tic at x with its number, told apart from others `step` away. */
static void add_tic(io_axis *a, double x, double step) {
    if (a->n_tics == IO_MAX_TICS) return;
    char *name = a->names[a->n_tics];
    double largest = a->log ? x : fmax(fabs(a->low), fabs(a->high));
    int decimals = (int)fmax(0, ceil(-log10(step) - 1e-9));
    if (largest >= 1e6 || decimals > 5) {
        int digits = x == 0 ? 1 : (int)floor(log10(fabs(x) / step) + 1e-9) + 2;
        snprintf(name, sizeof a->names[0], "%.*g", digits > 15 ? 15 : digits, x);
        trim_exponent(name);
    } else {
        snprintf(name, sizeof a->names[0], "%.*f", decimals, x);
    }
    a->tics[a->n_tics++] = x;
}

/* The least of 1, 2, 5, 10, ... times a power of ten that is not less than x. */
static double round_up(double x) {
    double power = pow(10, floor(log10(x))), multiple = x / power;
    return power * (multiple <= 1 ? 1 : multiple <= 2 ? 2 : multiple <= 5 ? 5 : 10);
}

static void add_linear_tics(io_axis *a, double most) {
    double step = round_up((a->high - a->low) / most);
    for (double k = ceil(a->low / step - 1e-9); k * step <= a->high + 1e-9 * step; k++)
        add_tic(a, k == 0 ? 0 : k * step, step);
}

/* Of a logarithmic axis: powers of ten, of less than three decades 2 and 5 times them as well. */
static void add_log_tics(io_axis *a, double most) {
    double first = floor(log10(a->low)), last = ceil(log10(a->high)), decades = last - first;
    static const double all[] = {1, 2, 5};
    int per_decade = 3 * log10(a->high / a->low) <= most ? 3 : 1;
    double step = per_decade > 1 ? 1 : ceil(decades / most);
    for (double d = first; d <= last; d += step)
        for (int i = 0; i < per_decade; i++) {
            double x = all[i] * pow(10, d);
            if (x >= a->low * (1 - 1e-9) && x <= a->high * (1 + 1e-9)) add_tic(a, x, x);
        }
}

static void add_tics(io_axis *a, double most) {
    a->n_tics = 0;
    if (a->log && log10(a->high / a->low) >= 0.8)
        add_log_tics(a, most);
    else
        add_linear_tics(a, most);
}

io_axis io_axis_make(io_extent ends, bool log, double length, double tic_width) {
    CHECK(ends.low < ends.high && (!log || ends.low > 0), "an axis from %g to %g", ends.low,
          ends.high);
    io_axis a = {.low = ends.low, .high = ends.high, .log = log};
    double most = fmin(fmax(floor(length / tic_width), 1), IO_MAX_TICS - 4);
    for (int try = 0; try < 3 && a.n_tics < 2; try++, most *= 2) add_tics(&a, most);
    return a;
}

double io_axis_share(const io_axis *a, double x) {
    return a->log ? log(x / a->low) / log(a->high / a->low) : (x - a->low) / (a->high - a->low);
}

void io_axis_put_tics(io_axis *a, const double *x, int64_t n, double length) {
    const double gap = 8;
    io_axis own = *a;
    double free_from = -INFINITY;
    if (n > IO_MAX_TICS) return;
    own.n_tics = 0;
    for (int64_t i = 0; i < n; i++) {
        char *name = own.names[own.n_tics];
        io_format_number(name, sizeof own.names[0], x[i]);
        double at = length * io_axis_share(a, x[i]), half = io_text_width(name, IO_SMALL) / 2;
        if (!(at >= 0 && at <= length) || at - half < free_from) return;
        free_from = at + half + gap;
        own.tics[own.n_tics++] = x[i];
    }
    *a = own;
}

double io_axis_names_width(const io_axis *a) {
    double width = 0;
    for (int i = 0; i < a->n_tics; i++) width = fmax(width, io_text_width(a->names[i], IO_SMALL));
    return width;
}

void io_axis_write(const io_canvas *c, const char *which, const io_axis *a) {
    const double more = a->log ? 1 + 1e-9 : 1; /* gnuplot rounds a tic at the end to beyond it */
    if (a->log) fprintf(c->out, "set logscale %s\n", which);
    fprintf(c->out, "set %srange [%.17g:%.17g]\nset %stics (", which, a->low / more, a->high * more,
            which);
    for (int i = 0; i < a->n_tics; i++)
        fprintf(c->out, "%s'%s' %.17g", i ? ", " : "", a->names[i], a->tics[i]);
    fprintf(c->out, ")\n");
}
