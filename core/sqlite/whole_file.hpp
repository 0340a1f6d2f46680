// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "core/base/bytes.hpp"
#include "core/base/result.hpp"

/// Whole files beside the databases, wherever those lie: through the VFS of that name; empty: the
/// system's own files.
namespace trellis::sqlite {

/// `not_found` where there is none, `too_large` over 1 GiB.
Result<Bytes> read_file(const std::string& vfs, const std::string& path);
/// Durable when it returns. On the system's own files the old content or the new, nothing
/// between; elsewhere there is no renaming, and a file that was being written when the power
/// went is torn.
Result<void> write_file(const std::string& vfs, const std::string& path, ByteView bytes);
/// No failure where there is none.
Result<void> remove_file(const std::string& vfs, const std::string& path);

}  // namespace trellis::sqlite
