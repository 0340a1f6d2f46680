# SPDX-License-Identifier: Apache-2.0
# Writes the files of core/domain as one C++ text: {"enums":{…},"types":[…]}.
function(trellis_embed_schema output)
    set(folder "${CMAKE_CURRENT_SOURCE_DIR}/domain")
    file(GLOB enumerations CONFIGURE_DEPENDS "${folder}/enumerations/*.json")
    file(GLOB types CONFIGURE_DEPENDS "${folder}/types/*.json")
    # Piece by piece: a compiler need not take a longer literal than 65,536 bytes.
    set(parts "R\"json({\"enums\":{)json\",\n")
    set(separator "")
    foreach(file IN LISTS enumerations)
        get_filename_component(name "${file}" NAME_WE)
        file(READ "${file}" text)
        string(APPEND parts "R\"json(${separator}\"${name}\":${text})json\",\n")
        set(separator ",")
        set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${file}")
    endforeach()
    string(APPEND parts "R\"json(},\"types\":[)json\",\n")
    set(separator "")
    foreach(file IN LISTS types)
        file(READ "${file}" text)
        string(APPEND parts "R\"json(${separator}${text})json\",\n")
        set(separator ",")
        set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS "${file}")
    endforeach()
    string(APPEND parts "R\"json(]})json\",\n")
    file(CONFIGURE OUTPUT "${output}" @ONLY CONTENT
"// Made of the files in core/domain.
#include \"core/domain/family_schema.hpp\"

namespace trellis::core {
namespace {

const char* const parts[] = {
@parts@};

}  // namespace

std::string family_schema_text() {
    std::string text;
    for (const auto* part : parts) text += part;
    return text;
}

}  // namespace trellis::core
")
endfunction()
