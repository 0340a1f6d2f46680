#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# static.sh <libtrellis.a> <archive of the C interface> <archive>...: joins them into one object
# in which only trellis_* is global. LD, OBJCOPY, NM and AR name the tools of the target.
set -euo pipefail

output="$1" face="$2"
shift 2
scratch="$(mktemp -d)"
trap 'rm -rf "$scratch"' EXIT

# The groups must be dissolved: their members become local, and the program that links us may
# have a group of the same name.
"$LD" -r --force-group-allocation -o "$scratch/trellis.o" \
    --whole-archive "$face" --no-whole-archive --start-group "$@" --end-group
# "Unique" ones, which two copies in one process would share, can be made local only when weak.
"$NM" --defined-only "$scratch/trellis.o" | awk '$2 == "u" { print $3 }' >"$scratch/unique"
"$OBJCOPY" --weaken-symbols="$scratch/unique" "$scratch/trellis.o"
"$OBJCOPY" --strip-debug --wildcard --keep-global-symbol='trellis_*' "$scratch/trellis.o"
rm -f "$output"
"$AR" rcs "$output" "$scratch/trellis.o"
