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

# The same for fmt, of which the ground floor uses one part: its own folder, for that file alone.
file(SHA256 "${TRELLIS_SYSTEM_HEADERS}/fmt/format.h" fmt_sum)
string(SUBSTRING "${fmt_sum}" 0 12 fmt_sum)
set(fmt_headers "${trellis_cache}/fmt-${fmt_sum}")
if(NOT EXISTS "${fmt_headers}")
    string(RANDOM LENGTH 8 suffix)
    file(COPY "${TRELLIS_SYSTEM_HEADERS}/fmt" DESTINATION "${fmt_headers}.${suffix}")
    file(RENAME "${fmt_headers}.${suffix}" "${fmt_headers}" RESULT renamed)
    if(NOT EXISTS "${fmt_headers}")
        message(FATAL_ERROR "cannot write ${fmt_headers}: ${renamed}")
    endif()
endif()

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
