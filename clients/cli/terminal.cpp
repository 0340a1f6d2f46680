// SPDX-License-Identifier: Apache-2.0
#include "clients/cli/terminal.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>

namespace trellis::clients {
namespace {

constexpr std::size_t bar_width = 24;
constexpr std::chrono::milliseconds redraw{80};

std::string_view code_of(Colour colour) {
    switch (colour) {
        case Colour::bold: return "1";
        case Colour::faint: return "2";
        case Colour::red: return "31";
        case Colour::green: return "32";
        case Colour::yellow: return "33";
        case Colour::cyan: return "36";
        default: return "0";
    }
}

bool wants_colour() {
    const char* refused = std::getenv("NO_COLOR");
    if (refused != nullptr && *refused != '\0') return false;
    const char* kind = std::getenv("TERM");
    return kind != nullptr && std::string_view(kind) != "dumb";
}

struct Range {
    char32_t first;
    char32_t last;
};
constexpr Range marks[] = {{0x300, 0x36F},   {0x591, 0x5BD},   {0x610, 0x61A},   {0x64B, 0x65F},
                           {0x900, 0x902},   {0xE31, 0xE31},   {0xE34, 0xE3A},   {0xE47, 0xE4E},
                           {0x200B, 0x200F}, {0x20D0, 0x20FF}, {0xFE00, 0xFE0F}, {0xFE20, 0xFE2F}};
constexpr Range wide[] = {{0x1100, 0x115F},   {0x2E80, 0x303E},   {0x3041, 0xA4CF},
                          {0xAC00, 0xD7A3},   {0xF900, 0xFAFF},   {0xFE30, 0xFE6F},
                          {0xFF00, 0xFF60},   {0xFFE0, 0xFFE6},   {0x1F300, 0x1F64F},
                          {0x1F900, 0x1F9FF}, {0x20000, 0x3FFFD}};

template <std::size_t N>
bool is_in(char32_t character, const Range (&ranges)[N]) {
    return std::any_of(std::begin(ranges), std::end(ranges), [character](const Range& range) {
        return character >= range.first && character <= range.last;
    });
}

struct Character {
    char32_t code = 0;
    std::size_t bytes = 1;
};

/// The first character of a text; a byte of none counts as one. Requires: !text.empty().
Character first_of(std::string_view text) {
    const auto lead = static_cast<unsigned char>(text[0]);
    const std::size_t bytes = lead < 0x80 ? 1 : lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
    if (bytes == 1 || bytes > text.size()) return {lead, 1};
    char32_t code = lead & (0xFFU >> (bytes + 1));
    for (std::size_t i = 1; i < bytes; ++i) {
        code = code << 6U | (static_cast<unsigned char>(text[i]) & 0x3FU);
    }
    return {code, bytes};
}

std::size_t width_of(char32_t code) {
    if (is_in(code, marks)) return 0;
    return is_in(code, wide) ? 2 : 1;
}

}  // namespace

Terminal::Terminal(std::FILE* stream, bool may_colour)
    : stream_(stream)
    , is_terminal_(::isatty(::fileno(stream)) == 1)
    , has_colour_(may_colour && is_terminal_ && wants_colour()) {}

std::size_t Terminal::width() const {
    winsize size{};
    if (!is_terminal_ || ::ioctl(::fileno(stream_), TIOCGWINSZ, &size) != 0) return 0;
    return size.ws_col;
}

std::string Terminal::paint(Colour colour, std::string_view text) const {
    if (!has_colour_ || colour == Colour::plain || text.empty()) return std::string(text);
    return "\x1b[" + std::string(code_of(colour)) + "m" + std::string(text) + "\x1b[0m";
}

void Terminal::print(std::string_view text) const {
    std::fwrite(text.data(), 1, text.size(), stream_);
    std::fflush(stream_);
}

std::string tame(std::string_view text) {
    std::string out;
    while (!text.empty()) {
        const auto character = first_of(text);
        const bool is_space = text[0] == '\n' || text[0] == '\t' || text[0] == '\r';
        // Marks that turn the direction of what follows would rearrange the table.
        const bool turns = (character.code >= 0x202A && character.code <= 0x202E) ||
                           (character.code >= 0x2066 && character.code <= 0x2069);
        const bool is_control = character.code < 0x20 ||
                                (character.code >= 0x7F && character.code < 0xA0);
        if (is_space) {
            out += ' ';
        } else if (is_control || turns) {
            out += "\xEF\xBF\xBD";
        } else {
            out += text.substr(0, character.bytes);
        }
        text.remove_prefix(character.bytes);
    }
    return out;
}

std::size_t display_width(std::string_view text) {
    std::size_t width = 0;
    while (!text.empty()) {
        const auto character = first_of(text);
        width += width_of(character.code);
        text.remove_prefix(character.bytes);
    }
    return width;
}

std::string cut_to_width(std::string_view text, std::size_t width) {
    if (display_width(text) <= width) return std::string(text);
    std::string out;
    std::size_t used = 1;  // the ellipsis
    while (!text.empty()) {
        const auto character = first_of(text);
        used += width_of(character.code);
        if (used > width) break;
        out += text.substr(0, character.bytes);
        text.remove_prefix(character.bytes);
    }
    return width == 0 ? "" : out + "…";
}

Progress::Progress(std::string label, bool may_colour)
    : terminal_(stderr, may_colour), label_(std::move(label)) {}

void Progress::show(std::uint64_t done, std::uint64_t total) {
    const auto now = std::chrono::steady_clock::now();
    if (!terminal_.is_terminal() || (is_drawn_ && now - shown_ < redraw && done != total)) return;
    shown_ = now;
    is_drawn_ = true;
    std::string line = "\r  " + label_ + " ";
    if (total > 0) {
        const auto filled = static_cast<std::size_t>(bar_width * std::min(done, total) / total);
        std::string bar;
        for (std::size_t i = 0; i < bar_width; ++i) bar += i < filled ? "█" : "░";
        line += terminal_.paint(Colour::cyan, bar) + " " + std::to_string(done) + " of " +
                std::to_string(total);
    } else {
        line += std::to_string(done);
    }
    terminal_.print(line + "\x1b[K");
}

Progress::~Progress() {
    if (is_drawn_) terminal_.print("\r\x1b[K");
}

}  // namespace trellis::clients
