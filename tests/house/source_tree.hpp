// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

namespace trellis::test {

/// One file of the repository, by its path from the root.
struct SourceFile {
    std::string path;
    std::vector<std::string> lines;
};

/// Our own C++ of the portable and native rooms and of the tests. The working directory is the
/// root of the repository.
const std::vector<SourceFile>& source_files();

std::string read_text(const std::string& path);

/// The repository's top-level names, hidden ones and build output left out.
std::vector<std::string> top_level();

}  // namespace trellis::test
