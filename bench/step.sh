#!/bin/sh
# bench/step.sh PROGRAM: times training steps of `PROGRAM bench step` and of every PyTorch that is
# installed, by turns so that all meet the same weather, and prints a table of the medians and of the
# peak memory.
#   SHAPES="cpu baby mid gpt2 gpt2long"  PRECISIONS="fp32 bf16"  ROUNDS=3  THREADS=2
set -eu
[ $# -eq 1 ] || { echo "usage: bench/step.sh PROGRAM" >&2; exit 2; }
program=$1 here=$(dirname "$0")
shapes=${SHAPES:-cpu baby mid gpt2 gpt2long} precisions=${PRECISIONS:-fp32 bf16}
rounds=${ROUNDS:-3} threads=${THREADS:-2}
# Settings of OpenBLAS that were made for another program must not hold a peer back.
unset OPENBLAS_CORETYPE OPENBLAS_L2_SIZE
lines=$(mktemp)
trap 'rm -f "$lines"' EXIT

# The Pythons that have PyTorch, one for each version of it.
peers='' versions=' '
for python in /usr/bin/python3 python3; do
    version=$("$python" -c 'import torch; print(torch.__version__)' 2>/dev/null) || continue
    case $versions in *" $version "*) continue ;; esac
    peers="$peers $python" versions="$versions$version "
done
[ -n "$peers" ] || echo "bench: no Python with PyTorch is installed; gradus alone"

# Runs one measurement, shows its line and keeps it.
measure() {
    line=$("$@")
    echo "$line"
    echo "$line" >>"$lines"
}

# All rounds of one shape in one precision.
alternate() {
    case $1 in cpu) steps=20 ;; *) steps=5 ;; esac
    set -- --shape "$1" --precision "$2" --threads "$threads" --steps "$steps"
    round=0
    while [ "$round" -lt "$rounds" ]; do
        round=$((round + 1))
        measure "$program" bench step "$@"
        for python in $peers; do measure "$python" "$here/torch_gpt.py" "$@"; done
    done
}

for shape in $shapes; do
    for precision in $precisions; do alternate "$shape" "$precision"; done
done

awk -v rounds="$rounds" -v threads="$threads" "$(cat "$here/median.awk")"'
function row(shape, peer, us, them) {
    printf "%-14s %-18s %9.1f %9s %10s %9d %9s %10s\n", shape, peer, median(ms[us]), \
        them ? sprintf("%.1f", median(ms[them])) : "-", \
        them ? sprintf("%.2f", median(ms[us]) / median(ms[them])) : "-", \
        mib[us], them ? mib[them] : "-", them ? sprintf("%.2f", mib[us] / mib[them]) : "-"
}
$1 == "gradus" { shape = sprintf("%-8s %s", $3, $4); peer = "gradus" }
$1 == "peer"   { shape = sprintf("%-8s %s", $4, $5); peer = $2 " " $3; if (!(peer in known)) { known[peer]; peers[++n_peers] = peer } }
$1 == "gradus" || $1 == "peer" {
    if (!(shape in seen)) { seen[shape]; shapes[++n_shapes] = shape }
    for (i = 4; i < NF; i++) {
        if ($i == "median_ms") ms[shape, peer] = ms[shape, peer] " " $(i + 1)
        if ($i == "rss_mib" && $(i + 1) + 0 > mib[shape, peer]) mib[shape, peer] = $(i + 1) + 0
    }
}
END {
    printf "\nMedians over rounds: %d, threads: %d; a ratio below 1 is less time, or memory, than the peer takes.\n", rounds, threads
    printf "%-14s %-18s %9s %9s %10s %9s %9s %10s\n", "shape", "peer", "ours ms", "peer ms", "ours/peer", "ours MiB", "peer MiB", "ours/peer"
    for (s = 1; s <= n_shapes; s++) {
        us = shapes[s] SUBSEP "gradus"
        for (p = 1; p <= n_peers; p++) row(shapes[s], peers[p], us, shapes[s] SUBSEP peers[p])
        if (!n_peers) row(shapes[s], "-", us, "")
    }
}' "$lines"
