/* 07: with tied weights one matrix is both the embedding and the head. Backward reaches it twice:
 * as a table of which a few rows were looked up, and as the matrix that makes logits of hidden
 * states, of which every row takes part. It gets the sum. Here the same small GPT is built untied
 * and tied, with equal numbers, to see the two parts and their sum.
 *
 *     make examples && build/examples/07_weight_tying
 *     cc -O2 -fopenmp -Isrc examples/07_weight_tying.c build/libgradus.a \
 *        -lblis -lcjson -linih -lpcre2-8 -lutf8proc -lm -o 07_weight_tying
 */
#include "gradus.h"

#include <math.h>
#include <string.h>

enum { V = 8, C = 16, T = 6 };

static const int32_t ids[T] = {3, 1, 4, 1, 5, 3}, targets[T] = {1, 4, 1, 5, 3, 2};

static nn_gpt *model(bool tied) {
    nn_gpt_config c = {.vocab_size = V,
                       .block_size = T,
                       .n_layer = 2,
                       .n_head = 2,
                       .n_embd = C,
                       .bias = true,
                       .tie_weights = tied,
                       .init_std = 0.2};
    nn_gpt *m = nn_gpt_new(&c, true);
    nn_params_init(&m->params, rng_from_seed(7)); /* of a name the same numbers in both */
    memcpy(m->head->value.data, m->wte.weight->value.data, V * C * sizeof(real));
    return m;
}

/* Forward and backward of one sequence; the loss. */
static double run(nn_gpt *m) {
    ag_tape *t = ag_tape_new(AG_RELEASE);
    ag_var *loss = nn_gpt_loss(m, t, ids, targets, 1, T);
    ag_backward(t, loss, 1);
    double value = loss->value.data[0];
    ag_tape_free(t);
    return value;
}

static double norm_of_row(const ag_var *w, int row) {
    return sqrt(tensor_sum_squares(w->grad.data + row * C, C));
}

int main(void) {
    nn_gpt *untied = model(false), *tied = model(true);
    printf("untied: %lld parameters, loss %.6f\n", (long long)nn_params_count(&untied->params),
           run(untied));
    printf("tied:   %lld parameters, loss %.6f; %d x %d fewer\n\n",
           (long long)nn_params_count(&tied->params), run(tied), V, C);

    ag_var *in = untied->wte.weight, *out = untied->head, *both = tied->wte.weight;
    printf("as an embedding %lld of %d rows got gradient; as a head, all\n", (long long)in->rows.n,
           V);
    ag_grad_densify(in);
    printf("norm of the gradient of each row\n  token  embedding    head    tied\n");
    double worst = 0;
    for (int r = 0; r < V; r++) {
        printf("  %5d  %9.4f%8.4f%8.4f\n", r, norm_of_row(in, r), norm_of_row(out, r),
               norm_of_row(both, r));
        for (int i = r * C; i < (r + 1) * C; i++)
            worst = fmax(worst, fabs((double)both->grad.data[i] - (double)in->grad.data[i] -
                                     (double)out->grad.data[i]));
    }
    printf("tied = embedding + head, number by number, to %.0e\n", worst);
    nn_gpt_free(untied);
    nn_gpt_free(tied);
    return worst < 1e-6 ? 0 : 1;
}
