// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace trellis::server {

/// What of a request we look at.
struct HttpHead {
    unsigned refusal = 0;  ///< the status to refuse it with; 0 where the request is good
    std::string path;      ///< the target up to its '?'
    std::string query;     ///< what follows that
    bool is_post = false;
    std::size_t body_bytes = 0;      ///< that follow the head of a POST
    bool expects_continue = false;   ///< and does not send them before it is told to
    std::string if_none_match;
    bool accepts_gzip = false;
    std::string host;
    std::string origin;       ///< empty: none was said, so it is no browser's page
    bool is_upgrade = false;  ///< asks to become a WebSocket
    bool keeps_alive = false;
};

/// Reads a whole head, up to and with its blank line. Only GET without a body and, where
/// `body_max` allows one, POST with a length; only HTTP/1.1 and 1.0: what is not all of that
/// carries its refusal. Looks at no socket.
HttpHead parse_head(std::string_view text, std::size_t body_max = 0);

/// Whether an Accept-Encoding names gzip, and not with "q=0".
bool names_gzip(std::string_view accepted);

/// Whether a page of the request's origin may open a WebSocket here: one that this very server
/// shows, or one of `others`. Browsers name the origin, and cannot be made to lie about it.
bool is_origin_welcome(const HttpHead& head, const std::vector<std::string>& others);

/// "https://a.example, https://b.example"
std::vector<std::string> split_origins(std::string_view list);

/// How far a head that is still arriving has come.
enum class HeadState : unsigned char { incomplete, complete, broken, too_long };

struct HeadScan {
    HeadState state = HeadState::incomplete;
    std::size_t length = 0;  ///< of the head where it is complete
};

/// Finds the end of a head of at most `head_max` bytes; broken as soon as it cannot become one.
HeadScan scan_head(std::string_view text, std::size_t head_max);

}  // namespace trellis::server
