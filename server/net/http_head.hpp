// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace trellis::server {

/// What of a request we look at.
struct HttpHead {
    unsigned refusal = 0;  ///< the status to refuse it with; 0 where the request is good
    std::string path;      ///< the target up to its '?'
    std::string if_none_match;
    bool is_upgrade = false;  ///< asks to become a WebSocket
    bool keeps_alive = false;
};

/// Reads a whole head, up to and with its blank line. Only GET, only HTTP/1.1 and 1.0, never a
/// body: what is not all of that carries its refusal. Looks at no socket.
HttpHead parse_head(std::string_view text);

/// How far a head that is still arriving has come.
enum class HeadState : unsigned char { incomplete, complete, broken, too_long };

struct HeadScan {
    HeadState state = HeadState::incomplete;
    std::size_t length = 0;  ///< of the head where it is complete
};

/// Finds the end of a head of at most `head_max` bytes; broken as soon as it cannot become one.
HeadScan scan_head(std::string_view text, std::size_t head_max);

}  // namespace trellis::server
