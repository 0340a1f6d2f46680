// SPDX-License-Identifier: Apache-2.0
#include "tests/house/source_tree.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace trellis::test {
namespace {

namespace fs = std::filesystem;

std::vector<SourceFile> load() {
    std::vector<SourceFile> files;
    for (const auto* room : {"core", "crypto", "sync", "server", "clients", "tests", "bench"}) {
        for (const auto& entry : fs::recursive_directory_iterator(room)) {
            const auto extension = entry.path().extension();
            if (extension != ".cpp" && extension != ".hpp" && extension != ".h") continue;
            SourceFile file{entry.path().generic_string(), {}};
            std::ifstream in(entry.path());
            for (std::string line; std::getline(in, line);) file.lines.push_back(line);
            files.push_back(std::move(file));
        }
    }
    std::sort(files.begin(), files.end(),
              [](const SourceFile& a, const SourceFile& b) { return a.path < b.path; });
    return files;
}

}  // namespace

const std::vector<SourceFile>& source_files() {
    static const std::vector<SourceFile> files = load();
    return files;
}

std::string read_text(const std::string& path) {
    std::ifstream in(path);
    std::ostringstream text;
    text << in.rdbuf();
    return text.str();
}

std::vector<std::string> top_level() {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(".")) {
        const std::string name = entry.path().filename().string();
        if (name[0] == '.' || name == "build") continue;
        names.push_back(name);
    }
    std::sort(names.begin(), names.end());
    return names;
}

}  // namespace trellis::test
