/* 01: a tensor is a view of numbers that you own: a shape, and strides that say how far apart the
 * numbers of each dimension lie. Slices, transposes and broadcasts are other views of the same
 * numbers; nothing is copied.
 *
 *     make examples && build/examples/01_tensor
 *     cc -O2 -fopenmp -Isrc examples/01_tensor.c build/libgradus.a \
 *        -lblis -lcjson -linih -lpcre2-8 -lutf8proc -lm -o 01_tensor
 */
#include "gradus.h"

static void print(const char *what, const tensor *x) {
    char shape[96];
    printf("%s: shape %s, strides (%lld, %lld)\n", what, tensor_shape_text(x, shape, sizeof shape),
           (long long)x->stride[0], (long long)x->stride[1]);
    for (int64_t i = 0; i < x->shape[0]; i++) {
        for (int64_t j = 0; j < x->shape[1]; j++)
            printf("%8.1f", (double)x->data[i * x->stride[0] + j * x->stride[1]]);
        printf("\n");
    }
    printf("\n");
}

int main(void) {
    real numbers[12];
    for (int i = 0; i < 12; i++) numbers[i] = (real)i;
    tensor x = tensor_2d(numbers, 3, 4);
    print("x", &x);

    tensor column = tensor_slice(&x, 1, 2, 1); /* dimension 1, from index 2, 1 wide */
    print("its third column", &column);

    tensor turned = tensor_transpose(&x);
    print("x transposed: the strides have changed places", &turned);

    column.data[0] = 50; /* number 2 of the twelve, under whatever name */
    print("x, after the column's first number became 50", &x);

    real row[] = {10, 20, 30, 40};
    tensor offset = tensor_1d(row, 4);
    tensor repeated = tensor_broadcast(&offset, 2, x.shape);
    print("a row broadcast to x's shape: stride 0 repeats it", &repeated);

    tensor_accumulate(&x, 1, &repeated);
    print("x plus that row", &x);

    real products[9];
    tensor gram = tensor_2d(products, 3, 3);
    tensor_gemm(1, &x, &turned, 0, &gram); /* the transpose is a view, so x x^T costs no copy */
    print("x x^T: the dot product of each two rows", &gram);
    printf("the sum of all of x is %.1f\n", tensor_sum(&x));
    return 0;
}
