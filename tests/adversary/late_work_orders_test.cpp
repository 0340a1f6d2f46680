// SPDX-License-Identifier: Apache-2.0
// Envelopes, a removal and an adoption in every order they can arrive in: what counts follows
// from what is held, never from what came first.
#include <catch2/catch.hpp>

#include "tests/support/paper_relay.hpp"

using namespace trellis;
using trellis::test::Replicas;

namespace {

/// All words of `envelopes` times E and `entries` times L.
void interleave(std::size_t envelopes, std::size_t entries, const std::string& word,
                std::vector<std::string>& all) {
    if (envelopes == 0 && entries == 0) return all.push_back(word);
    if (envelopes > 0) interleave(envelopes - 1, entries, word + 'E', all);
    if (entries > 0) interleave(envelopes, entries - 1, word + 'L', all);
}

}  // namespace

TEST_CASE("whatever order work, removal and adoption come in, all end with the same state",
          "[adversary]") {
    const auto seed = GENERATE(1, 2, 3);
    Replicas replicas(3, static_cast<std::uint64_t>(seed));
    const auto record = replicas.put(1, R"({"name":"early","minutes":1,"alarm":"raised"})");
    replicas.settle();
    const auto known = replicas.entries().size();
    REQUIRE(replicas[0].revoke(replicas[1].device()).has_value());
    replicas.publish(0);

    // Late work that edits what counts, and builds on itself.
    const auto late = replicas.put(1, R"({"name":"late","tags":["a"]})");
    REQUIRE(replicas.write(1, core::IncrementField{record, "minutes", 10}).has_value());
    REQUIRE(replicas[1].seal().has_value());
    REQUIRE(replicas.set(1, record, R"({"name":"changed late"})").has_value());
    REQUIRE(replicas.write(1, core::DeleteRecord{late, "again"}).has_value());
    REQUIRE(replicas[1].seal().has_value());
    REQUIRE(replicas.write(1, core::RestoreRecord{late}).has_value());
    const auto runs = *replicas[1].outbox(replicas.space(), 0, SIZE_MAX);
    REQUIRE(runs.size() == 1);
    REQUIRE(replicas[0].receive_repair(replicas.space(), runs).has_value());
    const auto aside = *replicas[0].quarantine();
    REQUIRE(aside.size() == 3);
    REQUIRE(replicas[0].adopt({aside[static_cast<std::size_t>(seed) - 1].id}).has_value());
    replicas.publish(0);
    const auto expected = replicas.digest(0);
    CHECK(replicas.problems(0) == "");

    std::vector<std::string> words;
    const auto fresh = runs[0].envelopes.size() - 1;  // the first one is held by all
    interleave(fresh, replicas.entries().size() - known, "", words);
    REQUIRE(words.size() == 10);
    const auto reader = replicas.size() - 1;
    for (const auto& word : words) {
        CAPTURE(seed, word);
        const auto at = replicas.copy(reader);
        std::size_t entries = known;
        std::size_t next = 1;
        Counter first = runs[0].first + crypto::parse_envelope(runs[0].envelopes[0])->ops;
        for (const char step : word) {
            if (step == 'L') {
                ++entries;
                const std::vector<Bytes> some(
                    replicas.entries().begin(),
                    replicas.entries().begin() + static_cast<std::ptrdiff_t>(entries));
                REQUIRE(replicas[at].receive_entries(0, some).has_value());
            } else {
                const auto& envelope = runs[0].envelopes[next++];
                const crypto::EnvelopeRun one{runs[0].device, runs[0].incarnation, first,
                                              {envelope}};
                first += crypto::parse_envelope(envelope)->ops;
                REQUIRE(replicas[at].receive_repair(replicas.space(), {one}).has_value());
            }
        }
        CHECK(replicas.digest(at) == expected);
        CHECK(replicas.problems(at) == "");
        CHECK(replicas[at].quarantine()->size() == aside.size() - static_cast<std::size_t>(seed));
        replicas.reopen(at);
        CHECK(replicas.digest(at) == expected);
    }
    // The one who was removed judges itself the same way.
    replicas.tell(1);
    CHECK(replicas.digest(1) == expected);
}
