// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/bytes.hpp"
#include "core/record/schema.hpp"

namespace trellis::core {

/// What of a schema shapes tables and views, as bytes to compare: equal prints need no work
/// when a database is opened.
inline Bytes schema_print(const Schema& schema) {
    std::string print = "1";
    const auto add = [&print](const Field& field) {
        print += '\n' + std::to_string(field.id) + ' ' + field.name + ' ' +
                 std::to_string(static_cast<int>(field.kind)) + ' ' +
                 std::to_string(static_cast<int>(field.value)) + (field.search ? 's' : '-') +
                 (field.index ? 'i' : '-');
    };
    for (const auto& type : schema.types()) {
        print += '\n' + std::to_string(type.id) + '=' + type.name;
        for (const auto& field : type.fields) {
            add(field);
            for (const auto& part : field.entry) add(part);
        }
    }
    return to_bytes(as_bytes(print));
}

}  // namespace trellis::core
