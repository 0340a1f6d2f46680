// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/check.hpp"

#include <cstdlib>
#include <filesystem>
#include <string>
#include <unistd.h>

namespace trellis::server::test {

/// A new folder that goes with the test.
class Folder {
public:
    Folder() {
        std::string name = (std::filesystem::temp_directory_path() / "trellis-XXXXXX").string();
        TRELLIS_CHECK(::mkdtemp(name.data()) != nullptr);
        path_ = name;
    }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    ~Folder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    std::string operator/(const std::string& name) const { return (path_ / name).string(); }

private:
    std::filesystem::path path_;
};

}  // namespace trellis::server::test
