// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/bytes.hpp"

#include <string>
#include <string_view>

/// The text inside a table's bytes, and the small habits of its cells.
namespace trellis::clients {

enum class Encoding : unsigned char {
    utf8,
    utf16_little,
    utf16_big
};

/// What the bytes begin with; `mark_size` bytes of it are a byte order mark.
struct Beginning {
    Encoding encoding = Encoding::utf8;
    std::size_t mark_size = 0;
};
Beginning beginning_of(ByteView bytes);

struct Decoded {
    std::string text;
    bool is_whole = true;  ///< false: the bytes after `text` are no UTF-16
};
/// UTF-16 without its mark as UTF-8, as far as it goes.
Decoded decode_utf16(ByteView bytes, bool big_endian);

/// Line breaks, each of CRLF, LF and CR once.
std::size_t count_line_breaks(std::string_view text);

/// Without the blanks, no-break blanks, zero-width blanks and marks at both ends; borrowed.
std::string_view without_blanks(std::string_view text);

/// A column's name: without outer blanks, inner runs of blanks as one space.
std::string tidy_name(std::string_view name);

/// True where two names differ only in the case of A to Z. Both are tidy.
bool is_same_name(std::string_view a, std::string_view b);

}  // namespace trellis::clients
