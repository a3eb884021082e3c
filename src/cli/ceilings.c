#include "cli/ceilings.h"

#include "cli/products.h"
#include "tensor/bandwidth.h"

ceilings ceilings_measure(tensor_type type) {
    const product square = {768, 768, 768, false, false};
    product_kind first = type == TENSOR_REAL ? PRODUCT_REAL : PRODUCT_BF16;
    product_kind last = type == TENSOR_REAL ? PRODUCT_REAL : PRODUCT_ONEDNN;
    ceilings c = {.bytes = tensor_read_bandwidth()};
    enum { TRIES = 5 }; /* one alone may meet a busy moment of a shared machine */
    for (product_kind kind = first; kind <= last; kind++) {
        for (int i = 0; i < TRIES; i++) {
            double speed = product_speed(kind, &square);
            if (speed > c.flops) c = (ceilings){speed, product_name(kind), c.bytes};
        }
    }
    return c;
}
