#include "autograd/gradcheck.h"
#include "cli/args.h"
#include "cli/cmd.h"

#include <stdio.h>

#define USAGE "gradcheck"

static bool run(int argc, char **argv, err *e) {
    args a;
    if (!args_parse(&a, argc, argv, NULL, 0, 0, 0, USAGE, e)) return false;
    int failed = 0;
    printf("%-22s %9s %12s %10s         %s\n", "op", "elements", "worst error", "allowed",
           "formula");
    for (int i = 0; i < gradcheck_n_ops(); i++) {
        gradcheck_result r = gradcheck_op(i);
        printf("%-22s %9lld %12.2e %10.0e  %-6s %s\n", r.name, (long long)r.n_elements, r.worst,
               r.tolerance, r.passed ? "ok" : "FAILED", r.formula);
        failed += !r.passed;
    }
    printf("%d ops, %d failed, in %s\n", gradcheck_n_ops(), failed, REAL_NAME);
    return !failed || err_set(e, ERR_INPUT, "%d gradient checks failed", failed);
}

const cmd cmd_gradcheck = {
    "gradcheck", "", "check the gradient of every op against finite differences",
    "The error of a gradient element is |analytic - numeric| / max(floor, |numeric|). "
    "A build with\nVARIANT=f64 checks in double, to 1e-6.",
    run};
