#!/bin/sh
# bench/tokenizer.sh PROGRAM TEXT: times `PROGRAM bench tokenizer`, training a byte-level BPE and
# encoding the text, beside Hugging Face tokenizers where it is installed, by turns, and prints the
# medians. It encodes with what it trained, or with TOKENIZER=FILE|DIR.
#   VOCAB_SIZE=8192  ROUNDS=3  THREADS="1 2"  TOKENIZER=
set -eu
[ $# -eq 2 ] || { echo "usage: bench/tokenizer.sh PROGRAM TEXT" >&2; exit 2; }
program=$1 text=$2 here=$(dirname "$0")
vocab_size=${VOCAB_SIZE:-8192} rounds=${ROUNDS:-3} threads=${THREADS:-1 2} tokenizer=${TOKENIZER:-}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

python=
for candidate in /usr/bin/python3 python3; do
    "$candidate" -c 'import tokenizers' 2>/dev/null && python=$candidate && break
done
[ -n "$python" ] || echo "bench: no Python with tokenizers is installed; gradus alone"

if [ -z "$tokenizer" ]; then
    tokenizer=$work/tokenizer.json
    "$program" tokenizer train --type bpe --vocab_size "$vocab_size" --files "$text" \
        --out "$tokenizer" >"$work/log" || { cat "$work/log"; exit 1; }
fi

# Runs one measurement, shows its line and keeps it under a name.
measure() {
    name=$1
    shift
    line=$("$@")
    echo "$name: $line"
    echo "$name $line" >>"$work/lines"
}

for task in train encode; do
    for n in $threads; do
        round=0
        while [ "$round" -lt "$rounds" ]; do
            round=$((round + 1))
            case $task in
                train) how="--vocab_size $vocab_size" ;;
                encode) how="--tokenizer $tokenizer" ;;
            esac
            # shellcheck disable=SC2086 # flag and value are two words
            measure "gradus,$task,$n" "$program" bench tokenizer $task --files "$text" $how --threads "$n"
            # shellcheck disable=SC2086
            [ -z "$python" ] || measure "tokenizers,$task,$n" "$python" "$here/hf_tokenizers.py" \
                $task "$text" $how --threads "$n"
        done
    done
done

awk "$(cat "$here/median.awk")"'
function number(key, format) { return key in speed ? sprintf(format, median(speed[key])) : "-" }
{
    split($1, name, ",")
    job = name[2] "," name[3]
    if (!(job in seen)) { seen[job]; jobs[++n_jobs] = job }
    for (i = 2; i < NF; i++) {
        if ($i == "mb_per_s") speed[$1] = speed[$1] " " $(i + 1)
        if ($i == "rss_mib" && $(i + 1) > mib[$1] + 0) mib[$1] = $(i + 1)
    }
}
END {
    printf "\n%-8s %8s %12s %12s %8s %10s %10s\n", "medians", "threads", "ours MB/s", "peer MB/s", "ratio", "ours MiB", "peer MiB"
    for (k = 1; k <= n_jobs; k++) {
        split(jobs[k], name, ",")
        us = "gradus," jobs[k]; them = "tokenizers," jobs[k]
        printf "%-8s %8d %12s %12s %8s %10s %10s\n", name[1], name[2], number(us, "%.1f"), number(them, "%.1f"), \
            them in speed ? sprintf("%.1f", median(speed[us]) / median(speed[them])) : "-", mib[us], \
            them in mib ? mib[them] : "-"
    }
}' "$work/lines"
