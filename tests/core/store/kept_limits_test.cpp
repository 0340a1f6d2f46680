// SPDX-License-Identifier: Apache-2.0
// What is kept about a relay and about forked chains has a maximum, at N and at N + 1.
#include <catch2/catch.hpp>

#include "core/base/limits.hpp"
#include "core/store/alarms.hpp"
#include "core/store/branches.hpp"
#include "core/store/log_heads.hpp"
#include "tests/support/replicas.hpp"

using namespace trellis;
using namespace trellis::core;

namespace {

ShortDigest head_of(std::uint64_t position) {
    ShortDigest head;
    for (std::size_t i = 0; i < head.bytes.size(); ++i) {
        head.bytes[i] = static_cast<std::uint8_t>(position >> (8 * i));
    }
    return head;
}

/// Keeps `count` of something and then one more, in one transaction.
template <class Keep>
void keep_all(Store& store, std::size_t count, const Keep& keep) {
    auto transaction = sqlite::Transaction::begin(store.database);
    REQUIRE(transaction);
    for (std::size_t i = 0; i < count; ++i) REQUIRE(keep(i));
    REQUIRE(transaction->commit());
}

}  // namespace

TEST_CASE("the first alarms are kept, and beyond the limit no more", "[core]") {
    test::Replicas replicas(1);
    auto& store = replicas[0].store();
    Alarms alarms(store);
    const auto raise = [&](std::size_t i) {
        Alarm alarm;
        alarm.subject = std::to_string(i);
        return alarms.raise(alarm);
    };
    keep_all(store, limits::alarms_max, raise);
    CHECK(alarms.load()->size() == limits::alarms_max);
    REQUIRE(raise(limits::alarms_max));
    const auto list = *alarms.load();
    CHECK(list.size() == limits::alarms_max);
    CHECK(list.back().subject == std::to_string(limits::alarms_max - 1));
}

TEST_CASE("claims of members leave room for what is proven", "[core]") {
    test::Replicas replicas(1);
    auto& store = replicas[0].store();
    Alarms alarms(store);
    const auto claim = [&](std::size_t i) {
        Alarm alarm;
        alarm.is_claim = true;
        alarm.device.bytes[0] = static_cast<std::uint8_t>(i);
        alarm.device.bytes[1] = static_cast<std::uint8_t>(i >> 8);
        return alarms.raise(alarm);
    };
    keep_all(store, limits::alarms_max, claim);
    REQUIRE(claim(limits::alarms_max));
    CHECK(alarms.claims()->size() == limits::alarms_max);
    Alarm proven;
    proven.kind = AlarmKind::rolled_back;
    REQUIRE(alarms.raise(proven));
    CHECK(alarms.load()->back().kind == AlarmKind::rolled_back);
    const auto claims = *alarms.claims();
    for (const auto& each : claims) REQUIRE(alarms.end(each));
    CHECK(alarms.load()->size() == 1);
}

TEST_CASE("the heads of a log are kept as far back as the limit says", "[core]") {
    test::Replicas replicas(1);
    auto& store = replicas[0].store();
    LogHeads heads(store);
    constexpr std::uint64_t page = 1024;
    constexpr std::uint64_t pages = limits::heads_max_kept / page;
    const auto append = [&](std::size_t at) {
        std::vector<ShortDigest> of_page;
        for (std::uint64_t i = 0; i < page; ++i) of_page.push_back(head_of(at * page + i + 1));
        return heads.append(1, at * page + 1, of_page);
    };
    keep_all(store, pages, append);
    CHECK(*heads.at(1, 1) == head_of(1));
    CHECK(*heads.at(1, limits::heads_max_kept) == head_of(limits::heads_max_kept));
    REQUIRE(append(pages));
    CHECK_FALSE(heads.at(1, 1)->has_value());
    CHECK(*heads.at(1, page + 1) == head_of(page + 1));
    CHECK(*heads.at(1, (pages + 1) * page) == head_of((pages + 1) * page));
}

TEST_CASE("of places ahead of us the nearest are kept", "[core]") {
    test::Replicas replicas(1);
    auto& store = replicas[0].store();
    AheadWitnesses ahead(store);
    const auto keep = [&](std::size_t i) {
        AheadWitness witness;
        witness.position = 1000 - i;
        witness.head = head_of(witness.position);
        return ahead.keep(1, witness);
    };
    keep_all(store, limits::witnesses_max, keep);
    CHECK(ahead.load(1, true)->size() == limits::witnesses_max);
    REQUIRE(keep(limits::witnesses_max));
    const auto list = *ahead.load(1, true);
    CHECK(list.size() == limits::witnesses_max);
    for (const auto& each : list) CHECK(each.position < 1000);
}

TEST_CASE("branches of others are taken up to the limit", "[core]") {
    test::Replicas replicas(1);
    auto& store = replicas[0].store();
    Branches branches(store);
    const auto keep = [&](std::size_t i) {
        return branches.keep(1, {{}, {}, static_cast<Counter>(i + 1), {}, Bytes{1}});
    };
    keep_all(store, limits::branch_envelopes_max - 1, keep);
    CHECK_FALSE(*branches.is_full(1));
    REQUIRE(keep(limits::branch_envelopes_max - 1));
    CHECK(*branches.is_full(1));
    CHECK_FALSE(*branches.is_full(2));
}
