// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/bytes.hpp"
#include "core/base/result.hpp"

#include <map>
#include <string>

/// Other people's archives, in memory. Not in a browser: it has its own.
namespace trellis::clients {

/// The files of a zip by name, each checked against its checksum; folders are left out.
/// `invalid` for a damaged or encrypted one and for names that lead out of it, `unsupported` for
/// other methods than stored and deflated, `too_large` over limits::exchange_*_max.
Result<std::map<std::string, Bytes>> read_zip(ByteView bytes);

/// What a .gz holds, at most limits::exchange_file_max bytes.
Result<Bytes> read_gzip(ByteView bytes);

}  // namespace trellis::clients
