#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Fetches the Kotlin compiler for the JVM once into the cache and prints the folder it lies in. It
# comes as jars inside an npm package, which is only unpacked; kotlinx-coroutines is among them.
set -euo pipefail

package=kotlin-compiler
version=2.4.20
sum=c23dab400d7ce5ea8b6c909947c0ca5454189e4bb1108695b5f464500e5e950f

cache="${TRELLIS_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/trellis}"
folder="$cache/kotlin-$version"

if [[ ! -d "$folder" ]]; then
    mkdir -p "$cache"
    scratch="$(mktemp -d "$cache/fetch.XXXXXX")"
    trap 'rm -rf "$scratch"' EXIT
    (cd "$scratch" && npm pack --silent "$package@$version" >/dev/null 2>&1 &&
        sha256sum --check --strict --quiet <<<"$sum  $package-$version.tgz") >&2
    mkdir "$scratch/kotlin"
    tar -xzf "$scratch/$package-$version.tgz" -C "$scratch/kotlin" --strip-components=1 package/lib
    # A rename is all or nothing, so two builds at once cannot see half a folder.
    mv -T "$scratch/kotlin" "$folder" 2>/dev/null || [[ -d "$folder" ]]
fi

printf '%s\n' "$folder"
