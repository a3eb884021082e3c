#include "lesson/page.h"

#include <ctype.h>
#include <stdarg.h>
#include <string.h>

/* What stands before titles and headings, behind both, and before a line of a table. */
static const struct {
    const char *title, *heading, *end, *indent;
} styles[] = {[PAGE_PLAIN] = {"", "", "", "  "},
              [PAGE_TERMINAL] = {"\033[1m", "\033[1m", "\033[0m", "  "},
              [PAGE_MARKDOWN] = {"## ", "### ", "", "    "}};

static void print_heading(const page *p, const char *before, const char *fmt, va_list arguments) {
    fprintf(p->out, "\n%s", before);
    vfprintf(p->out, fmt, arguments);
    fprintf(p->out, "%s\n\n", styles[p->style].end);
}

void page_title(const page *p, const char *fmt, ...) {
    va_list arguments;
    va_start(arguments, fmt);
    print_heading(p, styles[p->style].title, fmt, arguments);
    va_end(arguments);
}

void page_heading(const page *p, const char *fmt, ...) {
    va_list arguments;
    va_start(arguments, fmt);
    print_heading(p, styles[p->style].heading, fmt, arguments);
    va_end(arguments);
}

static bool starts_character(char byte) {
    return ((unsigned char)byte & 0xc0) != 0x80;
}

static int characters(const char *text, size_t n) {
    int count = 0;
    for (size_t i = 0; i < n; i++) count += starts_character(text[i]);
    return count;
}

int page_columns(const char *text) {
    return characters(text, strlen(text));
}

int page_fit(const char *text, int columns) {
    int n = 0;
    for (; text[n]; n++) {
        columns -= starts_character(text[n]);
        if (columns < 0) break;
    }
    return n;
}

const char *page_cell(char *out, const char *text, int columns) {
    int n = page_fit(text, columns);
    snprintf(out, PAGE_CELL_BYTES, "%.*s%*s", n, text, columns - characters(text, (size_t)n), "");
    for (char *c = out; *c; c++)
        if ((unsigned char)*c < ' ') *c = ' ';
    return out;
}

/* Prints the words of the text, as many on a line as it holds; one that no line holds is cut. */
static void print_wrapped(FILE *out, const char *text) {
    int column = 0;
    while (*(text += strspn(text, " \n"))) {
        size_t n = strcspn(text, " \n");
        if (characters(text, n) > PAGE_WIDTH) n = (size_t)page_fit(text, PAGE_WIDTH);
        int width = characters(text, n);
        if (column > 0 && column + 1 + width > PAGE_WIDTH) {
            fputc('\n', out);
            column = 0;
        }
        column += fprintf(out, "%s", column ? " " : "") + width;
        fwrite(text, 1, n, out);
        text += n;
    }
    fputs("\n\n", out);
}

/* Prints the text as one line in which nothing is markup, nor a number at its beginning that of a
 * list. */
static void print_markdown(FILE *out, const char *text) {
    size_t n_digits = strspn(text, "0123456789");
    if (n_digits > 0 && text[n_digits] == '.') {
        fprintf(out, "%.*s\\", (int)n_digits, text);
        text += n_digits;
    }
    for (char before = ' '; *text; before = *text++) {
        /* Within a word an underscore is only that. */
        bool in_word = isalnum((unsigned char)before) && isalnum((unsigned char)text[1]);
        if (strchr("*<`", *text) || (*text == '_' && !in_word)) fputc('\\', out);
        fputc(*text == '\n' ? ' ' : *text, out);
    }
    fputs("\n\n", out);
}

void page_text(const page *p, const char *fmt, ...) {
    va_list arguments;
    char text[4096];
    va_start(arguments, fmt);
    vsnprintf(text, sizeof text, fmt, arguments);
    va_end(arguments);
    if (p->style == PAGE_MARKDOWN)
        print_markdown(p->out, text);
    else
        print_wrapped(p->out, text);
}

void page_line(const page *p, const char *fmt, ...) {
    va_list arguments;
    va_start(arguments, fmt);
    fputs(styles[p->style].indent, p->out);
    vfprintf(p->out, fmt, arguments);
    fputc('\n', p->out);
    va_end(arguments);
}

void page_gap(const page *p) {
    fputc('\n', p->out);
}

void page_picture(const page *p, const char *title, const char *path) {
    if (p->style == PAGE_MARKDOWN)
        fprintf(p->out, "![%s](%s)\n\n", title, path);
    else
        page_text(p, "Picture: %s", path);
}

static void print_row(const page *p, const char *name, int name_width, const tensor *x, int64_t row,
                      int digits) {
    int64_t n = x->shape[x->n_dim - 1], stride = x->stride[x->n_dim - 1];
    const real *numbers = x->data + (x->n_dim == 2 ? row * x->stride[0] : 0);
    int width = digits + 4, column = 4 + name_width;
    fprintf(p->out, "%s  %-*s", styles[p->style].indent, name_width, name);
    for (int64_t i = 0; i < n; i++) {
        bool is_last = i + 1 == n;
        if (column + width + 1 + (is_last ? 0 : 3) > PAGE_WIDTH) {
            fputs(" ..", p->out);
            break;
        }
        column += fprintf(p->out, " %*.*f", width, digits, (double)numbers[i * stride]);
    }
    fputc('\n', p->out);
}

void page_matrix(const page *p, const char *name, const char *const *row_names, const tensor *x,
                 int digits) {
    char shape[96];
    int64_t rows = x->n_dim == 2 ? x->shape[0] : 1;
    int name_width = 0;
    for (int64_t r = 0; row_names && r < rows; r++)
        if ((int)strlen(row_names[r]) > name_width) name_width = (int)strlen(row_names[r]);
    page_line(p, "%s %s", name, tensor_shape_text(x, shape, sizeof shape));
    for (int64_t r = 0; r < rows; r++)
        print_row(p, row_names ? row_names[r] : "", name_width, x, r, digits);
    page_gap(p);
}
