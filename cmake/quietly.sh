#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# cmake/quietly.sh <preset> <target>...: configures and builds; what that says is shown only where it
# fails.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
preset="${1:?usage: quietly.sh <preset> <target>...}"
shift
log="$(mktemp)"
trap 'rm -f "$log"' EXIT
{
    cmake --preset "$preset" -Wno-dev && cmake --build --preset "$preset" --target "$@"
} >"$log" 2>&1 || { cat "$log" >&2; exit 1; }
