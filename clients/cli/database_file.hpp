// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "core/replica.hpp"

namespace trellis::clients {

/// Where a client's database lies and how it is opened.
struct DatabaseFile {
    std::string path;
    std::string key_file;   ///< empty: a key kept beside the database, for trying out
    bool web_profile = false;  ///< as a browser has it: ChaCha20, one process, no shared memory
    std::shared_ptr<const crypto::Key> key = nullptr;  ///< of an unlocked seat, instead of a file

    /// Opens or makes it under the schema. An existing file is opened with the cipher it has.
    [[nodiscard]] Result<std::unique_ptr<core::Replica>> open(const core::Schema& schema,
                                                              Env& env) const;
    /// Puts a copy of another file in its place, which must be closed.
    [[nodiscard]] Result<void> replace_by(const std::string& other) const;
    /// Deletes it, what lies beside it, and the key where that was made beside it.
    [[nodiscard]] Result<void> erase() const;
};

/// Whole files. A write is durable, and leaves the old content or the new, nothing between.
Result<Bytes> read_file(const std::string& path);
Result<void> write_file(const std::string& path, ByteView bytes, bool is_secret = false);

/// A schema file of the district's own.
Result<core::Schema> load_schema(const std::string& path);

}  // namespace trellis::clients
