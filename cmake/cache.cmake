# SPDX-License-Identifier: Apache-2.0
# What other people wrote is fetched once per machine, into one folder for all build folders.
if(DEFINED ENV{TRELLIS_CACHE} AND NOT "$ENV{TRELLIS_CACHE}" STREQUAL "")
    set(trellis_cache "$ENV{TRELLIS_CACHE}")
elseif(DEFINED ENV{XDG_CACHE_HOME} AND NOT "$ENV{XDG_CACHE_HOME}" STREQUAL "")
    set(trellis_cache "$ENV{XDG_CACHE_HOME}/trellis")
else()
    set(trellis_cache "$ENV{HOME}/.cache/trellis")
endif()

# trellis_fetch(<variable> <script of cmake/> <argument>...): the folder the script prints.
function(trellis_fetch variable script)
    execute_process(
        COMMAND "${CMAKE_COMMAND}" -E env "TRELLIS_CACHE=${trellis_cache}"
            "${PROJECT_SOURCE_DIR}/cmake/${script}" ${ARGN}
        OUTPUT_VARIABLE folder
        OUTPUT_STRIP_TRAILING_WHITESPACE
        COMMAND_ERROR_IS_FATAL ANY)
    set(${variable} "${folder}" PARENT_SCOPE)
endfunction()
