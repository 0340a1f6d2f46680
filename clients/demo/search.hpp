// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/base/bytes.hpp"
#include "core/base/result.hpp"

namespace trellis::demo {

/// Looks for words in files byte by byte: as UTF-8, as UTF-16 of either order, in base64 at
/// each of its three alignments, and in hexadecimal of either case.
class Search {
public:
    explicit Search(const std::vector<std::string>& words);

    /// Adds what is found in one file; returns the file's size.
    Result<std::uint64_t> add_file(const std::string& path);
    void add(ByteView bytes);

    [[nodiscard]] const std::set<std::string>& found() const { return found_; }
    [[nodiscard]] std::size_t forms() const { return patterns_.size(); }

private:
    struct Pattern {
        std::string bytes;
        std::size_t word = 0;
    };
    void add_pattern(std::string bytes, std::size_t word);

    std::vector<std::string> words_;
    std::vector<Pattern> patterns_;
    std::unordered_map<std::uint32_t, std::vector<std::size_t>> by_start_;
    std::vector<bool> starts_;  ///< which first two bytes any pattern has
    std::set<std::string> found_;
};

}  // namespace trellis::demo
