#!/bin/sh
# Makes data/debian.txt, a text for word vectors, from Debian's dictionaries and books: lower-case
# words a-z, a sentence or so a line. Needs apt-get and the network; installs nothing.
# usage: examples/corpus.sh     (run from the top folder)
set -eu
export LC_ALL=C
. examples/debian.sh
text=data/debian.txt
work=data/debian.tmp
share=$work/usr/share

rm -rf "$work"
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM

fail() {
    echo "corpus: $*" >&2
    exit 1
}

# Every file of the list that is a text; a line of % ends each, as it does a fortune.
read_files() {
    for file; do
        case ${file##*/} in
        *.dat | *.u8 | ascii-art) ;; # of fortunes
        biblio.* | *links.* | new.* | index.* | pdf.* | book.* | translations.*) ;;
        *) cat "$file" && echo % ;;
        esac
    done
}

# add SOURCE: appends standard input, read as that source, and prints how many words it gave.
add() {
    perl examples/corpus.pl "$1" >"$work/$1.txt" || fail "examples/corpus.pl cannot read $1"
    words=$(wc -w <"$work/$1.txt")
    [ "$words" -gt 100000 ] || fail "$1 gave $words words, expected more: has its package changed?"
    cat "$work/$1.txt" >>"$work/all.txt"
    printf '%-10s %8d words\n' "$1" "$words"
}

echo "fetching dictionaries and books from Debian (34 MB)"
fetch() {
    debian_unpack "$work" dict-gcide wordnet-base dict-foldoc anarchism fortunes-min fortunes &&
        debian_unpack_bible "$work"
}
reason=$(fetch 2>&1) || fail "$reason (offline, or 'apt-get update' was never run?)"

gzip -dc <"$share/dictd/gcide.dict.dz" | add gcide
cat "$share"/wordnet/data.* | add wordnet
gzip -dc <"$share/dictd/foldoc.dict.dz" | add foldoc
read_files "$share"/doc/anarchism/html/*.html | add anarchism
debian_read_bible "$work" | add bible
read_files "$share"/games/fortunes/* | add fortunes
# The sources take turns: what is last is learned at the lowest rate.
perl -MList::Util=shuffle -e 'srand 1; print shuffle <>' "$work/all.txt" >"$work/mixed.txt"
mv "$work/mixed.txt" "$text"
printf '%-10s %8d words in %s\n' total "$(wc -w <"$text")" "$text"
