#include "cli/precision.h"

#include "cli/args.h"

bool precision_apply(const char *name, nn_gpt *m, err *e) {
    enum { FP32, BF16 };
    int choice = args_choice("precision", name, "fp32|bf16", e);
    if (choice < 0) return false;
    if (choice == FP32) return true;
    if (sizeof(real) != sizeof(float))
        return err_set(e, ERR_USAGE, "--precision bf16: this is a build in double");
    nn_gpt_store_bf16(m);
    return true;
}
