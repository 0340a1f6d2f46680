// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "core/base/stamp.hpp"
#include "core/record/op.hpp"

namespace trellis::core {

/// Open tokens of a protective status, ascending by token. A close removes what it names and
/// nothing else, so an alarm that its author had not seen survives it.
struct Tokens {
    struct Token {
        Dot dot;
        Stamp stamp;  ///< of the raise
        std::uint32_t level = 0;
        bool operator==(const Token&) const = default;
    };
    std::vector<Token> open;
    bool operator==(const Tokens&) const = default;

    void raise(const Dot& dot, const Stamp& stamp, std::uint32_t level);
    /// Lifts the token to at least `level`; a token that is not open stays closed.
    void advance(const Dot& token, std::uint32_t level);
    void close(const std::vector<Dot>& tokens);
    /// The highest open level; nothing where no token is open.
    [[nodiscard]] std::optional<std::uint32_t> level() const;
};

}  // namespace trellis::core
