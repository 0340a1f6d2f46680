// SPDX-License-Identifier: Apache-2.0
#include "core/store/schema_print.hpp"

#include <set>

namespace trellis::core {
namespace {

// After this come properties that may change: whether a field is indexed or searched.
constexpr char free_part = '|';

void print_field(const std::string& path, const Field& field, std::string& out) {
    const std::string here = path + "." + field.name;
    out += here + " " + std::to_string(field.id) + " " +
           std::to_string(static_cast<int>(field.kind)) + " " +
           std::to_string(static_cast<int>(field.value)) + free_part + (field.search ? "s" : "") +
           (field.index ? "i" : "") + "\n";
    for (const auto& part : field.entry) print_field(here, part, out);
}

std::set<std::string> fixed_lines(ByteView print) {
    std::set<std::string> lines;
    std::string line;
    for (const auto byte : print) {
        if (byte != '\n') {
            line += static_cast<char>(byte);
            continue;
        }
        lines.insert(line.substr(0, line.find(free_part)));
        line.clear();
    }
    return lines;
}

}  // namespace

Bytes schema_print(const Schema& schema) {
    std::string print;
    for (const auto& type : schema.types()) {
        print += type.name + " " + std::to_string(type.id) + "\n";
        for (const auto& field : type.fields) print_field(type.name, field, print);
    }
    return to_bytes(as_bytes(print));
}

std::optional<std::string> missing_from(ByteView old_print, ByteView new_print) {
    const auto known = fixed_lines(new_print);
    for (const auto& line : fixed_lines(old_print)) {
        if (known.count(line) == 0) return line.substr(0, line.find(' '));
    }
    return std::nullopt;
}

}  // namespace trellis::core
