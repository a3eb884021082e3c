#!/bin/sh
# The demo: fetches a real text, trains a small GPT on it, and shows what it learned.
# usage: examples/demo.sh PROGRAM [--key=value ...]     (run from the top folder)
set -eu
gradus=$1
shift
run=runs/demo
text=data/bible.txt

# Debian's bible-kjv, unpacked into data/ without installing it, so no root is needed; with the one
# library that a small system may lack.
fetch_bible() {
    command -v apt-get >/dev/null && command -v dpkg >/dev/null || return 1
    (
        mkdir -p data/bible-kjv && cd data/bible-kjv
        apt-get download bible-kjv bible-kjv-text >/dev/null 2>&1 || return 1
        for name in libreadline8 libreadline8t64; do
            apt-get download "$name" >/dev/null 2>&1 || true
        done
        for package in *.deb; do dpkg -x "$package" . || return 1; done
        readline=$(find "$PWD" -name 'libreadline.so.*' -print -quit)
        cd usr/lib && LD_LIBRARY_PATH=${readline%/*} ../bin/bible -f gn1:1-rv22:21
    ) | sed 's/^[^ ]* //' >"$text.tmp"
    [ "$(wc -c <"$text.tmp")" -gt 4000000 ] && mv "$text.tmp" "$text"
}

words='mother jerusalem seven he'
if [ ! -f "$text" ]; then
    mkdir -p data
    echo "fetching the King James Bible (Debian's bible-kjv) into $text"
    if ! fetch_bible; then
        rm -f "$text.tmp"
        echo "apt cannot give it; using the program's own generated corpus instead"
        text=data/kingdom.txt
        words='queen mother paris bigger'
        set -- --prompt='The king' "$@"
        "$gradus" corpus kingdom --sentences 100000 --seed 1 --out "$text"
    fi
fi

# A demo that was stopped goes on; one that was finished shows its results again.
start=
[ -f "$run/ckpt.safetensors" ] && start=--resume
"$gradus" train configs/demo.ini --dataset="$text" --out_dir="$run" $start "$@"

echo
echo "== validation loss over the whole validation set"
"$gradus" eval "$run"
echo
echo "== a sample"
"$gradus" sample "$run"
for word in $words; do
    echo
    echo "== tokens whose embeddings are nearest to '$word'"
    "$gradus" nearest "$run" "$word" -k 6 || true
done
echo
echo "checkpoint           $run/ckpt_best.safetensors"
[ -f "$run/loss.png" ] && echo "loss plot            $run/loss.png"
echo "embedding heat map   $run/embedding.png"
