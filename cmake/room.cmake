# SPDX-License-Identifier: Apache-2.0
# The helpers every CMakeLists.txt of the house uses, and no others.

# trellis_room(<name> SOURCES <file>... [LINKS <room>...] [SYSTEM_LINKS <library>...])
# A room: a static library whose headers are included from the root of the repository.
function(trellis_room name)
    cmake_parse_arguments(PARSE_ARGV 1 room "" "" "SOURCES;LINKS;SYSTEM_LINKS")
    trellis_refuse_leftovers(${name} ${room_UNPARSED_ARGUMENTS})
    add_library(${name} STATIC ${room_SOURCES})
    target_include_directories(${name} PUBLIC "${PROJECT_SOURCE_DIR}")
    target_link_libraries(${name} PUBLIC ${room_LINKS} ${room_SYSTEM_LINKS} PRIVATE trellis_flags)
endfunction()

# trellis_program(<name> SOURCES <file>... [LINKS <room>...] [SYSTEM_LINKS <library>...])
# A program, with the flags of a room.
function(trellis_program name)
    cmake_parse_arguments(PARSE_ARGV 1 program "" "" "SOURCES;LINKS;SYSTEM_LINKS")
    trellis_refuse_leftovers(${name} ${program_UNPARSED_ARGUMENTS})
    add_executable(${name} ${program_SOURCES})
    target_include_directories(${name} PRIVATE "${PROJECT_SOURCE_DIR}")
    target_link_libraries(${name} PRIVATE ${program_LINKS} ${program_SYSTEM_LINKS} trellis_flags)
endfunction()

# Compiling Catch2's assertions costs more than running them ever saves, even under an emulator.
set(trellis_test_speed $<$<CONFIG:RelWithDebInfo>:-O1> "$<$<CONFIG:MinSizeRel>:-O0;-g0>")

# trellis_tests(<name> [ARM | ARM_WHOLE] SOURCES <file>... [LINKS <room>...] [SYSTEM_LINKS <library>...])
# A Catch2 program, run from the root of the repository; on this machine every TEST_CASE becomes a
# test of ctest. ARM: also built for 64-bit Arm, where the program is one test, for each start of the
# emulator costs; ARM_WHOLE: the same with TRELLIS_ARM_WHOLE only. Does nothing where there is no
# Catch2: a browser, a phone.
function(trellis_tests name)
    cmake_parse_arguments(PARSE_ARGV 1 tests "ARM;ARM_WHOLE" "" "SOURCES;LINKS;SYSTEM_LINKS")
    if(NOT TARGET Catch2::Catch2)
        return()
    endif()
    if(CMAKE_CROSSCOMPILING AND NOT tests_ARM AND NOT (tests_ARM_WHOLE AND TRELLIS_ARM_WHOLE))
        return()
    endif()
    list(REMOVE_ITEM ARGN ARM ARM_WHOLE)
    trellis_program(${name} ${ARGN})
    target_link_libraries(${name} PRIVATE trellis_test_main Catch2::Catch2)
    # As trellis_test_header, or its precompiled header does not fit.
    set_target_properties(${name} PROPERTIES POSITION_INDEPENDENT_CODE OFF)
    target_compile_options(${name} PRIVATE ${trellis_test_speed})
    target_precompile_headers(${name} REUSE_FROM trellis_test_header)
    # NoTests: a name that ctest cannot pass on (one with a ';') would otherwise run nothing and
    # count as passed.
    set(how --warn NoTests)
    if(NOT CMAKE_CROSSCOMPILING)
        catch_discover_tests(${name}
            EXTRA_ARGS ${how}
            WORKING_DIRECTORY "${PROJECT_SOURCE_DIR}"
            PROPERTIES TIMEOUT 600)
        return()
    endif()
    if(NOT TRELLIS_ARM_WHOLE)
        list(APPEND how ~[long])  # the tag of what repeats one thing very often
    endif()
    add_test(NAME ${name} COMMAND ${name} ${how} WORKING_DIRECTORY "${PROJECT_SOURCE_DIR}")
    set_tests_properties(${name} PROPERTIES TIMEOUT 3600)
endfunction()

# trellis_portable_test(<name> SOURCES <file>... [LINKS <room>...] [SYSTEM_LINKS <library>...])
# A plain program that returns 0 when all is well; runs on every target.
function(trellis_portable_test name)
    trellis_program(${name} ${ARGN})
    add_test(NAME ${name} COMMAND ${name} WORKING_DIRECTORY "${PROJECT_SOURCE_DIR}")
    set_tests_properties(${name} PROPERTIES TIMEOUT 600)
endfunction()

# trellis_fuzz(<name> SOURCES <file>... [LINKS <room>...]): a program around
# LLVMFuzzerTestOneInput(), built only with TRELLIS_FUZZ.
function(trellis_fuzz name)
    if(TRELLIS_FUZZ)
        trellis_program(${name} ${ARGN})
        target_link_options(${name} PRIVATE -fsanitize=fuzzer)
    endif()
endfunction()

function(trellis_refuse_leftovers name)
    if(ARGN)
        message(FATAL_ERROR "${name}: '${ARGN}' stands under no keyword; "
            "use SOURCES, LINKS or SYSTEM_LINKS")
    endif()
endfunction()
