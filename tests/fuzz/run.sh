#!/bin/sh
# tests/fuzz/run.sh NAME SECONDS: fuzzes tests/fuzz/NAME.c with libFuzzer, from its seeds in
# tests/fuzz/corpus/NAME. What it finds on the way stays under build/fuzz; an input that breaks the
# program belongs into the corpus, where `make test` replays it.
set -eu
[ $# -eq 2 ] || { echo "usage: tests/fuzz/run.sh NAME SECONDS" >&2; exit 2; }
name=$1 seconds=$2
command -v clang >/dev/null || { echo "fuzz: clang is not installed; $name skipped"; exit 0; }

cd "$(dirname "$0")/../.."
out=build/fuzz
mkdir -p "$out/$name.corpus"
set --
for source in src/*/*.c src/*/*/*.c; do
    case $source in src/cli/*) ;; *) set -- "$@" "$source" ;; esac
done
clang -std=c11 -g -O1 -fopenmp -fsanitize=fuzzer,address,undefined \
    -fno-sanitize-recover=undefined -Wno-pass-failed -D_POSIX_C_SOURCE=200809L \
    -DGRADUS_VERSION='"fuzz"' -Isrc "tests/fuzz/$name.c" "$@" \
    -lblis -lcjson -linih -lpcre2-8 -lutf8proc -lm -o "$out/$name"

log=$out/$name.log
if OMP_NUM_THREADS=1 "$out/$name" -max_total_time="$seconds" -timeout=10 -max_len=8192 \
    -artifact_prefix="$out/$name-" "$out/$name.corpus" "tests/fuzz/corpus/$name" >"$log" 2>&1; then
    echo "$name: $(tail -n 1 "$log")"
else
    tail -n 40 "$log" >&2
    echo "fuzz: $name failed; keep the input in tests/fuzz/corpus/$name once it is mended" >&2
    exit 1
fi
