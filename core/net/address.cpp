// SPDX-License-Identifier: Apache-2.0
#include "core/net/address.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <system_error>

namespace trellis::net {
namespace {

constexpr std::size_t url_max = 2048;
constexpr std::size_t host_max = 253;  // RFC 1035

Error bad_address(std::string_view text) {
    return Error{Code::invalid,
                 "'" + std::string(text.substr(0, 80)) +
                     "' is not an address: write HOST:PORT, or [HOST]:PORT for IPv6."};
}

bool is_host(std::string_view host, bool is_bracketed) {
    if (host.empty() || host.size() > host_max) return false;
    if (is_bracketed && host.find(':') == std::string_view::npos) return false;
    for (const char c : host) {
        const bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        const bool is_digit = c >= '0' && c <= '9';
        if (is_letter || is_digit || c == '.') continue;
        if (is_bracketed ? (c != ':' && c != '%') : (c != '-' && c != '_')) return false;
    }
    return true;
}

std::optional<std::uint16_t> parse_port(std::string_view text) {
    std::uint16_t port = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
    if (text.empty() || error != std::errc{} || end != text.data() + text.size()) {
        return std::nullopt;
    }
    return port;
}

/// `default_port` stands in where the text names none; without it the port is required.
Result<HostPort> parse_place(std::string_view text, std::optional<std::uint16_t> default_port) {
    const bool is_bracketed = text.starts_with('[');
    const std::size_t end = is_bracketed ? text.find(']') : text.rfind(':');
    if (is_bracketed && end == std::string_view::npos) return bad_address(text);
    const std::string_view host = is_bracketed ? text.substr(1, end - 1) : text.substr(0, end);
    if (!is_host(host, is_bracketed)) return bad_address(text);
    const std::size_t after = std::min(text.size(), is_bracketed ? end + 1 : end);
    const std::string_view rest = text.substr(after);
    if (rest.empty() && default_port) return HostPort{std::string(host), *default_port};
    const auto port = rest.starts_with(':') ? parse_port(rest.substr(1)) : std::nullopt;
    if (!port) return bad_address(text);
    return HostPort{std::string(host), *port};
}

bool is_target(std::string_view target) {
    return std::all_of(target.begin(), target.end(),
                       [](char c) { return c > ' ' && c < '\x7f' && c != '#'; });
}

}  // namespace

Result<HostPort> parse_host_port(std::string_view text) { return parse_place(text, std::nullopt); }

std::string to_string(const HostPort& place) {
    const bool is_ipv6 = place.host.find(':') != std::string::npos;
    const std::string host = is_ipv6 ? "[" + place.host + "]" : place.host;
    return host + ":" + std::to_string(place.port);
}

Result<Url> parse_url(std::string_view text) {
    Url url;
    url.is_encrypted = text.starts_with("wss://");
    if (text.size() > url_max || (!url.is_encrypted && !text.starts_with("ws://"))) {
        return Error{Code::invalid, "'" + std::string(text.substr(0, 80)) +
                                        "' is not the address of a server: it begins with "
                                        "ws:// or wss://."};
    }
    text.remove_prefix(url.is_encrypted ? 6 : 5);
    const std::size_t slash = std::min(text.find('/'), text.size());
    const std::uint16_t default_port = url.is_encrypted ? 443 : 80;
    TRELLIS_TRY(url.place, parse_place(text.substr(0, slash), default_port));
    url.target = slash < text.size() ? std::string(text.substr(slash)) : "/";
    if (!is_target(url.target)) return bad_address(text);
    return url;
}

}  // namespace trellis::net
