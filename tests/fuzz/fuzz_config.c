/* Any bytes are a configuration or one message; what is read can be written and read again. */
#include "base/check.h"
#include "train/config.h"

#include <stdint.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    config c;
    err e = {0};
    cfg_defaults(&c);
    if (!cfg_parse(&c, (const char *)data, size, "fuzz.ini", &e)) {
        CHECK(e.code == ERR_INPUT && *e.message, "refused without a message");
        return 0;
    }
    str first = {0}, second = {0};
    cfg_write(&c, &first);
    cfg_defaults(&c);
    CHECK(cfg_parse(&c, first.data, first.len, "written.ini", &e), "%s", e.message);
    cfg_write(&c, &second);
    CHECK(strcmp(first.data, second.data) == 0, "reads back differently");
    cfg_validate(&c, "fuzz.ini", &e);
    str_free(&first);
    str_free(&second);
    return 0;
}
