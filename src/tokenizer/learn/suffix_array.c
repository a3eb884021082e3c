#include "tokenizer/learn/suffix_array.h"

enum { TASK = 1 << 14, FEW = 12 };

int suffix_common(const uint32_t *text, uint32_t a, uint32_t b, int depth) {
    int i = 0;
    while (i < depth && text[a + i] && text[a + i] == text[b + i]) i++;
    return i;
}

int suffix_length(const uint32_t *text, uint32_t a, int depth) {
    int i = 0;
    while (i < depth && text[a + i]) i++;
    return i;
}

static void swap(uint32_t *a, uint32_t *b) {
    uint32_t t = *a;
    *a = *b;
    *b = t;
}

static uint32_t middle_of_three(uint32_t a, uint32_t b, uint32_t c) {
    uint32_t low = a < b ? a : b, high = a < b ? b : a;
    return c < low ? low : c > high ? high : c;
}

/* The middle of three middles: a pivot that few orders of the input make a bad one. */
static uint32_t choose_pivot(const uint32_t *text, const uint32_t *s, size_t n) {
    uint32_t middle[3];
    for (size_t i = 0; i < 3; i++) {
        const uint32_t *third = s + i * (n / 3);
        middle[i] = middle_of_three(text[third[0]], text[third[n / 6]], text[third[n / 3 - 1]]);
    }
    return middle_of_three(middle[0], middle[1], middle[2]);
}

static void insertion_sort(const uint32_t *text, uint32_t *s, size_t n, int depth) {
    for (size_t i = 1; i < n; i++)
        for (size_t j = i; j > 0; j--) {
            int same = suffix_common(text, s[j - 1], s[j], depth);
            if (same == depth || text[s[j - 1] + same] <= text[s[j] + same]) break;
            swap(&s[j - 1], &s[j]);
        }
}

/* Sorts suffixes by what begins `text` numbers into them: text is moved on instead of the places.
 */
static void sort(const uint32_t *text, uint32_t *s, size_t n, int depth) {
    while (n > FEW && depth > 0) {
        uint32_t pivot = choose_pivot(text, s, n);
        size_t low = 0, high = n; /* s[0..low) is below the pivot, s[high..n) above */
        for (size_t i = 0; i < high;) {
            uint32_t key = text[s[i]];
            if (key < pivot)
                swap(&s[i++], &s[low++]);
            else if (key > pivot)
                swap(&s[i], &s[--high]);
            else
                i++;
        }
#pragma omp task if (low > TASK)
        sort(text, s, low, depth);
#pragma omp task if (n - high > TASK)
        sort(text, s + high, n - high, depth);
        if (pivot == 0) return;
        s += low;
        n = high - low;
        text++;
        depth--;
    }
    insertion_sort(text, s, n, depth);
}

void suffix_sort(const uint32_t *text, uint32_t *suffixes, size_t n, int depth) {
#pragma omp parallel
#pragma omp single
    sort(text, suffixes, n, depth);
}
