#!/bin/sh
# bench/slopes.sh PROGRAM: how a training step's time grows when one of its dimensions doubles, from
# half a base shape to the base and from there to twice, beside what its FLOPs do:
#   6 B T (12 C^2 L + C V + L C T).  A slope of 1 is twice the time, of 2 four times.
# Heads are 64 wide, so that there are more of them where C grows. All shapes by turns, ROUNDS times;
# the best time of each counts.
#   PRECISIONS="fp32 bf16"  ROUNDS=2  STEPS=3  THREADS=2
set -eu
[ $# -eq 1 ] || { echo "usage: bench/slopes.sh PROGRAM" >&2; exit 2; }
program=$1 precisions=${PRECISIONS:-fp32 bf16} rounds=${ROUNDS:-2} steps=${STEPS:-3}
threads=${THREADS:-2}
lines=$(mktemp)
trap 'rm -f "$lines"' EXIT

# measure NAME PLACE PRECISION B T C L V: one line of these and the milliseconds; the place is 0 for
# half of the base shape's, 1 for the base and 2 for twice.
measure() {
    "$program" bench step --precision "$3" --batch_size "$4" --block_size "$5" --n_embd "$6" \
        --n_head $(($6 / 64)) --n_layer "$7" --vocab_size "$8" --steps "$steps" \
        --threads "$threads" | sed "s/.* best_ms \([0-9.]*\) .*/$* \1/" >>"$lines"
}

round=0
while [ "$round" -lt "$rounds" ]; do
    round=$((round + 1))
    for precision in $precisions; do
        measure base 1 "$precision" 8 256 256 4 4096
        for place in 0 2; do
            times=$((place == 0 ? 1 : 4)) # halves of the base shape
            measure B $place "$precision" $((8 * times / 2)) 256 256 4 4096
            measure T $place "$precision" 8 $((256 * times / 2)) 256 4 4096
            measure C $place "$precision" 8 256 $((256 * times / 2)) 4 4096
            measure L $place "$precision" 8 256 256 $((4 * times / 2)) 4096
            measure V $place "$precision" 8 256 256 4 $((4096 * times / 2))
        done
    done
done

awk -v precisions="$precisions" '
function slope(from, to) { return log(to / from) / log(2) }
{
    key = $1 SUBSEP $2
    flops[key] = $4 * $5 * (12 * $6 * $6 * $7 + $6 * $8 + $7 * $6 * $5)
    if (!((key, $3) in ms) || $9 + 0 < ms[key, $3]) ms[key, $3] = $9 + 0
}
END {
    n = split(precisions, p, " ")
    split("B T C L V", names, " ")
    split("4 8 16,128 256 512,128 256 512,2 4 8,2048 4096 8192", values, ",")
    base = "base" SUBSEP 1
    printf "%-19s %12s", "", "FLOPs"
    for (i = 1; i <= n; i++) printf "   | %12s %26s", p[i], "ms"
    for (d = 1; d <= 5; d++) {
        half = names[d] SUBSEP 0; twice = names[d] SUBSEP 2
        printf "\n%s %-17s %6.2f %6.2f", names[d], values[d], slope(flops[half], flops[base]), slope(flops[base], flops[twice])
        for (i = 1; i <= n; i++)
            printf "   | %6.2f %6.2f %8.1f %8.1f %8.1f", slope(ms[half, p[i]], ms[base, p[i]]), slope(ms[base, p[i]], ms[twice, p[i]]), ms[half, p[i]], ms[base, p[i]], ms[twice, p[i]]
    }
    print ""
}' "$lines"
