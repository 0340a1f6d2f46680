#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Fetches the amalgamation of SQLite3 Multiple Ciphers once into the cache and prints the
# folder it lies in. It comes as plain C inside an npm package, which is only unpacked:
# installing it would run a build of its own.
set -euo pipefail

package=better-sqlite3-multiple-ciphers
version=13.0.3 # SQLite3 Multiple Ciphers 2.4.0 on SQLite 3.53.4
sums='ad84d2c24540cf62ea27ee414911a32963390769bd031f39a50aec0ad90614a0  sqlite3.c
eae796d67d1a8236ed47b3fff858beb2d2a34f3b7ca0d8b6ea97e21729967374  sqlite3.h'

cache="${TRELLIS_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/trellis}"
folder="$cache/sqlite3mc-$version"

if [[ ! -f "$folder/sqlite3.c" ]]; then
    mkdir -p "$cache"
    scratch="$(mktemp -d "$cache/fetch.XXXXXX")"
    trap 'rm -rf "$scratch"' EXIT
    (cd "$scratch" && npm pack --silent "$package@$version") >/dev/null
    tar -xzf "$scratch/$package-$version.tgz" -C "$scratch" --strip-components=3 \
        package/deps/sqlite3
    (cd "$scratch" && sha256sum --check --strict --quiet <<<"$sums") >&2
    rm "$scratch/$package-$version.tgz"
    chmod 755 "$scratch" # mktemp's own would shut out other users of a shared cache
    # A rename is all or nothing, so two builds at once cannot see half a folder.
    mv -T "$scratch" "$folder" 2>/dev/null || [[ -f "$folder/sqlite3.c" ]]
fi

(cd "$folder" && sha256sum --check --strict --quiet <<<"$sums") >&2

# Its xRead drops every error but a short read, and takes what the buffer held for the file's
# bytes: a log whose header could not be read once passes for an empty one, and is written over.
mended="$folder/sqlite3-mended.c"
mended_sum="47c12e4be4fd05a006cc18bb70b78333ce1b6415896ddc886e8b80e646354bd4  $mended"
if [[ ! -f "$mended" ]]; then
    scratch="$(mktemp "$folder/mend.XXXXXX")"
    within='/^static int mcIoRead(sqlite3_file\* pFile, void\* buffer/,/^}/'
    sed "$within s/rc == SQLITE_IOERR_SHORT_READ/rc != SQLITE_OK/" "$folder/sqlite3.c" >"$scratch"
    chmod 644 "$scratch"
    mv "$scratch" "$mended"
fi
sha256sum --check --strict --quiet <<<"$mended_sum" >&2
printf '%s\n' "$folder"
