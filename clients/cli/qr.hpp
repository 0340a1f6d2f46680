// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/base/result.hpp"

namespace trellis::clients {

/// A code that a camera reads: a square of dark and light.
struct QrCode {
    std::size_t size = 0;
    std::vector<bool> dark;  ///< row by row

    [[nodiscard]] bool is_dark(std::size_t x, std::size_t y) const { return dark[y * size + x]; }
};

/// The code of a text, densest for capitals and digits. `too_large` where none holds it.
Result<QrCode> make_qr(std::string_view text);

/// For a terminal of any colours: two rows in one line, with the light border a camera needs.
std::string terminal_text(const QrCode& code);

/// For a page: an svg element that is drawn sharp at any size.
std::string svg(const QrCode& code);

}  // namespace trellis::clients
