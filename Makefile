# gradus: `make help` lists the targets.

VARIANT ?= release
CC      ?= cc
OUT     := $(if $(filter release,$(VARIANT)),build,build/$(VARIANT))

WARNINGS := -Wall -Wextra -Wpedantic -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
            -Wpointer-arith -Wwrite-strings -Wvla -Wundef $(if $(CI),-Werror)
# No -Ofast: a loop that may reorder its sums says so itself with `omp simd reduction`.
FAST     := -O3 -march=native -mprefer-vector-width=512 -ffp-contract=fast -fno-math-errno \
            -fno-trapping-math
CFLAGS_release := $(FAST)
CFLAGS_debug   := -O0
CFLAGS_asan    := -O1 -fsanitize=address -fno-omit-frame-pointer
CFLAGS_ubsan   := -O1 -fsanitize=undefined -fno-sanitize-recover=all
CFLAGS_f64     := $(FAST) -DGRADUS_F64
VARIANTS       := release debug asan ubsan f64
$(if $(filter $(VARIANT),$(VARIANTS)),,$(error VARIANT=$(VARIANT): expected one of $(VARIANTS)))

VERSION  := 0.1.0
CFLAGS   += -std=c11 -g -fopenmp $(WARNINGS) $(CFLAGS_$(VARIANT))
CPPFLAGS += -D_POSIX_C_SOURCE=200809L -DGRADUS_VERSION='"$(VERSION)"' -Isrc -MMD -MP
LDLIBS   += -lblis -lcjson -linih -lpcre2-8 -lutf8proc -lm

# oneDNN, where libdnnl-dev is installed, is what `gradus bench` compares with; DNNL= leaves it out.
DNNL     := $(shell echo '\#include <oneapi/dnnl/dnnl.h>' | $(CC) -E -x c - >/dev/null 2>&1 && echo yes)
LDFLAGS  += -Wl,--as-needed
LDLIBS   += $(if $(DNNL),-ldnnl)

LAYERS   := base tensor autograd nn io tokenizer embed train lesson cli
SOURCES  := $(foreach layer,$(LAYERS),$(sort $(wildcard src/$(layer)/*.c src/$(layer)/*/*.c)))
LIBRARY  := $(OUT)/libgradus.a
PROGRAM  := $(OUT)/gradus
object    = $(patsubst %.c,$(OUT)/obj/%.o,$(1))
LIB_OBJECTS := $(call object,$(filter-out src/cli/%,$(SOURCES)))
CLI_OBJECTS := $(call object,$(filter src/cli/%,$(SOURCES)))
EXAMPLES := $(patsubst %.c,$(OUT)/%,$(sort $(wildcard examples/*.c)))
TESTS    := $(patsubst tests/%.c,$(OUT)/tests/%,$(sort $(wildcard tests/*/test_*.c)))
FUZZERS  := $(patsubst tests/fuzz/%.c,%,$(sort $(wildcard tests/fuzz/fuzz_*.c)))
C_FILES   = $(shell git ls-files -co --exclude-standard '*.c' '*.h')

all: $(LIBRARY) $(PROGRAM) ## build libgradus.a and the program gradus

# Short lines; V=1 shows the commands.
quiet = $(if $(V),,@echo "  $(1) $@" &&)

$(LIBRARY): $(LIB_OBJECTS)
	@rm -f $@
	$(call quiet,AR) $(AR) rcs $@ $^

$(PROGRAM): $(CLI_OBJECTS) $(LIBRARY)
	$(call quiet,LD) $(CC) $(CFLAGS) $^ $(LDFLAGS) $(LDLIBS) -o $@

$(OUT)/obj/%.o: %.c Makefile
	@mkdir -p $(@D)
	$(call quiet,CC) $(CC) $(CPPFLAGS) $(CFLAGS) -c $< -o $@

$(OUT)/obj/src/tensor/onednn.o: CPPFLAGS += $(if $(DNNL),-DGRADUS_ONEDNN)

$(OUT)/tests/%: tests/%.c $(LIBRARY) Makefile
	@mkdir -p $(@D)
	$(call quiet,CC) $(CC) $(CPPFLAGS) -Itests $(CFLAGS) $< $(LIBRARY) $(LDFLAGS) -lcmocka $(LDLIBS) -o $@

examples: $(EXAMPLES) ## build the programs of examples/

$(OUT)/examples/%: examples/%.c $(LIBRARY) Makefile
	@mkdir -p $(@D)
	$(call quiet,CC) $(CC) $(CPPFLAGS) $(CFLAGS) $< $(LIBRARY) $(LDFLAGS) $(LDLIBS) -o $@

# What the build and the program need: a header or a program, and the Debian package that has it.
NEEDED_HEADERS  := stdio.h=libc6-dev blis.h=libblis-openmp-dev stb/stb_image_write.h=libstb-dev \
                   ini.h=libinih-dev cjson/cJSON.h=libcjson-dev pcre2.h=libpcre2-dev \
                   utf8proc.h=libutf8proc-dev
