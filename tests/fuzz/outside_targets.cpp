// SPDX-License-Identifier: Apache-2.0
#include "clients/exchange/oneroster.hpp"
#include "clients/exchange/table.hpp"
#include "clients/exchange/zip.hpp"
#include "core/base/limits.hpp"
#include "core/net/address.hpp"
#include "server/net/http_head.hpp"
#include "tests/fuzz/script.hpp"
#include "tests/exchange/files.hpp"
#include "tests/fuzz/targets.hpp"

namespace trellis::test {
namespace {

void request_head(ByteView bytes) {
    const auto text = as_text(bytes);
    const auto scan = server::scan_head(text, 8 * 1024);
    if (scan.state == server::HeadState::complete) {
        TRELLIS_CHECK(scan.length <= text.size());
        const auto head = server::parse_head(text.substr(0, scan.length));
        static_cast<void>(server::is_origin_welcome(head, {"https://a.example"}));
    }
    static_cast<void>(server::parse_head(text));
    static_cast<void>(server::split_origins(text));
}
std::vector<Bytes> request_seeds() {
    return {to_bytes(as_bytes("GET /sync HTTP/1.1\r\nHost: a.example\r\nUpgrade: websocket\r\n"
                              "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                              "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                              "Origin: https://a.example\r\n\r\n")),
            to_bytes(as_bytes("GET /a%2e%2e/b?c=d HTTP/1.0\r\nIf-None-Match: \"x\"\r\n\r\n")),
            to_bytes(as_bytes("POST / HTTP/1.1\r\nContent-Length: 1\r\n\r\nx"))};
}

void csv(ByteView bytes) {
    for (const bool strict : {false, true}) {
        clients::Problems problems;
        clients::TableOptions options;
        options.strict_quotes = strict;
        const auto table = clients::read_table("file.csv", bytes, options, problems);
        if (!table) continue;
        for (std::size_t row = 0; row < table->rows(); ++row) {
            for (std::size_t column = 0; column < table->header().size(); ++column) {
                TRELLIS_CHECK(is_utf8(table->cell(row, column)));
            }
        }
    }
}
std::vector<Bytes> csv_seeds() {
    auto seeds = text_seeds("fixtures/exchange/oneroster-grand-bend-1.1", ".csv");
    for (auto& seed : seeds) seed.resize(std::min<std::size_t>(seed.size(), 2000));
    seeds.push_back(to_bytes(as_bytes("sep=;\r\n\"a\";b\r\n\"x \"\"y\"\" \r\nz\";1\r\n")));
    seeds.push_back({0xFF, 0xFE, 'a', 0, ',', 0, 'b', 0, '\n', 0, '1', 0, ',', 0, '2', 0});
    return seeds;
}

void zip(ByteView bytes) {
    static_cast<void>(clients::read_zip(bytes));
    static_cast<void>(clients::read_gzip(bytes));
}
std::vector<Bytes> zip_seeds() {
    // One member "a" that is stored, and the gzip of nothing.
    return {*from_hex("504b03040a0000000000000000008316dc8c010000000100000001000000617a504b01021e03"
                      "0a0000000000000000008316dc8c01000000010000000100000000000000000000000000000000"
                      "0061504b050600000000010001002f000000200000000000"),
            *from_hex("1f8b08000000000000030300000000000000000000")};
}

void url(ByteView bytes) {
    const auto place = net::parse_host_port(as_text(bytes));
    if (place) {
        const auto again = net::parse_host_port(net::to_string(*place));
        TRELLIS_CHECK(again.has_value() && *again == *place);
    }
    static_cast<void>(net::parse_url(as_text(bytes)));
}
std::vector<Bytes> url_seeds() {
    return {to_bytes(as_bytes("wss://relay.example:8443/sync")),
            to_bytes(as_bytes("ws://[2001:db8::1%25eth0]/a?b")), to_bytes(as_bytes("[::1]:8080")),
            to_bytes(as_bytes("localhost:65535"))};
}

constexpr const char* roster_files[] = {"manifest.csv",     "orgs.csv",    "users.csv",
                                        "enrollments.csv",  "classes.csv", "demographics.csv",
                                        "academicSessions.csv", "courses.csv"};

/// A package: one step a file. What is accepted becomes edits that fit into changes.
void oneroster(ByteView script) {
    clients::Files files;
    for (const auto& step : steps_of(script)) {
        Tape tape(step);
        const auto* name = roster_files[tape.u8() % std::size(roster_files)];
        files[name] = to_bytes(tape.rest());
    }
    clients::Problems problems;
    const auto roster = clients::read_oneroster(files, problems);
    if (!roster) return;
    const clients::RecordLookup lookup{[](std::string_view type, std::string_view key) {
                                           return std::string(type) + ":" + std::string(key);
                                       },
                                       {}};
    const auto edits = clients::to_edits(*roster, {}, lookup);
    std::size_t count = 0;
    for (const auto& change : clients::in_changes(edits)) count += change.size();
    TRELLIS_CHECK(count == edits.size());
}
std::vector<Bytes> oneroster_seeds() {
    std::vector<Bytes> steps;
    for (std::uint8_t i = 0; i < std::size(roster_files); ++i) {
        steps.push_back(step(i, {}, clients::small_package().at(roster_files[i])));
    }
    return {script_of(steps)};
}

}  // namespace

std::vector<FuzzTarget> outside_targets() {
    return {{"request_head", &request_head, &request_seeds},
            {"url", &url, &url_seeds},
            {"csv", &csv, &csv_seeds},
            {"oneroster", &oneroster, &oneroster_seeds, true},
            {"zip", &zip, &zip_seeds}};
}

}  // namespace trellis::test
