// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include <algorithm>

#include "crypto/secret/seal.hpp"
#include "tests/adversary/town.hpp"

using namespace trellis;
using namespace trellis::test;

// What a relay can do to the envelopes that it keeps.

namespace {

/// The reader is shown the newest envelope after `change` has been made to its bytes.
template <class Change>
void altered(Town& town, Change change) {
    const auto before = town.shown(town.reader);
    const auto truth = town.relay.store;
    change(town.log().back().envelope);
    town.relay.reroll(town.org(), town.space);
    town.pass(town.reader);
    REQUIRE(town.shown(town.reader) == before);
    town.relay.store = truth;
    town.relay.restart();
}

}  // namespace

TEST_CASE("B-01 every byte of an envelope's head, altered on the relay, shows nothing",
          "[adversary]") {
    Town town;
    town.write();
    for (std::size_t byte = 0; byte < crypto::envelope_header_size + crypto::envelope_salt_size;
         ++byte) {
        CAPTURE(byte);
        altered(town, [byte](Bytes& envelope) { envelope[byte] ^= 0x01U; });
    }
    town.meet();
    town.require_equal();
}

TEST_CASE("B-02 and B-03 every byte of the sealed part and of the signature", "[adversary]") {
    Town town;
    town.write();
    const auto size = town.log().back().envelope.size();
    const auto first = crypto::envelope_header_size + crypto::envelope_salt_size;
    for (std::size_t byte = first; byte < size; ++byte) {
        CAPTURE(byte);
        altered(town, [byte](Bytes& envelope) { envelope[byte] ^= 0x80U; });
    }
    town.meet();
    town.require_equal();
}

TEST_CASE("B-04 envelopes cut short at every length, or longer", "[adversary]") {
    Town town;
    town.write();
    const auto size = town.log().back().envelope.size();
    for (std::size_t length = 1; length < size; ++length) {
        CAPTURE(length);
        altered(town, [length](Bytes& envelope) { envelope.resize(length); });
    }
    for (std::size_t more = 1; more <= 64; ++more) {
        CAPTURE(more);
        altered(town, [more](Bytes& envelope) { envelope.resize(envelope.size() + more, 1); });
    }
    town.meet();
    town.require_equal();
}

TEST_CASE("B-06 an envelope shown as another member's", "[adversary]") {
    Town town;
    town.write();
    const auto progress = town.lied_to([&] {
        auto& placed = town.log().back();
        placed.device = town.third.device();
        placed.incarnation = town.third.state().spaces.at(town.space).own;
        town.relay.reroll(town.org(), town.space);
    });
    CHECK_FALSE(progress.complete);
}

TEST_CASE("B-07 an envelope of one space shown in another", "[adversary]") {
    Town town;
    town.centre.write(town.other_space, "in confidence");
    town.write();
    REQUIRE_FALSE(town.relay.log(town.org(), town.other_space).empty());
    const auto progress = town.lied_to([&] {
        auto stray = town.relay.log(town.org(), town.other_space).back();
        stray.incarnation = town.log().back().incarnation;
        stray.first = town.log().back().last + 1;
        town.log().push_back(stray);
        town.relay.reroll(town.org(), town.space);
    });
    CHECK_FALSE(progress.complete);
}

TEST_CASE("B-08 two envelopes of one chain with their contents swapped", "[adversary]") {
    Town town;
    town.write(2);
    const auto progress = town.lied_to([&] {
        auto& log = town.log();
        std::swap(log[log.size() - 1].envelope, log[log.size() - 2].envelope);
        town.relay.reroll(town.org(), town.space);
    });
    CHECK_FALSE(progress.complete);
}

TEST_CASE("B-10 an envelope withheld from the middle of a chain", "[adversary]") {
    Town town;
    town.write(3);
    const auto progress = town.lied_to(
        [&] { town.relay.withhold(town.org(), town.space, town.log().size() - 2); });
    CHECK_FALSE(progress.complete);
}

TEST_CASE("B-11 the newest envelopes withheld from one reader, then shown", "[adversary]") {
    Town town;
    town.write(3);
    town.lied_to([&] { town.relay.withhold_tail(town.org(), town.space, 2); });
    // Whoever has seen them notices, and gives them back to the relay.
    const auto length = town.log().size();
    town.relay.withhold_tail(town.org(), town.space, 2);
    REQUIRE(town.pass(town.reader).complete);
    REQUIRE(town.log().size() == length);
    town.meet();
    town.require_equal();
}

TEST_CASE("B-12 two envelopes shown in another order than to the others", "[adversary]") {
    Town town;
    town.write();
    town.third.write(town.space, "at the same time");
    REQUIRE(town.pass(town.third).complete);
    REQUIRE(town.pass(town.centre).complete);
    town.lied_to([&] {
        town.relay.reorder(town.org(), town.space, town.log().size() - 2, town.log().size() - 1);
    });
    // To a reader who knows the order, the other one is a log that went back in time.
    const auto shown = town.shown(town.reader);
    town.relay.reorder(town.org(), town.space, town.log().size() - 2, town.log().size() - 1);
    town.pass(town.reader);
    CHECK(town.shown(town.reader) == shown);
}

TEST_CASE("B-13 one envelope delivered a thousand times", "[adversary]") {
    Town town;
    town.write();
    const auto applied = town.reader.applied;
    town.lied_to([&] { town.relay.repeat(town.org(), town.space, town.log().size() - 1, 1000); });
    CHECK(town.reader.applied <= applied + 1);
}

TEST_CASE("B-14 a second branch of a chain, shown to another reader", "[adversary]") {
    Town town;
    const auto copy = town.centre.state();
    town.write();
    const auto first_branch = town.relay.store;
    const auto shown = town.shown(town.centre);
    REQUIRE(town.pass(town.reader).received == 1);

    // A copy of the centre's database writes too; the relay takes both, in two views.
    FakeSyncable::State after = town.centre.state();
    town.centre.restore(copy);
    town.relay.log(town.org(), town.space).pop_back();
    town.relay.reroll(town.org(), town.space);
    town.centre.write(town.space, "another branch");
    town.pass(town.centre);
    const auto second_branch = town.relay.store;
    REQUIRE(town.shown(town.centre) != shown);

    // The reader, who holds the first, is shown the second.
    town.relay.store = second_branch;
    town.relay.restart();
    town.pass(town.reader);
    CHECK(town.shown(town.reader) == shown);
    // A real relay takes only one of them.
    town.relay.store = first_branch;
    town.relay.restart();
    town.centre.restore(after);
    town.meet();
    town.require_equal();
}

TEST_CASE("B-21 unknown versions and flags are refused", "[adversary]") {
    Town town;
    town.write();
    for (unsigned bit = 0; bit < 16; ++bit) {
        CAPTURE(bit);
        altered(town, [bit](Bytes& envelope) {
            envelope[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
        });
    }
}

TEST_CASE("B-22 an envelope of another organisation with the same names", "[adversary]") {
    Town town;
    town.write();
    FakeSyncable stranger(77);
    stranger.found();
    const auto space = stranger.membership().directory();
    stranger.write(space, "of another organisation");
    REQUIRE(stranger.outbox(space, 0, 1000));
    const auto& link = stranger.state().spaces.at(space).chains.begin()->second.back();
    const auto progress = town.lied_to([&] {
        auto foreign = town.log().back();
        foreign.incarnation.bytes.fill(5);
        foreign.first = link.first;
        foreign.envelope = link.envelope;
        town.log().push_back(foreign);
        town.relay.reroll(town.org(), town.space);
    });
    CHECK_FALSE(progress.complete);
}
