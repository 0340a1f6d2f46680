// SPDX-License-Identifier: Apache-2.0
// One database, copied, and both copies live on.
#include <catch2/catch.hpp>

#include <algorithm>
#include <random>
#include <set>

#include "core/query/query.hpp"
#include "core/query/record_view.hpp"
#include "tests/support/paper_relay.hpp"

using namespace trellis;
using trellis::test::PaperRelay;
using trellis::test::Replicas;

namespace {

std::size_t things_at(Replicas& replicas, std::size_t at) {
    core::ListRequest all;
    all.type = "thing";
    return core::list_records(replicas[at], all)->array()->size();
}

std::set<std::string> names_at(Replicas& replicas, std::size_t at) {
    std::set<std::string> names;
    const auto rows = core::run_query(replicas[at], "SELECT name FROM thing", {});
    REQUIRE(rows.has_value());
    for (const auto& row : *rows->array()) names.insert(*row["name"].string());
    return names;
}

void check_all_equal(Replicas& replicas) {
    for (std::size_t at = 1; at < replicas.size(); ++at) {
        CAPTURE(at);
        CHECK(replicas.digest(at) == replicas.digest(0));
        CHECK(replicas.problems(at) == "");
    }
}

/// The salts of everything the relay holds and everything anybody ever sealed.
void check_salts_differ(const std::vector<Bytes>& envelopes) {
    std::set<Bytes> different(envelopes.begin(), envelopes.end());
    std::set<Bytes> salts;
    for (const auto& envelope : different) {
        const auto salt = ByteView(envelope).subspan(crypto::envelope_header_size,
                                                     crypto::envelope_salt_size);
        CHECK(salts.insert(to_bytes(salt)).second);
    }
}

std::vector<Bytes> sealed_by(Replicas& replicas, std::size_t at) {
    std::vector<Bytes> all;
    const auto chains = replicas[at].chains(replicas.space());
    for (auto start : *chains) {
        start.last = 0;
        const auto runs = replicas[at].envelopes(replicas.space(), start, SIZE_MAX);
        for (const auto& run : *runs) {
            all.insert(all.end(), run.envelopes.begin(), run.envelopes.end());
        }
    }
    return all;
}

std::string named(const std::string& name) { return R"({"name":")" + name + R"("})"; }

/// All that `from` holds, by a courier.
void hand(Replicas& replicas, std::size_t from, std::size_t to) {
    Bytes bundle;
    REQUIRE(replicas[from].write_bundle(replicas.space(), {}, bundle).has_value());
    REQUIRE(replicas[to].apply_bundle(bundle).has_value());
}

/// The second device holds "one" of the first back, which waits for "missing" of the third.
void hold_back(Replicas& replicas) {
    replicas.put(2, named("missing"));
    replicas.carry(2, 0);
    replicas.put(0, named("one"));
    replicas.carry(0, 1);
    REQUIRE(things_at(replicas, 1) == 0);
}

}  // namespace

TEST_CASE("two copies that know where they live write under two names and lose nothing", "[core]") {
    const bool random_works = GENERATE(true, false);
    Replicas replicas(2);
    PaperRelay relay(replicas);
    replicas.move_to(0, "tablet one");
    replicas.put(0, named("shared"));
    relay.settle();
    replicas.put(0, named("sealed before the copy"));
    REQUIRE(replicas[0].seal().has_value());
    replicas.put(0, named("waiting at the copy"));
    if (!random_works) replicas.env().break_random();
    const auto copy = replicas.copy(0, "tablet two");
    replicas.put(0, named("by the original"));
    replicas.put(copy, named("by the copy"));
    relay.settle();
    check_all_equal(replicas);
    // What waited at the copy is said by both: nobody can know which of them will come.
    CHECK(names_at(replicas, 1).size() == 5);
    CHECK(things_at(replicas, 1) == 6);
    CHECK(replicas[1].alarms()->empty());
    check_salts_differ(sealed_by(replicas, 1));
}

TEST_CASE("work sealed before a database moved still goes up from its new place", "[core]") {
    Replicas replicas(2);
    PaperRelay relay(replicas);
    replicas.move_to(0, "old machine");
    replicas.put(0, named("sealed"));
    REQUIRE(replicas[0].seal().has_value());
    replicas.move_to(0, "new machine");
    replicas.put(0, named("after"));
    relay.settle();
    CHECK(things_at(replicas, 1) == 2);
    CHECK(replicas[0].sync_spaces().back().former.empty());
    check_all_equal(replicas);
}

