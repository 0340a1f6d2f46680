# SPDX-License-Identifier: Apache-2.0
# 64-bit ARM on Linux: what a tablet's processor runs, short of the tablet. Programs run here
# under qemu.
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR aarch64)
set(TRELLIS_TARGET arm64)

# clang and lld, as phones are built with; the C and C++ libraries are those of Debian's g++.
set(CMAKE_C_COMPILER clang-19)
set(CMAKE_CXX_COMPILER clang++-19)
set(CMAKE_C_COMPILER_TARGET aarch64-linux-gnu)
set(CMAKE_CXX_COMPILER_TARGET aarch64-linux-gnu)
set(CMAKE_EXE_LINKER_FLAGS_INIT -fuse-ld=lld-19)
# Functions that come out the same are one, unless somebody compares their addresses; and what the
# loader has to adjust is listed in a bit each, which it understands from glibc 2.36 on, Android's from 11.
set(CMAKE_SHARED_LINKER_FLAGS_INIT "-fuse-ld=lld-19 -Wl,--icf=safe -Wl,-z,pack-relative-relocs")
set(CMAKE_FIND_ROOT_PATH /usr/aarch64-linux-gnu)
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)

# -L: where the emulated program finds its C library.
set(CMAKE_CROSSCOMPILING_EMULATOR qemu-aarch64 -L /usr/aarch64-linux-gnu)
