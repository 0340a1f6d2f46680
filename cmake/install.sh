#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# cmake/install.sh <group>...: installs what a bare Debian 12 lacks, as root or with sudo.
#   build     this machine: compilers, libraries, tests
#   portable  the browser and ARM: cross compilers, emulators, sources
#   browser   a Chromium, for the tests of pages
#   jvm       Java and Kotlin for clients/android
#   check     the sanitizers of clang, the formatter and the linter
# Returns at once when all is there.
set -euo pipefail

here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"

packages_of() {
    case "$1" in
        build) echo build-essential ca-certificates ccache cmake ninja-build pkg-config mold \
            libboost1.81-dev libboost-json1.81-dev libssl-dev libsodium-dev libzstd-dev \
            libfmt-dev libcli11-dev libqrencode-dev libcereal-dev rapidjson-dev catch2 libbenchmark-dev \
            zlib1g-dev python3 ;;
        portable) echo g++-aarch64-linux-gnu qemu-user clang-19 lld-19 llvm-19 wasi-libc \
            libc++-19-dev-wasm32 libc++abi-19-dev-wasm32 libclang-rt-19-dev-wasm32 binaryen \
            dpkg-dev patch xz-utils ;;
        browser) echo chromium ;;
        jvm) echo openjdk-17-jdk-headless ;;
        check) echo clang-19 libclang-rt-19-dev clang-format-19 clang-tidy-19 ;;
        *) echo "install.sh: no group '$1'; there are: build portable browser jvm check" >&2; return 1 ;;
    esac
}

is_installed() {
    [[ "$(dpkg-query --show --showformat='${db:Status-Abbrev}' "$1" 2>/dev/null)" == ii* ]]
}

(($# > 0)) || { echo "usage: install.sh <build|portable|browser|jvm|check>..." >&2; exit 1; }

wanted=()
for group in "$@"; do
    # Assigned first: a failure inside an array's ( ) would go unnoticed.
    list="$(packages_of "$group")"
    # shellcheck disable=SC2206 # names without spaces, split on purpose
    wanted+=($list)
done
# A Node from elsewhere is as good and often brings npm along; Debian's stands in for none.
command -v node >/dev/null || wanted+=(nodejs)
command -v npm >/dev/null || wanted+=(npm)

missing=()
for package in "${wanted[@]}"; do
    is_installed "$package" || missing+=("$package")
done

if ((${#missing[@]} > 0)); then
    as_root=()
    [[ "$(id -u)" == 0 ]] || as_root=(sudo)
    # The timeout waits for another program's lock instead of failing.
    apt=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive
        apt-get -qq -o DPkg::Lock::Timeout=600 -o Dpkg::Use-Pty=0)
    echo "installing: ${missing[*]}"
    "${apt[@]}" update
    "${apt[@]}" install -y --no-install-recommends "${missing[@]}" >/dev/null
fi

# What is not packaged, into the cache; see the scripts.
for group in "$@"; do
    case "$group" in
        build) "$here/sqlite3mc.sh" >/dev/null ;;
        jvm) "$here/kotlin.sh" >/dev/null ;;
        portable)
            "$here/sources.sh" libsodium >/dev/null
            "$here/sources.sh" libzstd >/dev/null
            ;;
    esac
done
