#!/bin/sh
# Fails when README.md or a text of docs/ names a file or a function that is not there, or quotes a
# line that is no more: a block that begins with ```c PATH holds lines of that file, in their order.
status=0
complain() {
    echo "docs: $1: $2" >&2
    status=1
}

# What grep finds in a text outside its blocks of code, a line each.
find_in_prose() { awk '/^ *```/ { code = !code; next } !code' "$2" | grep -oE "$1"; }

links() { find_in_prose '\]\([^)#: ]+' "$1" | cut -c3-; }
paths() { find_in_prose '`(src|tests|examples|configs|docs|bench)/[A-Za-z0-9_./-]+`' "$1" | tr -d '`'; }
names() { find_in_prose '`(ag|nn|optim|train|tok|tensor|gradcheck|embed|cfg|io)_[a-z0-9_]+`' "$1" | tr -d '`'; }

# Prints the first line of each block of the text $1 that is not found in its file behind the line
# before it.
missing_lines() {
    awk '
        /^ *```c [^ ]+$/ { quotes = 1; file = $2; indent = index($0, "`"); next }
        /^ *```/ { if (quotes) close(file); quotes = 0; next }
        quotes && NF {
            quoted = substr($0, indent)
            while ((found = (getline line < file) > 0) && line != quoted) continue
            if (!found) { print file " has no such line there: " quoted; quotes = 0; close(file) }
        }' "$1"
}

for text in README.md docs/*.md; do
    for link in $(links "$text"); do
        [ -e "$(dirname "$text")/$link" ] || complain "$text" "no file $link"
    done
    for path in $(paths "$text"); do
        [ -e "$path" ] || complain "$text" "no file $path"
    done
    for name in $(names "$text"); do
        grep -rqw "$name" src || complain "$text" "nothing is called $name"
    done
    missing=$(missing_lines "$text")
    [ -z "$missing" ] || complain "$text" "$missing"
done
[ $status -eq 0 ] && echo "docs: every file, function and quoted line is there"
exit $status
