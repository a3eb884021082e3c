#!/bin/sh
# Runs each test program given and adds up what cmocka reports.
# Last line: "N passed, N failed, N skipped"; exit 1 when a test failed or a program broke off.
# Threads that wait shall not spin: the tests' small products on a busy machine take a tenth of the time.
export GOMP_SPINCOUNT=${GOMP_SPINCOUNT:-1000}
passed=0 failed=0 skipped=0
log=$(mktemp)
trap 'rm -f "$log"' EXIT

count() { sed -n "s/^\[  $1 *\] \([0-9]*\) test(s).*/\1/p" "$log" | tail -n 1 | grep . || echo 0; }

for program in "$@"; do
    start=$(date +%s)
    "$program" >"$log" 2>&1
    status=$?
    p=$(count PASSED) s=$(count SKIPPED) f=$(count FAILED)
    if [ "$status" -ne 0 ] && [ "$f" -eq 0 ]; then f=1; fi
    passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
    printf '%-44s %3d passed %2d failed %2d skipped %4d s\n' \
        "${program##*/tests/}" "$p" "$f" "$s" $(($(date +%s) - start))
    grep -h '^skipped: ' "$log"
    if [ "$status" -ne 0 ]; then
        sed 's/^/    /' "$log" | tail -n 60
    fi
done
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
