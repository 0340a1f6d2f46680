// SPDX-License-Identifier: Apache-2.0
#include "server/net/drop_box.hpp"

#include "core/base/json.hpp"

#include <charconv>
#include <optional>
#include <utility>

namespace trellis::server {
namespace {

struct Address {
    OrgId org;
    crypto::InboxId inbox;
};

/// Of "/inbox/ORG/INBOX", both in hexadecimal.
std::optional<Address> parse_address(std::string_view path) {
    path.remove_prefix(drop_box_prefix.size());
    const auto slash = path.find('/');
    if (slash == std::string_view::npos) return std::nullopt;
    const auto org = OrgId::parse(path.substr(0, slash));
    const auto inbox = crypto::InboxId::parse(path.substr(slash + 1));
    if (!org || !inbox) return std::nullopt;
    return Address{*org, *inbox};
}

/// Of "proof=N" and nothing else.
std::optional<std::uint64_t> parse_proof(std::string_view query) {
    constexpr std::string_view name = "proof=";
    if (!query.starts_with(name)) return std::nullopt;
    query.remove_prefix(name.size());
    std::uint64_t proof = 0;
    const auto [end, error] = std::from_chars(query.data(), query.data() + query.size(), proof);
    if (error != std::errc() || end != query.data() + query.size()) return std::nullopt;
    return proof;
}

unsigned status_of(Code code) {
    switch (code) {
        case Code::not_found:
            return 404;
        case Code::conflict:
            return 409;
        case Code::too_large:
            return 413;
        case Code::denied:
            return 428;
        case Code::busy:
            return 429;
        case Code::no_space:
            return 507;
        case Code::invalid:
        case Code::corrupt:
        case Code::unsupported:
            return 400;
        default:
            return 503;
    }
}

HttpResponse respond(unsigned status, const Json& json) {
    return {status, "application/json", print_json(json) + "\n"};
}

HttpResponse refusal(const Error& error) {
    Json json;
    json.set("ok", false);
    json.set("code", to_string(error.code));
    json.set("message", error.message);
    return respond(status_of(error.code), json);
}

HttpResponse accepted(const Digest& digest) {
    Json json;
    json.set("ok", true);
    json.set("digest", digest.hex());
    return respond(202, json);
}

HttpResponse described(const OrgId& org, const sync::InboxPlace& place) {
    Json json;
    json.set("ok", true);
    json.set("org", org.hex());
    json.set("inbox", place.inbox.hex());
    json.set("key_epoch", std::int64_t{place.key_epoch});
    json.set("key", place.key.hex());
    json.set("fingerprint",
             crypto::inbox_print(org, place.inbox, place.key_epoch, place.key).hex());
    json.set("work_bits", std::int64_t{place.work_bits});
    return respond(200, json);
}

}  // namespace

net::Awaitable<HttpResponse> serve_drop_box(RelayHost& host, HttpRequest request) {
    const auto address = parse_address(request.path);
    if (!address) {
        const Error unclear{Code::not_found,
                            "an inbox's address is /inbox/ORGANISATION/INBOX, each in hexadecimal: "
                            "check the address, or the poster it is from"};
        co_return refusal(unclear);
    }
    if (!request.is_post) {
        const auto place = co_await host.find_inbox(address->org, address->inbox);
        if (!place) co_return refusal(place.error());
        co_return described(address->org, std::get<sync::InboxPlace>(*place));
    }
    const auto proof = parse_proof(request.query);
    auto storing = host.submit(address->org, address->inbox, std::move(request.body), proof);
    const auto stored = co_await std::move(storing);
    if (!stored) co_return refusal(stored.error());
    co_return accepted(std::get<Digest>(*stored));
}

}  // namespace trellis::server
