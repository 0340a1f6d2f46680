#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# install.sh <build folder> <cmake>: installs the library into a folder of its own and builds a
# program outside the repository against it, in every way there is, and runs it.
set -euo pipefail

build="$1" cmake="$2"
outside="$PWD/tests/c/outside"
scratch="$(mktemp -d)"
trap 'rm -rf "$scratch"' EXIT

"$cmake" --install "$build" --component c --prefix "$scratch/root" >/dev/null
# Moved after it was installed: nothing may hold the place it was installed to.
mv "$scratch/root" "$scratch/moved"
pkgconfig="$(find "$scratch/moved" -name pkgconfig)"
export PKG_CONFIG_PATH="$pkgconfig"
library="$(dirname "$pkgconfig")"

run() {
    local said
    said="$(LD_LIBRARY_PATH="$library" "$1")"
    [[ "$said" == "1 check-in" ]] || { echo "$1 says: $said" >&2; exit 1; }
}

# shellcheck disable=SC2046 # flags, split on purpose
cc -std=c11 -Wall -Wextra -Wpedantic -Werror "$outside/main.c" -o "$scratch/by-pkg-config" \
    $(pkg-config --cflags --libs trellis)
run "$scratch/by-pkg-config"

# The static library alone, in a C++ program with templates of its own.
mkdir "$scratch/static"
cp "$library/libtrellis.a" "$scratch/static"
# shellcheck disable=SC2046
c++ -std=c++20 -x c++ "$outside/main.c" -x none -o "$scratch/static-by-pkg-config" \
    $(pkg-config --cflags trellis) "$scratch/static/libtrellis.a" \
    $(pkg-config --static --libs trellis | tr ' ' '\n' | grep -v -e '^-ltrellis$' -e "^-L$library")
ldd "$scratch/static-by-pkg-config" | grep -q libtrellis && { echo "not static" >&2; exit 1; }
run "$scratch/static-by-pkg-config"
shown="$(nm --defined-only --extern-only "$library/libtrellis.a" | awk 'NF == 3 { print $3 }' |
    grep -v '^trellis_' || true)"
[[ -z "$shown" ]] || { echo "libtrellis.a also shows: ${shown:0:300}" >&2; exit 1; }

"$cmake" -S "$outside" -B "$scratch/by-cmake" -DCMAKE_PREFIX_PATH="$scratch/moved" >/dev/null
"$cmake" --build "$scratch/by-cmake" >/dev/null
run "$scratch/by-cmake/shared"
run "$scratch/by-cmake/static"
