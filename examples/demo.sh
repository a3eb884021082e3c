#!/bin/sh
# The demo: fetches a real text, trains a small GPT on it, and shows what it learned.
# usage: examples/demo.sh PROGRAM [--key=value ...]     (run from the top folder)
set -eu
gradus=$1
shift
run=runs/demo
text=data/bible.txt

. examples/debian.sh

fetch_bible() {
    debian_unpack_bible data/bible-kjv || return 1
    debian_read_bible data/bible-kjv | sed 's/^[^ ]* //' >"$text.tmp"
    [ "$(wc -c <"$text.tmp")" -gt 4000000 ] && mv "$text.tmp" "$text"
}

words='mother jerusalem seven he'
if [ ! -f "$text" ]; then
    mkdir -p data
    echo "fetching the King James Bible (Debian's bible-kjv) into $text"
    if ! fetch_bible; then
        rm -f "$text.tmp"
        echo "using the program's own generated corpus instead"
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

echo
echo "== a tokenizer: 4096 pieces learned from the text by byte-pair encoding, and how they cut a word"
"$gradus" tokenizer train --type bpe --vocab_size 4096 --files "$text" --out "$run/bpe.json"
"$gradus" tokenizer explain --tokenizer "$run/bpe.json" unbelievable

echo
echo "== word vectors: word2vec on the generated corpus, whose analogies are known"
kingdom=data/kingdom.txt questions=data/kingdom_questions.txt vectors=runs/word2vec_kingdom
mkdir -p data
"$gradus" corpus kingdom --out "$kingdom" --questions "$questions"
"$gradus" train configs/word2vec_kingdom.ini --overwrite
"$gradus" analogy "$vectors" king man woman -k 3 --expect queen
"$gradus" evaluate "$vectors" --analogies "$questions"

echo
echo "== next: a course in fourteen lessons, from token ids to meaning"
echo "$gradus lesson      the list"
echo "$gradus lesson 5    the gradient of each row of an embedding matrix, every number printed"