TEST_CASE("a copy that mentions names which nobody could have given opens and keeps them", "[core]") {
    Replicas replicas(2);
    PaperRelay relay(replicas);
    replicas.move_to(0, "tablet one");
    const auto friend_of = [&](const std::string& tail) {
        const auto record = replicas.put(0, named("first"));
        const auto stranger = record.hex().substr(0, 20) + tail;
        replicas.put(0, R"({"name":")" + tail + R"(","friend":")" + stranger + "\"}");
        return stranger;
    };
    const auto beyond = friend_of("010000000001");
    const auto nought = friend_of("000000000000");
    const auto copy = replicas.copy(0, "tablet two");
    relay.settle();
    check_all_equal(replicas);
    const auto rows = core::run_query(replicas[copy], "SELECT friend FROM thing", {});
    REQUIRE(rows.has_value());
    for (const auto& stranger : {beyond, nought}) {
        CHECK(print_json(*rows).find(stranger) != std::string::npos);
    }
}

TEST_CASE("two copies that both sealed under one name are healed in whatever order they sync",
          "[core]") {
    const auto seed = GENERATE(range(1, 11));
    const bool random_works = GENERATE(true, false);
    CAPTURE(seed, random_works);
    std::mt19937_64 random(static_cast<std::uint64_t>(seed));
    Replicas replicas(2, static_cast<std::uint64_t>(seed));
    PaperRelay relay(replicas);
    const auto shared = replicas.put(0, named("shared"));
    relay.settle();
    if (!random_works) replicas.env().break_random();
    const auto copy = replicas.copy(0);
    std::vector<Bytes> sealed;
    std::set<std::string> names{"shared"};
    for (int step = 0; step < 12; ++step) {
        replicas.env().advance(static_cast<std::int64_t>(random() % 3));
        const std::size_t at = random() % 2 == 0 ? 0 : copy;
        const auto name = std::to_string(step);
        names.insert(name);
        const auto record = replicas.put(at, named(name));
        if (random() % 2 == 0) {
            REQUIRE(replicas.set(at, record, R"({"phone":"p)" + name + "\"}").has_value());
        }
        if (random() % 3 == 0) {
            REQUIRE(replicas.write(at, core::IncrementField{shared, "minutes", 1}).has_value());
        }
        if (random() % 3 == 0) REQUIRE(replicas[at].seal().has_value());
        if (random() % 4 == 0) {
            for (const auto each : {std::size_t{0}, copy}) {
                const auto some = sealed_by(replicas, each);
                sealed.insert(sealed.end(), some.begin(), some.end());
            }
            relay.sync(random() % replicas.size());
        }
    }
    relay.settle();
    relay.settle();
    check_all_equal(replicas);
    CHECK(names_at(replicas, 1) == names);
    CHECK(things_at(replicas, 1) == names.size());
    for (std::size_t at = 0; at < replicas.size(); ++at) {
        const auto some = sealed_by(replicas, at);
        sealed.insert(sealed.end(), some.begin(), some.end());
    }
    check_salts_differ(sealed);
}

TEST_CASE("nothing is built on a name that a copy has left and may yet lose", "[core]") {
    Replicas replicas(2);
    PaperRelay relay(replicas);
    replicas.move_to(0, "tablet one");
    replicas.put(0, named("shared"));
    relay.settle();
    const auto copy = replicas.copy(0);  // nobody notices: it says that it lives there too
    for (const auto at : {std::size_t{0}, copy}) {
        for (int i = 0; i < (at == 0 ? 1 : 3); ++i) {
            replicas.put(at, named(std::to_string(at) + std::to_string(i)));
        }
        REQUIRE(replicas[at].seal().has_value());
    }
    const bool is_lost = GENERATE(true, false);
    if (is_lost) relay.sync(0);
    replicas.move_to(copy, "tablet two");
    const auto left = replicas[copy].sync_spaces().back().former;
    REQUIRE(left.size() == 1);
    replicas.put(copy, named("under the new name"));
    REQUIRE(replicas[copy].seal().has_value());
    CHECK(replicas[copy].sync_spaces().back().sealed == 0);
    relay.sync(copy);
    CHECK(replicas[copy].sync_spaces().back().former.empty());
    CHECK(replicas[copy].sync_spaces().back().sealed > 0);
    relay.settle();
    check_all_equal(replicas);
    CHECK(replicas[1].quarantine()->empty());
    CHECK(names_at(replicas, 1) ==
          std::set<std::string>{"shared", "00", std::to_string(copy) + "0",
                                std::to_string(copy) + "1", std::to_string(copy) + "2",
                                "under the new name"});
}

