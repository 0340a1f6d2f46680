#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# xcframework.sh <folder>...: makes Trellis.xcframework out of folders that hold a libtrellis.a
# each: iOS, its simulator, macOS. On a Mac with Xcode.
set -euo pipefail

(($# > 0)) || { echo "usage: xcframework.sh <folder with libtrellis.a>..." >&2; exit 1; }
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
scratch="$(mktemp -d)"
trap 'rm -rf "$scratch"' EXIT
cp "$here/../c/trellis.h" "$here/module.modulemap" "$scratch/"

arguments=()
for folder in "$@"; do
    arguments+=(-library "$folder/libtrellis.a" -headers "$scratch")
done
rm -rf "$here/Trellis.xcframework"
xcodebuild -create-xcframework "${arguments[@]}" -output "$here/Trellis.xcframework"
