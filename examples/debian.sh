# shellcheck shell=sh
# Texts out of Debian packages, which are unpacked without being installed, so that no root is
# needed. To be sourced from the top folder.

# debian_unpack FOLDER PACKAGE ...: downloads the packages and unpacks them into FOLDER. Where that
# fails, one line on stderr tells why.
debian_unpack() (
    mkdir -p "$1" && cd "$1" || exit 1
    shift
    for tool in apt-get dpkg; do
        command -v $tool >/dev/null || { echo "no $tool, expected Debian or its like" >&2; exit 1; }
    done
    for package; do
        if ! apt-get download "$package" >apt.log 2>&1; then
            echo "apt-get cannot download $package: $(sed -n '/^E:/{s/^E: *//p;q;}' apt.log)" >&2
            exit 1
        fi
        dpkg -x "$package"_*.deb . && rm "$package"_*.deb || exit 1
    done
)

# debian_unpack_bible FOLDER: the King James Bible, with the one library that a small system may
# lack.
debian_unpack_bible() {
    debian_unpack "$1" bible-kjv bible-kjv-text || return 1
    debian_unpack "$1" libreadline8 2>/dev/null || debian_unpack "$1" libreadline8t64 2>/dev/null ||
        true
}

# debian_read_bible FOLDER: prints it, "Ge1:1 In the beginning ..", a verse a line.
debian_read_bible() (
    cd "$1" || exit 1
    readline=$(find "$PWD" -name 'libreadline.so.*' -print -quit)
    cd usr/lib && LD_LIBRARY_PATH=${readline%/*} ../bin/bible -f gn1:1-rv22:21
)
