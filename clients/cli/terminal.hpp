// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>

namespace trellis::clients {

enum class Colour : unsigned char { plain, bold, faint, red, green, yellow, cyan };

/// One of the standard streams, as people look at it. In colour only on a terminal that wants
/// it: not with NO_COLOR, not with TERM=dumb, not where `may_colour` is false.
class Terminal {
public:
    Terminal(std::FILE* stream, bool may_colour);

    [[nodiscard]] bool is_terminal() const { return is_terminal_; }
    [[nodiscard]] bool has_colour() const { return has_colour_; }
    /// Columns of the window; 0 where this is no terminal.
    [[nodiscard]] std::size_t width() const;

    [[nodiscard]] std::string paint(Colour colour, std::string_view text) const;
    void print(std::string_view text) const;

private:
    std::FILE* stream_;
    bool is_terminal_;
    bool has_colour_;
};

/// The text on one line, without anything that a terminal would obey.
std::string tame(std::string_view text);

/// How many columns a tame text takes: two for most characters of East Asia, none for marks.
std::size_t display_width(std::string_view text);

/// The text in at most `width` columns, with an ellipsis where it was longer.
std::string cut_to_width(std::string_view text, std::size_t width);

/// A line on standard error that grows while something long goes on; nothing where that is no
/// terminal. Cleared when it ends.
class Progress {
public:
    explicit Progress(std::string label, bool may_colour = true);
    Progress(const Progress&) = delete;
    Progress& operator=(const Progress&) = delete;
    ~Progress();

    /// `total` 0: nobody knows.
    void show(std::uint64_t done, std::uint64_t total);

private:
    Terminal terminal_;
    std::string label_;
    std::chrono::steady_clock::time_point shown_;
    bool is_drawn_ = false;
};

}  // namespace trellis::clients
