// SPDX-License-Identifier: Apache-2.0
#include "server/net/http_head.hpp"

#include <algorithm>
#include <exception>

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/websocket/rfc6455.hpp>

namespace trellis::server {
namespace {

namespace http = boost::beast::http;

using Parser = http::request_parser<http::empty_body>;

unsigned refusal_of(const boost::system::error_code& error) {
    if (error == http::error::body_limit) return 413;
    if (error == http::error::header_limit) return 431;
    if (error == http::error::bad_version) return 505;
    return 400;
}

/// A target that is not "/…" is for a proxy; control bytes are for nobody.
bool is_path(std::string_view target) {
    if (!target.starts_with('/')) return false;
    for (const char c : target) {
        if (c <= ' ' || c >= '\x7f') return false;
    }
    return true;
}

unsigned refusal_of(const Parser& parser, std::size_t body_max) {
    const auto& request = parser.get();
    const bool may_post = body_max > 0 && request.method() == http::verb::post;
    if (parser.chunked() || request.count(http::field::transfer_encoding) > 0) {
        return may_post ? 411 : 413;
    }
    const bool is_known = request.method() == http::verb::get || request.method() == http::verb::post;
    if (body_max > 0 && !is_known) return 405;
    const auto body = parser.content_length();
    if (body.value_or(0) > (may_post ? body_max : 0)) return 413;
    if (request.method() != http::verb::get && !may_post) return 405;
    if (may_post && !body) return 411;
    if (request.version() == 11 && request.count(http::field::host) != 1) return 400;
    if (!is_path({request.target().data(), request.target().size()})) return 400;
    return 0;
}

}  // namespace

HttpHead parse_head(std::string_view text, std::size_t body_max) try {
    HttpHead head;
    Parser parser;
    parser.header_limit(static_cast<std::uint32_t>(text.size()));
    parser.body_limit(body_max);
    boost::system::error_code error;
    parser.put(boost::asio::buffer(text), error);
    head.refusal = error                    ? refusal_of(error)
                   : parser.is_header_done() ? refusal_of(parser, body_max)
                                             : 400;
    if (head.refusal != 0) return head;
    const auto& request = parser.get();
    const std::string_view target(request.target().data(), request.target().size());
    const auto question = std::min(target.find('?'), target.size());
    head.path = target.substr(0, question);
    head.query = target.substr(std::min(question + 1, target.size()));
    head.is_post = request.method() == http::verb::post;
    head.body_bytes = static_cast<std::size_t>(parser.content_length().value_or(0));
    head.expects_continue = request.count(http::field::expect) > 0;
    head.if_none_match = std::string(request[http::field::if_none_match]);
    head.accepts_gzip = names_gzip(std::string(request[http::field::accept_encoding]));
    head.host = std::string(request[http::field::host]);
    head.origin = std::string(request[http::field::origin]);
    if (request.count(http::field::origin) > 1) head.refusal = 400;
    head.is_upgrade = boost::beast::websocket::is_upgrade(request);
    head.keeps_alive = request.keep_alive();
    return head;
} catch (const std::exception&) {
    HttpHead head;
    head.refusal = 500;
    return head;
}

bool names_gzip(std::string_view accepted) {
    while (!accepted.empty()) {
        const auto end = std::min(accepted.find(','), accepted.size());
        auto one = accepted.substr(0, end);
        accepted.remove_prefix(std::min(end + 1, accepted.size()));
        const auto first = std::min(one.find_first_not_of(" \t"), one.size());
        one.remove_prefix(first);
        if (!one.starts_with("gzip")) continue;
        one.remove_prefix(4);
        // What may follow is a weight: "; q=0.5". Nothing but zeros refuses it.
        const auto weight = one.find("q=");
        if (weight == std::string_view::npos) return one.find_first_not_of(" \t;") == one.npos;
        return one.substr(weight + 2).find_first_of("123456789") != std::string_view::npos;
    }
    return false;
}

bool is_origin_welcome(const HttpHead& head, const std::vector<std::string>& others) {
    if (head.origin.empty()) return true;
    const bool is_own = head.origin == "https://" + head.host || head.origin == "http://" + head.host;
    return (is_own && !head.host.empty()) ||
           std::find(others.begin(), others.end(), head.origin) != others.end();
}

std::vector<std::string> split_origins(std::string_view list) {
    std::vector<std::string> origins;
    while (!list.empty()) {
        const auto end = std::min(list.find(','), list.size());
        auto one = list.substr(0, end);
        while (!one.empty() && one.front() == ' ') one.remove_prefix(1);
        while (!one.empty() && (one.back() == ' ' || one.back() == '/')) one.remove_suffix(1);
        if (!one.empty()) origins.emplace_back(one);
        list.remove_prefix(std::min(end + 1, list.size()));
    }
    return origins;
}

HeadScan scan_head(std::string_view text, std::size_t head_max) {
    // A request begins with the letters of its method: what a TLS client says first does not.
    if (!text.empty() && (text[0] < 'A' || text[0] > 'Z')) return {HeadState::broken, 0};
    for (std::size_t at = text.find('\n'); at != std::string_view::npos;
         at = text.find('\n', at + 1)) {
        if (at == 0 || text[at - 1] != '\r') return {HeadState::broken, 0};
        if (at >= head_max) return {HeadState::too_long, 0};
        if (at >= 3 && text.substr(at - 3, 4) == "\r\n\r\n") return {HeadState::complete, at + 1};
    }
    return {text.size() >= head_max ? HeadState::too_long : HeadState::incomplete, 0};
}

}  // namespace trellis::server
