# SPDX-License-Identifier: Apache-2.0
# Every choice a builder has; nothing else is configurable.
if(CMAKE_CROSSCOMPILING)
    # A browser or a phone gets the core, never the relay or the command line.
    set(on_this_machine OFF)
else()
    set(on_this_machine ON)
endif()

option(TRELLIS_SERVER "Build the relay, trellisd" ${on_this_machine})
option(TRELLIS_CLI "Build the command line, trellis" ${on_this_machine})
option(TRELLIS_TESTS "Build the tests" ON)
option(TRELLIS_ARM_WHOLE "For 64-bit Arm: every portable test program, and what is long in them" OFF)
option(TRELLIS_BENCH "Build the benchmarks" OFF)
option(TRELLIS_FUZZ "Build the fuzz targets (needs clang)" OFF)
set(TRELLIS_SANITIZE "" CACHE STRING "Watch our own code: empty, address or thread")
set_property(CACHE TRELLIS_SANITIZE PROPERTY STRINGS "" address thread)
unset(on_this_machine)
