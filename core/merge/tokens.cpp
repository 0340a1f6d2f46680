// SPDX-License-Identifier: Apache-2.0
#include "core/merge/tokens.hpp"

#include <algorithm>

namespace trellis::core {
namespace {

auto place_of(std::vector<Tokens::Token>& open, const Dot& dot) {
    return std::lower_bound(open.begin(), open.end(), dot,
                            [](const Tokens::Token& token, const Dot& d) { return token.dot < d; });
}

}  // namespace

void Tokens::raise(const Dot& dot, const Stamp& stamp, std::uint32_t level) {
    const auto at = place_of(open, dot);
    if (at == open.end() || at->dot != dot) open.insert(at, {dot, stamp, level});
}

void Tokens::advance(const Dot& token, std::uint32_t level) {
    const auto at = place_of(open, token);
    if (at != open.end() && at->dot == token) at->level = std::max(at->level, level);
}

void Tokens::close(const std::vector<Dot>& tokens) {
    std::erase_if(open, [&](const Token& token) {
        return std::binary_search(tokens.begin(), tokens.end(), token.dot);
    });
}

std::optional<std::uint32_t> Tokens::level() const {
    if (open.empty()) return std::nullopt;
    std::uint32_t highest = 0;
    for (const auto& token : open) highest = std::max(highest, token.level);
    return highest;
}

}  // namespace trellis::core
