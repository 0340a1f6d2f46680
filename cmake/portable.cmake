# SPDX-License-Identifier: Apache-2.0
# libsodium and zstd, compiled by us where Debian has no package for the target. Third-party
# folders are the one place where sources are globbed: their makers know what belongs there.
# Nothing is thrown through what calls nobody back: no tables that tell how to leave it.
set(no_tables -fno-asynchronous-unwind-tables -fno-unwind-tables)
trellis_fetch(sodium_folder sources.sh libsodium)
file(GLOB_RECURSE sodium_sources "${sodium_folder}/src/libsodium/*.c")
set(sodium_include "${sodium_folder}/src/libsodium/include")

add_library(trellis_sodium STATIC ${sodium_sources})
target_include_directories(trellis_sodium SYSTEM
    PUBLIC "${sodium_include}"
    PRIVATE "${sodium_include}/sodium")
target_compile_definitions(trellis_sodium
    PUBLIC SODIUM_STATIC
    PRIVATE CONFIGURED=1 NATIVE_LITTLE_ENDIAN=1)
target_compile_options(trellis_sodium PRIVATE -w -g0 ${no_tables})
add_library(trellis::sodium ALIAS trellis_sodium)

trellis_fetch(zstd_folder sources.sh libzstd)
file(GLOB zstd_sources
    "${zstd_folder}/lib/common/*.c"
    "${zstd_folder}/lib/compress/*.c"
    "${zstd_folder}/lib/decompress/*.c")
set(zstd_never "${PROJECT_SOURCE_DIR}/cmake/zstd/never")
add_library(trellis_zstd STATIC ${zstd_sources} "${zstd_never}.c")
target_include_directories(trellis_zstd SYSTEM
    PRIVATE "${zstd_folder}/lib" INTERFACE "${zstd_folder}/lib")
# ZSTD_MULTITHREAD is not defined at all: even as 0 it asks for pthread.h. Of two ways to unpack the
# same, the smaller.
target_compile_definitions(trellis_zstd PRIVATE
    XXH_NAMESPACE=ZSTD_ ZSTD_DISABLE_ASM=1 ZSTD_LEGACY_SUPPORT=0
    HUF_FORCE_DECOMPRESS_X1 ZSTD_FORCE_DECOMPRESS_SEQUENCES_SHORT)
set_source_files_properties("${zstd_folder}/lib/compress/zstd_compress.c" PROPERTIES
    COMPILE_OPTIONS "-include;${zstd_never}.h")
target_compile_options(trellis_zstd PRIVATE -w -g0 ${no_tables})
add_library(trellis::zstd ALIAS trellis_zstd)

if(TRELLIS_TARGET STREQUAL "wasm")
    # wasi-libc has signals only when asked.
    target_compile_definitions(trellis_sodium PRIVATE _WASI_EMULATED_SIGNAL)
    target_link_libraries(trellis_sodium PUBLIC wasi-emulated-signal)
    # The base point's multiples are 30 KB that no packing makes smaller. Without them a signature takes
    # three times as long, of which a page makes one for each envelope.
    set_source_files_properties(
        "${sodium_folder}/src/libsodium/crypto_core/ed25519/ref10/ed25519_ref10.c" PROPERTIES
        COMPILE_DEFINITIONS ge25519_scalarmult_base=ge25519_scalarmult_base_by_table)
    target_sources(trellis_sodium PRIVATE "${PROJECT_SOURCE_DIR}/cmake/wasm/scalarmult_base.c")
    # What libc++ would call if somebody threw: see the file.
    add_library(trellis_wasm_runtime OBJECT "${PROJECT_SOURCE_DIR}/cmake/wasm/runtime.c")
    target_link_libraries(trellis_flags INTERFACE $<TARGET_OBJECTS:trellis_wasm_runtime>)
else()
    find_package(Threads REQUIRED)
    # What libsodium's configure script would find on Linux.
    target_compile_definitions(trellis_sodium PRIVATE
        HAVE_PTHREAD=1 HAVE_WEAK_SYMBOLS=1 HAVE_ATOMIC_OPS=1 HAVE_C11_MEMORY_FENCES=1
        HAVE_TI_MODE=1 HAVE_MMAP=1 HAVE_MPROTECT=1 HAVE_MLOCK=1 HAVE_MADVISE=1
        HAVE_POSIX_MEMALIGN=1 HAVE_NANOSLEEP=1 HAVE_GETPID=1 HAVE_EXPLICIT_BZERO=1
        HAVE_SYS_MMAN_H=1 HAVE_SYS_RANDOM_H=1 HAVE_GETRANDOM=1)
    target_link_libraries(trellis_sodium PUBLIC Threads::Threads)
endif()
