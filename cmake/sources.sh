#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# cmake/sources.sh <libsodium|libzstd>: fetches the Debian source package once into the cache
# and prints the folder it lies in. The browser and ARM need these libraries compiled by us;
# Debian's source carries its security patches. Needs no root: apt works in folders of its own,
# with the machine's own list of mirrors turned from packages to sources.
set -euo pipefail

package="${1:?usage: sources.sh <libsodium|libzstd>}"
cache="${TRELLIS_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/trellis}"
folder="$cache/$package-source"

if [[ ! -d "$folder" ]]; then
    mkdir -p "$cache"
    scratch="$(mktemp -d "$cache/fetch.XXXXXX")"
    trap 'rm -rf "$scratch"' EXIT
    mkdir -p "$scratch"/{parts,lists/partial,cache/archives/partial}
    for list in /etc/apt/sources.list.d/*.sources; do
        [[ -f "$list" ]] || continue
        sed 's/^Types:.*/Types: deb-src/' "$list" >"$scratch/parts/${list##*/}"
    done
    for list in /etc/apt/sources.list /etc/apt/sources.list.d/*.list; do
        [[ -f "$list" ]] || continue
        sed -n 's/^deb[[:space:]]/deb-src /p' "$list" >"$scratch/parts/${list##*/}"
    done
    apt=(apt-get -qq -o Dir::Etc::sourcelist=/dev/null -o "Dir::Etc::sourceparts=$scratch/parts"
        -o "Dir::State::lists=$scratch/lists" -o "Dir::Cache=$scratch/cache"
        # Root would otherwise drop to a user who may not enter our folder.
        -o APT::Sandbox::User=)
    "${apt[@]}" update >&2
    # apt checks every file against the signed index, so dpkg-source need not check again.
    (cd "$scratch" && "${apt[@]}" source --download-only "$package" &&
        dpkg-source --no-check -x ./*.dsc source) >&2
    if [[ "$package" == libsodium ]]; then
        # The one header its configure script would write; shipped for those without one.
        cp "$scratch/source/builds/msvc/version.h" "$scratch/source/src/libsodium/include/sodium/"
    fi
    # A rename is all or nothing, so two builds at once cannot see half a folder.
    mv -T "$scratch/source" "$folder" 2>/dev/null || [[ -d "$folder" ]]
fi

printf '%s\n' "$folder"
