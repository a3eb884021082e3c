/* One window of a tiny model, and by how much word2vec.c's formula changes each row: numbers worked
 * out by hand, for skip-gram and CBOW, negative sampling and hierarchical softmax.
 *
 * Five words; the text is "2 1 3 4", the window is 2 and 3 around the center 1. In the three
 * columns that are not zero:
 *
 *     vectors       x2 = (0.5, -1, 0)        x3 = (1, 0.5, -0.5)
 *     syn1neg       y1 = (0.2, 0.4, -0.6)    y4 = (1, -0.5, 0.25)    y2 = (-0.3, 0.1, 0.5)
 *     syn1          n3 = (-0.6, 0.3, 0.1)    n0 = (0.4, -0.2, 0.8)
 *
 * The wrong words are 4 and 2. The path to word 1 turns at node 3 with code 0, at node 0 with code
 * 1; `right` is 1 - code. All other rows hold numbers that must stay. */
#ifndef TESTS_ONE_WINDOW_H
#define TESTS_ONE_WINDOW_H

#include "autograd/windows.h"
#include "base/real.h"

#include <stdbool.h>

enum { ONE_WORDS = 5, ONE_COLUMNS = 3, ONE_WIDTH = 16 };
static const double one_alpha = 0.025;

static const double one_vectors[ONE_WORDS][ONE_COLUMNS] = {
    {0.1, 0.1, 0.1}, {7, 7, 7}, {0.5, -1, 0}, {1, 0.5, -0.5}, {-0.25, 0.75, 2}};
static const double one_syn1neg[ONE_WORDS][ONE_COLUMNS] = {
    {0.3, 0.3, 0.3}, {0.2, 0.4, -0.6}, {-0.3, 0.1, 0.5}, {0.6, 0.6, 0.6}, {1, -0.5, 0.25}};
static const double one_syn1[ONE_WORDS - 1][ONE_COLUMNS] = {
    {0.4, -0.2, 0.8}, {0.5, 0.5, 0.5}, {0.9, 0.9, 0.9}, {-0.6, 0.3, 0.1}};

enum { ONE_POSITIONS = 4 };
static const int32_t one_ids[ONE_POSITIONS] = {2, 1, 3, 4};
static const ag_windows one_window = {1, (const ag_window[]){{1, 0, 2}}, (const int32_t[]){0, 3},
                                      (const int32_t[]){1, 4, 2}};
static const ag_paths one_paths = {(const int32_t[]){0, 1, 3, 4, 5, 6},
                                   (const int32_t[]){1, 3, 0, 1, 1, 1},
                                   (const uint8_t[]){0, 1, 0, 0, 0, 0}};

typedef struct one_change {
    int32_t row;
    double by[ONE_COLUMNS];
} one_change;

/* By how much the rows of the vectors and of the outputs change; all others stay. */
typedef struct one_case {
    bool sg, ns; /* skip-gram, else CBOW; negative sampling, else hierarchical softmax */
    double loss;
    one_change vectors[2], outputs[3];
    int n_outputs;
} one_case;

/* With sigma(z) = 1 / (1 + e^-z), label 1 for the right word and for code 0, else 0,
 * g = (label - sigma(z)) alpha for each z = x . y: an input gains the sum of g y over the outputs
 * (neu1e), an output that of g x over the inputs. CBOW has one x, the mean m = (0.75, -0.25, -0.25)
 * of x2 and x3, and both gain the whole of neu1e. */
static const one_case one_cases[] = {
    /* x2: z = -0.3, 1, -0.25; g = 0.014361062920291, -0.018276464465750, -0.010945587477855
     * x3: z = 0.7, 0.625, -0.5; g = 0.008295305695796, -0.016283871616651, -0.009438516719954
     * x2 gains 0.01436 y1 - 0.01828 y4 - 0.01095 y2; y1 gains 0.01436 x2 + 0.00830 x3; ... */
    {.sg = true,
     .ns = true,
     .loss = 4.674520063207677,
     .vectors = {{2, {-0.012120575638335, 0.013788098653206, -0.018658547607540}},
                 {3, {-0.011793255461506, 0.010516206414649, -0.013767409681617}}},
     .outputs = {{1, {0.015475837155942, -0.010213410072394, -0.004147652847898}},
                 {4, {-0.025422103849526, 0.010134528657424, 0.008141935808326}},
                 {2, {-0.014911310458881, 0.006226329117878, 0.004719258359977}}},
     .n_outputs = 3},
    /* x2: z = -0.6, 0.4; g = 0.016141407655645, -0.014967191502811
     * x3: z = -0.5, -0.1; g = 0.015561483280046, -0.011875520313027 */
    {.sg = true,
     .ns = false,
     .loss = 3.568976847139516,
     .vectors = {{2, {-0.015671721194511, 0.007835860597256, -0.010359612436685}},
                 {3, {-0.014087098093238, 0.007043549046619, -0.007944267922417}}},
     .outputs = {{3, {0.023632187107869, -0.008360666015622, -0.007780741640023}},
                 {0, {-0.019359116064432, 0.009029431346298, 0.005937760156513}}},
     .n_outputs = 2},
    /* m: z = 0.2, 0.8125, -0.375; g = 0.011254150067188, -0.017316049578368, -0.010183335001148 */
    {.sg = false,
     .ns = true,
     .loss = 2.301004165660359,
     .vectors = {{2, {-0.012010219064586, 0.012141351315945, -0.016173169935479}},
                 {3, {-0.012010219064586, 0.012141351315945, -0.016173169935479}}},
     .outputs = {{1, {0.008440612550391, -0.002813537516797, -0.002813537516797}},
                 {4, {-0.012987037183776, 0.004329012394592, 0.004329012394592}},
                 {2, {-0.007637501250861, 0.002545833750287, 0.002545833750287}}},
     .n_outputs = 3},
    /* m: z = -0.55, 0.15; g = 0.015853389775270, -0.013435746133594 */
    {.sg = false,
     .ns = false,
     .loss = 1.776449529252869,
     .vectors = {{2, {-0.014886332318600, 0.007443166159300, -0.009163257929348}},
                 {3, {-0.014886332318600, 0.007443166159300, -0.009163257929348}}},
     .outputs = {{3, {0.011890042331453, -0.003963347443818, -0.003963347443818}},
                 {0, {-0.010076809600195, 0.003358936533398, 0.003358936533398}}},
     .n_outputs = 2},
};
enum { ONE_CASES = sizeof one_cases / sizeof *one_cases };

/* Puts the three columns of n rows into rows of ONE_WIDTH. */
static inline void one_fill(const double (*from)[ONE_COLUMNS], int64_t n, real *to) {
    for (int64_t r = 0; r < n; r++)
        for (int64_t c = 0; c < ONE_WIDTH; c++)
            to[r * ONE_WIDTH + c] = c < ONE_COLUMNS ? (real)from[r][c] : 0;
}

/* By how much number c of the row changes. */
static inline double one_expected(const one_change *changes, int n, int32_t row, int64_t c) {
    for (int i = 0; i < n; i++)
        if (changes[i].row == row && c < ONE_COLUMNS) return changes[i].by[c];
    return 0;
}

#endif
