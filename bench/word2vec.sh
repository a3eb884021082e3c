#!/bin/sh
# bench/word2vec.sh PROGRAM TEXT: times skip-gram (100 numbers, window 5, negative 5, sample 1e-4) of
# `PROGRAM bench word2vec`, deterministic and Hogwild, beside gensim where it is installed, by turns,
# and prints the medians. The vocabulary scan is included.
#   EPOCHS=1  ROUNDS=3  THREADS=2
set -eu
[ $# -eq 2 ] || { echo "usage: bench/word2vec.sh PROGRAM TEXT" >&2; exit 2; }
program=$1 text=$2 here=$(dirname "$0")
epochs=${EPOCHS:-1} rounds=${ROUNDS:-3} threads=${THREADS:-2}
lines=$(mktemp)
trap 'rm -f "$lines"' EXIT

python=
for candidate in /usr/bin/python3 python3; do
    "$candidate" -c 'import gensim' 2>/dev/null && python=$candidate && break
done
[ -n "$python" ] || echo "bench: no Python with gensim is installed; gradus alone"

# Runs one measurement, shows its line and keeps it under a name.
measure() {
    name=$1
    shift
    line=$("$@" 2>/dev/null)
    echo "$name: $line"
    echo "$name $line" >>"$lines"
}

round=0
while [ "$round" -lt "$rounds" ]; do
    round=$((round + 1))
    for deterministic in true false; do
        measure "gradus,deterministic=$deterministic" "$program" bench word2vec --dataset "$text" \
            --epochs "$epochs" --threads "$threads" --deterministic "$deterministic"
    done
    [ -z "$python" ] || measure gensim "$python" "$here/gensim_word2vec.py" "$text" \
        --epochs "$epochs" --threads "$threads"
done

awk "$(cat "$here/median.awk")"'
{
    if (!($1 in speed)) names[++n_names] = $1
    for (i = 2; i < NF; i++) {
        if ($i == "words_per_s") speed[$1] = speed[$1] " " $(i + 1)
        if ($i == "rss_mib") mib[$1] = $(i + 1)
    }
}
END {
    printf "\n%-28s %12s %10s %8s\n", "medians", "words/s", "x gensim", "MiB"
    for (k = 1; k <= n_names; k++) {
        s = median(speed[names[k]])
        printf "%-28s %12.0f %10s %8d\n", names[k], s, "gensim" in speed ? sprintf("%.1f", s / median(speed["gensim"])) : "-", mib[names[k]]
    }
}' "$lines"
