# SPDX-License-Identifier: Apache-2.0
# cereal and RapidJSON are headers only, the same for every target. They are copied into a
# folder of their own, because a cross compiler must never search /usr/include, and because
# RapidJSON needs a line less: a copy assignment that assigns to a const member, which nobody
# calls and clang 19 refuses.
find_path(TRELLIS_SYSTEM_HEADERS NAMES cereal/cereal.hpp
    PATHS /usr/include NO_CMAKE_FIND_ROOT_PATH REQUIRED)
mark_as_advanced(TRELLIS_SYSTEM_HEADERS)
file(SHA256 "${TRELLIS_SYSTEM_HEADERS}/rapidjson/document.h" rapidjson_sum)
file(SHA256 "${TRELLIS_SYSTEM_HEADERS}/cereal/version.hpp" cereal_sum)
string(SHA256 sum "${rapidjson_sum} ${cereal_sum} 1")
string(SUBSTRING "${sum}" 0 12 sum)
set(headers "${trellis_cache}/headers-${sum}")

if(NOT EXISTS "${headers}")
    string(RANDOM LENGTH 8 suffix)
    set(scratch "${headers}.${suffix}")
    file(COPY "${TRELLIS_SYSTEM_HEADERS}/cereal" "${TRELLIS_SYSTEM_HEADERS}/rapidjson"
        DESTINATION "${scratch}")
    file(READ "${scratch}/rapidjson/document.h" text)
    string(REPLACE
        "GenericStringRef& operator=(const GenericStringRef& rhs) { s = rhs.s; length = rhs.length; }"
        "" text "${text}")
    file(WRITE "${scratch}/rapidjson/document.h" "${text}")
    # All or nothing; where another build was faster, its folder is as good.
    file(RENAME "${scratch}" "${headers}" RESULT renamed)
    if(NOT EXISTS "${headers}")
        message(FATAL_ERROR "cannot write ${headers}: ${renamed}")
    endif()
endif()

# trellis_copy_headers(<variable> <folder> <header>): the same for other headers, each in a folder of
# its own, named after what is in <folder>/<header>.
function(trellis_copy_headers variable folder header)
    file(SHA256 "${TRELLIS_SYSTEM_HEADERS}/${folder}/${header}" sum)
    string(SUBSTRING "${sum}" 0 12 sum)
    set(copy "${trellis_cache}/${folder}-${sum}")
    if(NOT EXISTS "${copy}")
        string(RANDOM LENGTH 8 suffix)
        file(COPY "${TRELLIS_SYSTEM_HEADERS}/${folder}" DESTINATION "${copy}.${suffix}")
        file(RENAME "${copy}.${suffix}" "${copy}" RESULT renamed)
        if(NOT EXISTS "${copy}")
            message(FATAL_ERROR "cannot write ${copy}: ${renamed}")
        endif()
    endif()
    set(${variable} "${copy}" PARENT_SCOPE)
endfunction()

# Of fmt the ground floor uses one part, in one file.
trellis_copy_headers(fmt_headers fmt format.h)

add_library(trellis_cereal INTERFACE IMPORTED)
target_include_directories(trellis_cereal INTERFACE "${headers}")
add_library(trellis::cereal ALIAS trellis_cereal)

add_library(trellis_rapidjson INTERFACE IMPORTED)
target_include_directories(trellis_rapidjson INTERFACE "${headers}")
target_compile_definitions(trellis_rapidjson INTERFACE RAPIDJSON_HAS_STDSTRING=1)
add_library(trellis::rapidjson ALIAS trellis_rapidjson)

add_library(trellis_fmt_headers INTERFACE IMPORTED)
target_include_directories(trellis_fmt_headers INTERFACE "${fmt_headers}")
target_compile_definitions(trellis_fmt_headers INTERFACE FMT_HEADER_ONLY=1)
add_library(trellis::fmt_headers ALIAS trellis_fmt_headers)