TEST_CASE("what was built on a branch that has lost its name keeps its order", "[core]") {
    Replicas replicas(3);
    PaperRelay relay(replicas);
    replicas.put(1, named("the first"));
    relay.settle();
    const auto copy = replicas.copy(0);
    for (const auto* name : {"one", "two", "three"}) replicas.put(0, named(name));
    replicas.put(copy, named("by the copy"));
    hand(replicas, 0, 2);
    const auto record = replicas.put(2, named("made"));
    hand(replicas, 2, 1);
    REQUIRE(replicas.set(1, record, R"({"name":"edited"})").has_value());
    REQUIRE(replicas[1].seal().has_value());
    relay.sync(copy);
    relay.pull(1);
    CHECK(print_json(replicas.get(1, record)["fields"]["name"]) == R"("edited")");
    CHECK(replicas.problems(1) == "");
}

TEST_CASE("what waits for words of a name is let go at its owner once it has said as many",
          "[core]") {
    Replicas replicas(2);
    PaperRelay relay(replicas);
    const auto copy = replicas.copy(0);
    for (const auto* name : {"one", "two", "three"}) replicas.put(copy, named(name));
    replicas.put(0, named("mine"));
    hand(replicas, copy, 1);
    replicas.put(1, named("built on it"));
    for (const std::size_t at : {0, 1, 0}) relay.sync(at);
    CHECK(names_at(replicas, 0) == std::set<std::string>{"mine"});
    for (const auto* name : {"more", "and more"}) replicas.put(0, named(name));
    relay.sync(0);
    CHECK(names_at(replicas, 0).count("built on it") == 1);
    relay.settle();
    check_all_equal(replicas);
    CHECK(names_at(replicas, 1).size() == 7);
}

TEST_CASE("a chain's hash at a place is told where an envelope held here ends there", "[core]") {
    Replicas replicas(2);
    PaperRelay relay(replicas);
    for (const auto* name : {"one", "two"}) {
        replicas.put(0, named(name));
        REQUIRE(replicas[0].seal().has_value());
    }
    const auto& space = replicas.space();
    const auto ends = replicas[0].chains(space);
    REQUIRE(ends->size() == 1);
    auto place = ends->front();
    CHECK(replicas[0].chain_at(space, place)->value() == place.chain);
    ++place.last;
    CHECK_FALSE(replicas[0].chain_at(space, place)->has_value());
    place.last = 0;
    CHECK(replicas[0].chain_at(space, place)->value() == Digest());
    CHECK_FALSE(replicas[1].chain_at(space, ends->front())->has_value());
}

TEST_CASE("a courier's branch of a copied chain is kept beside ours and raises an alarm", "[core]") {
    Replicas replicas(2);
    const auto copy = replicas.copy(0);
    replicas.put(0, named("by the original"));
    replicas.put(copy, named("by the copy"));
    Bytes one;
    Bytes other;
    REQUIRE(replicas[0].write_bundle(replicas.space(), {}, one).has_value());
    REQUIRE(replicas[copy].write_bundle(replicas.space(), {}, other).has_value());
    REQUIRE(replicas[1].apply_bundle(one)->changes == 1);
    const auto before = replicas.digest(1);
    REQUIRE(replicas[1].apply_bundle(other)->changes == 0);
    CHECK(replicas.digest(1) == before);
    REQUIRE(replicas[1].alarms()->size() == 1);
    CHECK(replicas[1].alarms()->front().kind == core::AlarmKind::fork);
    REQUIRE(replicas[1].quarantine()->size() == 1);
    CHECK(replicas[1].quarantine()->front().reason == "fork");

    // The relay decides: it has heard of the copy first.
    PaperRelay relay(replicas);
    relay.sync(copy);
    relay.settle();
    check_all_equal(replicas);
    CHECK(names_at(replicas, 1) == std::set<std::string>{"by the copy", "by the original"});
}

