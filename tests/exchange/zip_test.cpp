// SPDX-License-Identifier: Apache-2.0
#include "clients/exchange/zip.hpp"

#include "clients/exchange/oneroster.hpp"
#include "tests/exchange/files.hpp"

#include <catch2/catch.hpp>

namespace trellis::clients {
namespace {

const std::string district = shared_data + "oneroster-grand-bend-1.1/";

TEST_CASE("A district's zip holds the same files as its folder", "[exchange]") {
    const auto files = read_zip(file_bytes(district + "oneroster.zip"));
    REQUIRE(files.has_value());
    auto loose = grand_bend();
    loose.erase("attendance.csv");
    CHECK((*files == loose));  // a failure prints no contents
}

TEST_CASE("A gzip gives back its file", "[exchange]") {
    const auto users = read_gzip(file_bytes(district + "users.csv.gz"));
    REQUIRE(users.has_value());
    CHECK((*users == grand_bend().at("users.csv")));
}

TEST_CASE("A spoilt archive is an error wherever it is spoilt", "[exchange]") {
    const auto whole = file_bytes(district + "oneroster.zip");
    const auto right = read_zip(whole);
    REQUIRE(right.has_value());
    for (std::size_t at = 0; at < whole.size(); at += 331) {
        auto spoilt = whole;
        spoilt[at] ^= 0x41;
        // Times and versions do not matter; contents and names do.
        const auto files = read_zip(spoilt);
        if (files && files->size() == right->size()) {
            for (const auto& [name, content] : *right) {
                const auto same = files->find(name);
                if (same != files->end()) CHECK((same->second == content));
            }
        }
        CHECK_FALSE(read_zip(ByteView(whole).first(at)).has_value());
    }
}

TEST_CASE("A gzip that is cut short or goes on is an error", "[exchange]") {
    auto whole = file_bytes(district + "demographics.csv.gz");
    for (std::size_t size = 0; size < whole.size(); size += 13) {
        CHECK_FALSE(read_gzip(ByteView(whole).first(size)).has_value());
    }
    whole.push_back(0);
    CHECK_FALSE(read_gzip(whole).has_value());
}

TEST_CASE("A file whose name leads out of the archive is refused", "[exchange]") {
    const auto whole = file_bytes(district + "oneroster.zip");
    for (const std::string_view name : {"../s.csv", "/rgs.csv", "a\\gs.csv", "C:gs.csv"}) {
        std::string text(as_text(whole));
        const std::string_view old = "orgs.csv";
        for (auto at = text.find(old); at != std::string::npos; at = text.find(old, at)) {
            text.replace(at, old.size(), name);
        }
        const auto files = read_zip(as_bytes(text));
        REQUIRE_FALSE(files.has_value());
        CHECK(files.error().message.find("leads out") != std::string::npos);
    }
}

}  // namespace
}  // namespace trellis::clients
