// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <string_view>

#include "core/base/result.hpp"

namespace trellis::server {

/// The web app: everything under a folder, read and packed once at the start. What a client sends is only
/// ever a key of the map, never a path.
class StaticFiles {
public:
    struct File {
        std::string content;
        std::string media_type;
        std::string etag;
        std::string packed;  ///< the content with gzip; empty where that gains nothing
        std::string packed_etag;
    };

    /// Reads every regular file; links and names that begin with a dot are left out.
    static Result<StaticFiles> load(const std::filesystem::path& folder);

    /// By the path of a request, such as "/app.js"; "/" is "/index.html". None: nullptr.
    const File* find(std::string_view path) const;

    std::size_t size() const { return files_.size(); }

private:
    std::map<std::string, File, std::less<>> files_;
};

}  // namespace trellis::server
