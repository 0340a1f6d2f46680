// SPDX-License-Identifier: Apache-2.0
#include "clients/demo/search.hpp"

#include <algorithm>
#include <cctype>

#include "clients/cli/database_file.hpp"
#include "core/base/check.hpp"

namespace trellis::demo {
namespace {

/// The planted words are ASCII, so that a code unit is a byte and a zero.
std::string utf16(std::string_view word, bool is_big) {
    std::string out;
    for (const char c : word) {
        if (is_big) out += '\0';
        out += c;
        if (!is_big) out += '\0';
    }
    return out;
}

/// The part of its base64 that depends on nothing but the word, after `before` other bytes.
std::string base64_inside(std::string_view word, std::size_t before) {
    const std::string text = std::string(before, '\0') + std::string(word);
    const auto whole = to_base64(as_bytes(text));
    const auto first = (before * 8 + 5) / 6;
    const auto last = text.size() * 8 / 6;
    return whole.substr(first, last - first);
}

std::uint32_t four(const std::uint8_t* at) {
    return std::uint32_t{at[0]} << 24U | std::uint32_t{at[1]} << 16U | std::uint32_t{at[2]} << 8U |
           at[3];
}

std::size_t two(const std::uint8_t* at) { return std::size_t{at[0]} << 8U | at[1]; }

}  // namespace

Search::Search(const std::vector<std::string>& words) : words_(words), starts_(65536) {
    for (std::size_t i = 0; i < words.size(); ++i) {
        const auto& word = words[i];
        TRELLIS_CHECK(word.size() >= 8);
        add_pattern(word, i);
        add_pattern(utf16(word, false), i);
        add_pattern(utf16(word, true), i);
        for (std::size_t before = 0; before < 3; ++before) {
            add_pattern(base64_inside(word, before), i);
        }
        auto hex = to_hex(as_bytes(word));
        add_pattern(hex, i);
        std::transform(hex.begin(), hex.end(), hex.begin(),
                       [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
        add_pattern(hex, i);
    }
}

void Search::add_pattern(std::string bytes, std::size_t word) {
    const auto* start = as_bytes(bytes).data();
    starts_[two(start)] = true;
    by_start_[four(start)].push_back(patterns_.size());
    patterns_.push_back({std::move(bytes), word});
}

void Search::add(ByteView bytes) {
    for (std::size_t i = 0; i + 4 <= bytes.size(); ++i) {
        if (!starts_[two(&bytes[i])]) continue;
        const auto candidates = by_start_.find(four(&bytes[i]));
        if (candidates == by_start_.end()) continue;
        for (const auto index : candidates->second) {
            const auto& pattern = patterns_[index];
            const auto rest = as_text(bytes.subspan(i));
            if (rest.starts_with(pattern.bytes)) found_.insert(words_[pattern.word]);
        }
    }
}

Result<std::uint64_t> Search::add_file(const std::string& path) {
    TRELLIS_TRY(const auto bytes, clients::read_file(path));
    add(bytes);
    return bytes.size();
}

}  // namespace trellis::demo