TEST_CASE("what is held back of a lost branch gives way to the one in the relay's log", "[core]") {
    Replicas replicas(3);
    const auto twin = replicas.copy(0);
    hold_back(replicas);
    replicas.put(twin, named("other"));
    replicas.carry(twin, 1);
    CHECK(names_at(replicas, 1) == std::set<std::string>{"other"});
    replicas.put(twin, named("more"));
    replicas.carry(twin, 1);
    CHECK(names_at(replicas, 1) == std::set<std::string>{"other", "more"});

    PaperRelay relay(replicas);
    relay.sync(twin);
    relay.settle();
    check_all_equal(replicas);
    CHECK(names_at(replicas, 1) == std::set<std::string>{"missing", "one", "other", "more"});
    CHECK(replicas[1].alarms()->empty());
}

TEST_CASE("what waits behind a gap goes on waiting where a lost branch gives way", "[core]") {
    Replicas replicas(3);
    const auto twin = replicas.copy(0);
    hold_back(replicas);
    for (const auto* name : {"other", "more", "third"}) {
        replicas.put(twin, named(name));
        REQUIRE(replicas[twin].seal().has_value());
    }
    const auto whole = *replicas[twin].outbox(replicas.space(), 0, SIZE_MAX);
    REQUIRE(whole[0].envelopes.size() == 3);
    auto parts = std::vector(3, whole);
    for (std::size_t i = 0; i < 3; ++i) {
        parts[i][0].first = whole[0].first + i;
        parts[i][0].envelopes = {whole[0].envelopes[i]};
    }
    for (const std::size_t i : {2, 0, 1}) {
        REQUIRE(replicas[1].receive_repair(replicas.space(), parts[i]).has_value());
    }
    CHECK(names_at(replicas, 1) == std::set<std::string>{"other", "more", "third"});
}

TEST_CASE("what is held back is known again where the log brings it", "[core]") {
    Replicas replicas(3);
    PaperRelay relay(replicas);
    hold_back(replicas);
    relay.sync(0);
    relay.pull(1);
    CHECK(things_at(replicas, 1) == 0);
    relay.settle();
    check_all_equal(replicas);
    CHECK(names_at(replicas, 1) == std::set<std::string>{"missing", "one"});
}

TEST_CASE("what was made up to wait behind a gap does not keep it from being filled", "[core]") {
    Replicas replicas(2);
    for (const auto* name : {"one", "two"}) {
        replicas.put(0, named(name));
        REQUIRE(replicas[0].seal().has_value());
    }
    const auto whole = *replicas[0].outbox(replicas.space(), 0, SIZE_MAX);
    REQUIRE(whole[0].envelopes.size() == 2);
    auto first = whole;
    first[0].envelopes.pop_back();
    auto made_up = whole;
    made_up[0].first = *crypto::last_of(first[0]) + 1;
    made_up[0].envelopes.erase(made_up[0].envelopes.begin());
    made_up[0].envelopes[0].back() ^= 1U;
    REQUIRE(replicas[1].receive_repair(replicas.space(), made_up).has_value());
    REQUIRE(replicas[1].quarantine()->size() == 1);
    REQUIRE(replicas[1].receive_repair(replicas.space(), first)->envelopes == 1);
    CHECK(replicas[1].quarantine()->empty());
    CHECK(replicas[1].alarms()->empty());
    REQUIRE(replicas[1].receive_repair(replicas.space(), whole)->envelopes == 1);
    check_all_equal(replicas);
}

TEST_CASE("a forged envelope at a known place changes nothing", "[core]") {
    Replicas replicas(2);
    const auto copy = replicas.copy(0);
    replicas.put(0, named("by the original"));
    replicas.put(copy, named("by the copy"));
    PaperRelay relay(replicas);
    relay.sync(0);
    relay.pull(1);
    const auto before = replicas.digest(1);
    auto runs = *replicas[copy].outbox(replicas.space(), 0, SIZE_MAX);
    runs[0].envelopes.back().back() ^= 1U;
    const auto taken = replicas[1].receive_repair(replicas.space(), runs);
    REQUIRE_FALSE(taken.has_value());
    CHECK(taken.error().code == Code::corrupt);
    CHECK(replicas.digest(1) == before);
    REQUIRE(replicas[1].alarms()->size() == 1);
    CHECK(replicas[1].alarms()->front().kind == core::AlarmKind::forged);
}
