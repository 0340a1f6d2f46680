// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "core/base/result.hpp"
#include "core/sqlite/statement.hpp"

namespace trellis::sqlite {

/// The id that a cell of the present row holds; `corrupt` where it is none, for the file may
/// have been changed by somebody who has the key, or by a disk.
template <class IdType>
Result<IdType> id_in(const Statement& row, int column) {
    const auto bytes = row.bytes(column);
    if (bytes.size() == IdType::size) return IdType::from(bytes);
    return Error{Code::corrupt, "a cell of the database holds " + std::to_string(bytes.size()) +
                                    " bytes in the place of an id of " +
                                    std::to_string(IdType::size) + ": restore a backup"};
}

}  // namespace trellis::sqlite
