// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/base/result.hpp"

namespace trellis::net {

/// A place to listen on or to connect to. An IPv6 address stands without its brackets.
struct HostPort {
    std::string host;
    std::uint16_t port = 0;

    bool operator==(const HostPort&) const = default;
};

/// Reads "localhost:8080", "192.0.2.1:8080" or "[::1]:8080".
Result<HostPort> parse_host_port(std::string_view text);

/// "host:port", with brackets where the host is an IPv6 address.
std::string to_string(const HostPort& place);

/// Where a device finds its server.
struct Url {
    bool is_encrypted = false;  ///< wss, not ws
    HostPort place;
    std::string target;  ///< begins with '/'

    bool operator==(const Url&) const = default;
};

/// Reads "ws://host[:port][/path]" or "wss://…"; the port is 80 or 443 where none is named.
Result<Url> parse_url(std::string_view text);

}  // namespace trellis::net
