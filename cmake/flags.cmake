# SPDX-License-Identifier: Apache-2.0
# What our own code is compiled with: the target trellis_flags. Other people's code never
# sees these warnings, and is never compiled with sanitizers (one cached object for all).
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_C_STANDARD 11)
set(CMAKE_C_EXTENSIONS ON)
if(NOT TRELLIS_TARGET STREQUAL "wasm")
    set(CMAKE_POSITION_INDEPENDENT_CODE ON)  # the rooms also end up inside a shared library
endif()
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)    # for clang-tidy

# -g1 keeps lines in stack traces at a third of the size of -g. No NDEBUG: the assertions of
# header-only libraries stay on, as our own checks do.
set(CMAKE_CXX_FLAGS_RELWITHDEBINFO "-O2 -g1")
set(CMAKE_C_FLAGS_RELWITHDEBINFO "-O2 -g1")
set(CMAKE_CXX_FLAGS_RELEASE "-O2")
set(CMAKE_C_FLAGS_RELEASE "-O2")
if(NOT TRELLIS_TARGET STREQUAL "wasm")
    # What a phone carries: the linker leaves out every function that nobody calls.
    set(small "-Oz -g1 -ffunction-sections -fdata-sections")
    set(CMAKE_CXX_FLAGS_MINSIZEREL "${small} -include ${PROJECT_SOURCE_DIR}/cmake/terse.hpp")
    set(CMAKE_C_FLAGS_MINSIZEREL "${small}")
endif()

find_program(TRELLIS_CCACHE ccache)
mark_as_advanced(TRELLIS_CCACHE)
if(TRELLIS_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
    # Without the sloppiness nothing that uses a precompiled header is cached; without
    # NOHASHDIR two build folders never share an object.
    set(CMAKE_CXX_COMPILER_LAUNCHER
        ${CMAKE_COMMAND} -E env
        CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime
        CCACHE_NOHASHDIR=1 ${TRELLIS_CCACHE})
    set(CMAKE_C_COMPILER_LAUNCHER ${CMAKE_CXX_COMPILER_LAUNCHER})
endif()

add_library(trellis_flags INTERFACE)
target_compile_options(trellis_flags INTERFACE
    -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-sign-conversion -Wcast-align
    -Wformat=2 -Wnull-dereference -Wundef -Wunused -Werror
    $<$<COMPILE_LANGUAGE:CXX>:-Wnon-virtual-dtor>
    $<$<COMPILE_LANGUAGE:CXX>:-Woverloaded-virtual>
    # Checks and logs name files from the root of the repository, on every machine.
    -ffile-prefix-map=${PROJECT_SOURCE_DIR}/=)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # g++ 12 sees overlaps (-Wrestrict), null pointers and uninitialised variant members inside
    # its own std::string and std::variant where there are none; clang still looks for them.
    target_compile_options(trellis_flags INTERFACE
        -Wno-restrict -Wno-null-dereference -Wno-maybe-uninitialized -Wno-free-nonheap-object)
endif()
# Bounds are checked in the standard library too: bad input must never become a bad read.
target_compile_definitions(trellis_flags INTERFACE $<$<COMPILE_LANGUAGE:CXX>:_GLIBCXX_ASSERTIONS>)

# What ccache needs to see through a precompiled header.
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    target_compile_options(trellis_flags INTERFACE -fpch-preprocess)
else()
    target_compile_options(trellis_flags INTERFACE "SHELL:-Xclang -fno-pch-timestamp")
endif()

if(NOT CMAKE_CROSSCOMPILING)
    find_program(TRELLIS_MOLD mold)
    mark_as_advanced(TRELLIS_MOLD)
    if(TRELLIS_MOLD)
        target_link_options(trellis_flags INTERFACE -fuse-ld=mold)
    endif()
endif()

if(TRELLIS_SANITIZE STREQUAL "address")
    set(sanitizers -fsanitize=address,undefined -fno-sanitize-recover=all)
elseif(TRELLIS_SANITIZE STREQUAL "thread")
    set(sanitizers -fsanitize=thread)
elseif(TRELLIS_SANITIZE)
    message(FATAL_ERROR "TRELLIS_SANITIZE is '${TRELLIS_SANITIZE}': use address, thread or nothing")
endif()
if(sanitizers)
    target_compile_options(trellis_flags INTERFACE ${sanitizers} -fno-omit-frame-pointer)
    target_link_options(trellis_flags INTERFACE ${sanitizers})
endif()
if(TRELLIS_FUZZ)
    # The rooms only carry the coverage marks; a fuzz target itself links -fsanitize=fuzzer.
    # What is left out of the undefined behaviour sanitizer the address sanitizer sees too, at
    # the access itself; with it the build would cost twice as much.
    target_compile_options(trellis_flags INTERFACE
        -fsanitize=fuzzer-no-link -O1
        -fno-sanitize=null,object-size,vptr,alignment,pointer-overflow)
endif()
