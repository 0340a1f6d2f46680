// SPDX-License-Identifier: Apache-2.0
#include "tests/fuzz/targets.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace trellis::test {
namespace {

namespace fs = std::filesystem;

const std::string any = "*";

std::vector<std::string> contents(const std::string& folder, const std::string& extension) {
    std::vector<fs::path> paths;
    std::error_code failure;
    for (fs::directory_iterator at(folder, failure), end; !failure && at != end;
         at.increment(failure)) {
        if (extension == any || at->path().extension() == extension) paths.push_back(at->path());
    }
    std::sort(paths.begin(), paths.end());
    std::vector<std::string> texts;
    for (const auto& path : paths) {
        std::ifstream stream(path, std::ios::binary);
        texts.emplace_back(std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>());
    }
    return texts;
}

}  // namespace

std::vector<Bytes> hex_seeds(const std::string& folder) {
    std::vector<Bytes> seeds;
    for (auto text : contents(folder, ".hex")) {
        while (!text.empty() && text.back() == '\n') text.pop_back();
        if (auto bytes = from_hex(text)) seeds.push_back(std::move(*bytes));
    }
    return seeds;
}

std::vector<Bytes> corpus(const std::string& target) {
    return text_seeds("fixtures/fuzz/" + target, any);
}

std::vector<Bytes> text_seeds(const std::string& folder, const std::string& extension) {
    std::vector<Bytes> seeds;
    for (const auto& text : contents(folder, extension)) {
        seeds.push_back(to_bytes(as_bytes(text)));
    }
    return seeds;
}

const std::vector<FuzzTarget>& fuzz_targets() {
    static const std::vector<FuzzTarget> targets = [] {
        auto all = crypto_targets();
        for (const auto& more : {record_targets(), outside_targets(), relay_targets(), device_targets(),
                                 replica_targets(), database_targets(), merge_targets()}) {
            all.insert(all.end(), more.begin(), more.end());
        }
        return all;
    }();
    return targets;
}

}  // namespace trellis::test
