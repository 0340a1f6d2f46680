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

# What we compile differs. Its xRead drops every error but a short read, and takes what the buffer
# held for the file's bytes: a log whose header could not be read once passes for an empty one, and is
# written over. The rest is what nothing of ours can reach, and a browser would download:
#   five of six AEGIS, functions that encrypt single values, and the stretching of pass-phrases, in
#   whose place the program stops: core/sqlite/database.cpp gives keys as they are;
#   of full text search, what core/store/tables.cpp does not name: other tokenizers, ranks, fts5vocab.
ours="$folder/sqlite3-ours.c"
ours_sum="8538507de2b1efa42c2dc7551d74357dccbac9cbd7168e57d168c90f0e64afdb  $ours"
if [[ ! -f "$ours" ]]; then
    scratch="$(mktemp "$folder/ours.XXXXXX")"
    reader='/^static int mcIoRead(sqlite3_file\* pFile, void\* buffer/,/^}/'
    aegis='/^SQLITE_PRIVATE const AegisCryptFunctions mcAegisCryptFunctions/,/^};/'
    choices='/^SQLITE_PRIVATE CipherParams mcAegisParams/,/^};/'
    keys='/^GenerateKey\(ChaCha20\|Aegis\)Cipher(/,/^}/'
    sed -e "$reader s/rc == SQLITE_IOERR_SHORT_READ/rc != SQLITE_OK/" \
        -e "$aegis s/aegis\(128l\|128x2\|128x4\|256x2\|256x4\)_[a-z_]*/NULL/g" \
        -e "$choices s/AEGIS_ALGORITHM_\(MIN\|MAX\)/AEGIS_ALGORITHM_DEFAULT/g" \
        -e '/^#define SQLITE3MC_ENABLE_VLE 1$/d' \
        -e '/^static int sqlite3Fts5TokenizerInit(.*{/,/^}/ s/if( rc==SQLITE_OK ){/if( 0 ){/' \
        -e '/^    { "\(ascii\|trigram\)", .*fts5[A-Z]/d' \
        -e '/^static int sqlite3Fts5AuxInit(.*{/,/^}/ s/i<ArraySize(aBuiltin)/0/' \
        -e 's/ rc = sqlite3Fts5VocabInit(pGlobal, db);/;/' \
        -e "$keys s/if (!bypass)/if (!bypass) abort(); else if (0)/" \
        "$folder/sqlite3.c" >"$scratch"
    chmod 644 "$scratch"
    mv "$scratch" "$ours"
fi
sha256sum --check --strict --quiet <<<"$ours_sum" >&2
printf '%s\n' "$folder"
