# SPDX-License-Identifier: Apache-2.0
# trellis_embed_dictionary(<target>): compiles v1.zdict into the target as dictionary_1().
function(trellis_embed_dictionary target)
    set(file "${PROJECT_SOURCE_DIR}/core/codec/dictionary/v1.zdict")
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${file}")
    file(READ "${file}" hex HEX)
    string(REGEX REPLACE "([0-9a-f][0-9a-f])" "0x\\1," bytes "${hex}")
    string(REGEX REPLACE "((0x..,){20})" "\\1\n" bytes "${bytes}")
    file(CONFIGURE OUTPUT "${CMAKE_CURRENT_BINARY_DIR}/dictionary_1.cpp" @ONLY CONTENT
[[// Made from core/codec/dictionary/v1.zdict by embed.cmake.
#include <array>

#include "core/codec/dictionary.hpp"

namespace trellis {
ByteView dictionary_1() {
    static constexpr auto bytes = std::to_array<std::uint8_t>({
@bytes@
    });
    return bytes;
}
}  // namespace trellis
]])
    target_sources(${target} PRIVATE "${CMAKE_CURRENT_BINARY_DIR}/dictionary_1.cpp")
endfunction()