NEEDED_PROGRAMS := gcc=gcc gnuplot=gnuplot-nox
TEST_HEADERS    := cmocka.h=libcmocka-dev

setup: ## install the Debian packages that are missing
	@missing=; \
	for need in $(NEEDED_PROGRAMS); do \
	    command -v $${need%%=*} >/dev/null || missing="$$missing $${need#*=}"; done; \
	for need in $(NEEDED_HEADERS) $(TEST_HEADERS); do \
	    printf '#define PCRE2_CODE_UNIT_WIDTH 8\n#include <stdarg.h>\n#include <stddef.h>\n#include <stdint.h>\n#include <setjmp.h>\n#include <%s>\n' $${need%%=*} | \
	    $(CC) -E -x c - >/dev/null 2>&1 || missing="$$missing $${need#*=}"; done; \
	[ -z "$$missing" ] && exit 0; \
	command -v apt-get >/dev/null || { echo "gradus needs these Debian packages or their like:$$missing" >&2; exit 1; }; \
	echo "installing:$$missing"; \
	sudo=; [ "$$(id -u)" = 0 ] || sudo=sudo; \
	$$sudo apt-get update -qq && DEBIAN_FRONTEND=noninteractive $$sudo apt-get install -y -qq $$missing

demo: setup ## train a small GPT on real text and show what it learned
	@$(MAKE) --no-print-directory -j$(shell nproc) all
	@examples/demo.sh $(PROGRAM)

corpus: setup ## a text of 9 million words from Debian's dictionaries and books, for word vectors
	@$(MAKE) --no-print-directory -j$(shell nproc) all
	@examples/corpus.sh

course: all ## docs/course.md and its pictures anew, by running every lesson
	@cd docs && sed '/^<!--/q' course.md > course.tmp && \
	$(abspath $(PROGRAM)) lesson all --markdown --out course >> course.tmp && mv course.tmp course.md
	@find docs/course -type f ! -name '*.png' ! -name '*.svg' -delete

test: setup ## build and run every test
	@$(MAKE) --no-print-directory -j$(shell nproc) run-tests

run-tests: all $(EXAMPLES) $(TESTS)
	@GRADUS=$(PROGRAM) EXAMPLES=$(OUT)/examples tests/run.sh $(TESTS)

check: layers headers docs ## static checks: layers, headers that stand alone, docs, clang-format, the linter
	@$(MAKE) --no-print-directory format-check lint

layers: ## fail when a layer includes one that stands to its left
	@tests/layers.sh

docs: ## fail when a text names a file or function, or quotes a line, that is not there
	@tests/docs.sh

headers: ## every header compiles on its own
	@for h in $$(git ls-files -co --exclude-standard 'src/*.h'); do \
	    $(CC) $(CPPFLAGS) -std=c11 -fopenmp -Wall -Wextra -Werror -fsyntax-only -x c $$h -MF /dev/null || exit 1; done

lint: ## cppcheck, when it is installed
	@if command -v cppcheck >/dev/null; then cppcheck -q --std=c11 --error-exitcode=1 --inline-suppr \
	    --enable=warning,portability --suppress=missingIncludeSystem -Isrc -D__GNUC__ src; \
	else echo "lint: cppcheck is not installed; skipped"; fi

format: ## lay out the code by .clang-format
	@clang-format -i $(C_FILES)

format-check:
	@if command -v clang-format >/dev/null; then clang-format --dry-run -Werror $(C_FILES); \
	else echo "format: clang-format is not installed; skipped"; fi

bench: all ## time beside the peers that are installed; TEXT=FILE or TOKENIZER_TEXT=FILE for others than steps
	@$(if $(TOKENIZER_TEXT),bench/tokenizer.sh $(PROGRAM) $(TOKENIZER_TEXT),$(if \
	    $(TEXT),bench/word2vec.sh $(PROGRAM) $(TEXT),bench/step.sh $(PROGRAM)))

fuzz: ## fuzz the parsers with clang's libFuzzer, FUZZ_SECONDS (60) each
	@for f in $(FUZZERS); do tests/fuzz/run.sh $$f $${FUZZ_SECONDS:-60} || exit 1; done

clean: ## remove everything that was built
	rm -rf build

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-9s %s\n", $$1, $$2}' Makefile
	@echo "  VARIANT=$$(echo $(VARIANTS) | tr ' ' '|') chooses the kind of build"

.PHONY: all examples setup demo corpus course test run-tests check layers docs headers lint format format-check \
        bench fuzz clean help
-include $(LIB_OBJECTS:.o=.d) $(CLI_OBJECTS:.o=.d) $(EXAMPLES:=.d) $(TESTS:=.d)
