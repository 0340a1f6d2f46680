# SPDX-License-Identifier: Apache-2.0
# Finds every library once. Rooms name only trellis::sodium, trellis::zstd, trellis::cereal,
# trellis::rapidjson, trellis::fmt_headers and trellis::sqlite, which exist on every target; server, clients and
# tests of the desktop also Boost::headers, Boost::json, OpenSSL::SSL, fmt::fmt, CLI11::CLI11,
# Threads::Threads, Catch2::Catch2 and benchmark::benchmark.
include(cache)
include(headers)

if(CMAKE_CROSSCOMPILING)
    include(portable)  # libsodium and zstd from source
    include(sqlite)
    if(TRELLIS_TESTS AND TRELLIS_TARGET STREQUAL "arm64")
        # A browser's page cannot: Catch2 throws.
        trellis_copy_headers(catch2_headers catch2 catch.hpp)
        add_library(Catch2::Catch2 INTERFACE IMPORTED)
        target_include_directories(Catch2::Catch2 INTERFACE "${catch2_headers}")
    endif()
    return()
endif()

set(TRELLIS_TARGET native)
set(THREADS_PREFER_PTHREAD_FLAG ON)
find_package(Threads REQUIRED)
find_package(PkgConfig REQUIRED)

pkg_check_modules(sodium REQUIRED IMPORTED_TARGET libsodium>=1.0.18)
pkg_check_modules(zstd REQUIRED IMPORTED_TARGET libzstd>=1.5)
add_library(trellis::sodium ALIAS PkgConfig::sodium)
add_library(trellis::zstd ALIAS PkgConfig::zstd)

# Other people's zips and gzips, unpacked by the desktop only.
pkg_check_modules(zlib REQUIRED IMPORTED_TARGET zlib>=1.2.11)
add_library(trellis::zlib ALIAS PkgConfig::zlib)

include(sqlite)

if(TRELLIS_SERVER OR TRELLIS_CLI)
    # Debian's unversioned Boost is older: always this one.
    find_package(Boost 1.81.0 EXACT REQUIRED CONFIG COMPONENTS headers json)
    find_package(OpenSSL 3 REQUIRED)
    find_package(fmt 9 REQUIRED)
    find_package(CLI11 2 REQUIRED)
    # Codes that a camera reads: invites in the terminal, recovery sheets on paper.
    pkg_check_modules(qrencode REQUIRED IMPORTED_TARGET libqrencode>=4)
    add_library(trellis::qrencode ALIAS PkgConfig::qrencode)
endif()

if(TRELLIS_TESTS)
    find_package(Catch2 2.13 REQUIRED)
    include(Catch)
endif()

if(TRELLIS_BENCH)
    find_package(benchmark REQUIRED)
endif()
