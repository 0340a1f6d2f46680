# SPDX-License-Identifier: Apache-2.0
# WebAssembly, with Debian's clang 19, wasi-libc and libc++. No target of ours throws, so
# Debian's libc++, which cannot, is used as it is. Programs run here in Node.
set(CMAKE_SYSTEM_NAME Generic)  # CMake 3.25 does not know WASI
set(CMAKE_SYSTEM_PROCESSOR wasm32)
set(TRELLIS_TARGET wasm)

include("${CMAKE_CURRENT_LIST_DIR}/cache.cmake")
# With --sysroot=/usr, clang would also search the machine's own /usr/include.
set(sysroot "${trellis_cache}/wasm-sysroot")
foreach(folder IN ITEMS include lib)
    if(NOT EXISTS "${sysroot}/${folder}/wasm32-wasi")
        file(MAKE_DIRECTORY "${sysroot}/${folder}")
        file(CREATE_LINK "/usr/${folder}/wasm32-wasi" "${sysroot}/${folder}/wasm32-wasi" SYMBOLIC)
    endif()
endforeach()

set(CMAKE_C_COMPILER clang-19)
set(CMAKE_CXX_COMPILER clang++-19)
set(CMAKE_C_COMPILER_TARGET wasm32-wasi)
set(CMAKE_CXX_COMPILER_TARGET wasm32-wasi)
set(CMAKE_SYSROOT "${sysroot}")
# GNU ar writes no index of WebAssembly objects.
set(CMAKE_AR /usr/bin/llvm-ar-19 CACHE FILEPATH "")
set(CMAKE_RANLIB /usr/bin/llvm-ranlib-19 CACHE FILEPATH "")
set(CMAKE_EXECUTABLE_SUFFIX_C .wasm)
set(CMAKE_EXECUTABLE_SUFFIX_CXX .wasm)

# What every browser of the last years has; Debian's libraries were built with a stack
# protector that wasi-libc cannot support, ours are not.
set(features "-mbulk-memory -msign-ext -mnontrapping-fptoint -mmutable-globals")
set(features "${features} -fno-stack-protector -ffunction-sections -fdata-sections")
set(CMAKE_C_FLAGS_INIT "${features}")
# cereal contains `throw`; the browser has nobody who catches, so it becomes a trap.
set(CMAKE_CXX_FLAGS_INIT "${features} -fignore-exceptions")
# -O0: or clang runs wasm-opt after every linking where it is installed. Of all programs only the one
# that is downloaded is worth that: clients/web/core/CMakeLists.txt. (With --no-wasm-opt clang 19 does
# not link at all.)
set(CMAKE_EXE_LINKER_FLAGS_INIT
    "-Wl,--gc-sections -Wl,--global-base=1024 -Wl,-z,stack-size=1048576 -Wl,--max-memory=1073741824 -O0")
set(CMAKE_C_FLAGS_MINSIZEREL "-Oz" CACHE STRING "")
set(CMAKE_CXX_FLAGS_MINSIZEREL "-Oz" CACHE STRING "")

set(CMAKE_FIND_ROOT_PATH "${sysroot}")
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)

set(CMAKE_CROSSCOMPILING_EMULATOR
    node --no-warnings "${CMAKE_CURRENT_LIST_DIR}/wasm/run.mjs")
