#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# abi.sh <libtrellis.so> <program header>: what the library shows is what the header says, and
# everything that was released is still there, of the same size and at the same place.
set -euo pipefail
export LC_ALL=C  # one order for sort and comm

library="$1" header="$2"
folder=clients/c/abi
abi="$(sed -n 's/^#define TRELLIS_ABI //p' clients/c/trellis.h)"
scratch="$(mktemp -d)"
trap 'rm -rf "$scratch"' EXIT

nm --dynamic --defined-only "$library" | awk '$2 != "A" { sub(/@.*/, "", $3); print $3 }' |
    sort >"$scratch/shown"
grep -oE '^TRELLIS_API [^(]*\btrellis_[a-z_]+\(' clients/c/trellis.h |
    grep -oE 'trellis_[a-z_]+\(' | tr -d '(' | sort >"$scratch/said"

diff "$scratch/said" "$scratch/shown" ||
    { echo "the header (<) and the library (>) do not say the same" >&2; exit 1; }
gone="$(comm -23 "$folder/$abi.symbols" "$scratch/shown")"
[[ -z "$gone" ]] || { echo "released, and not here any more: $gone" >&2; exit 1; }

"$header" | sort >"$scratch/structs"
gone="$(comm -23 <(sort "$folder/$abi.structs") "$scratch/structs")"
[[ -z "$gone" ]] || { echo "released otherwise: $gone" >&2; exit 1; }

readelf --dynamic "$library" | grep -q "SONAME.*\[libtrellis.so.$abi\]" ||
    { echo "the library's name does not hold its TRELLIS_ABI" >&2; exit 1; }
