// SPDX-License-Identifier: Apache-2.0
#include "clients/cli/qr.hpp"

#include <memory>

#include <qrencode.h>

namespace trellis::clients {
namespace {

constexpr std::size_t border = 4;

struct FreeCode {
    void operator()(QRcode* code) const { QRcode_free(code); }
};

/// Dark on light even on a dark terminal: colours are said, not left to it.
constexpr std::string_view light_line = "\x1b[30;107m";
constexpr std::string_view line_end = "\x1b[0m\n";

}  // namespace

Result<QrCode> make_qr(std::string_view text) {
    const std::unique_ptr<QRcode, FreeCode> made(
        QRcode_encodeString(std::string(text).c_str(), 0, QR_ECLEVEL_M, QR_MODE_8, 1));
    if (made == nullptr) return Error{Code::too_large, "that is too much for one code"};
    QrCode code;
    code.size = static_cast<std::size_t>(made->width);
    for (std::size_t i = 0; i < code.size * code.size; ++i) {
        code.dark.push_back((made->data[i] & 1U) != 0);
    }
    return code;
}

std::string terminal_text(const QrCode& code) {
    const auto dark = [&](std::size_t x, std::size_t y) {
        return x >= border && y >= border && x < code.size + border && y < code.size + border &&
               code.is_dark(x - border, y - border);
    };
    std::string text;
    const auto all = code.size + 2 * border;
    for (std::size_t y = 0; y < all; y += 2) {
        text += light_line;
        for (std::size_t x = 0; x < all; ++x) {
            const bool upper = dark(x, y);
            const bool lower = dark(x, y + 1);
            text += upper && lower ? "█" : upper ? "▀" : lower ? "▄" : " ";
        }
        text += line_end;
    }
    return text;
}

std::string svg(const QrCode& code) {
    const auto all = std::to_string(code.size + 2 * border);
    std::string text = "<svg class=\"code\" viewBox=\"0 0 " + all + " " + all +
                       "\" shape-rendering=\"crispEdges\"><path d=\"";
    for (std::size_t y = 0; y < code.size; ++y) {
        for (std::size_t x = 0; x < code.size; ++x) {
            if (!code.is_dark(x, y)) continue;
            std::size_t wide = 1;
            while (x + wide < code.size && code.is_dark(x + wide, y)) ++wide;
            text += "M" + std::to_string(x + border) + " " + std::to_string(y + border) + "h" +
                    std::to_string(wide) + "v1h-" + std::to_string(wide) + "z";
            x += wide;
        }
    }
    return text + "\"/></svg>";
}

}  // namespace trellis::clients
