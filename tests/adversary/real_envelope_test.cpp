// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include "tests/adversary/insider.hpp"
#include "tests/adversary/real_town.hpp"

using namespace trellis;
using namespace trellis::test;

// What the operator of a real server can do to the envelopes in its store, met by real clients.
// Every test ends with the truth shown again and everybody equal (RealTown::betray).

namespace {

/// A town in which the newest envelope of the centre is altered in the file of the running
/// server, again and again, and shown to the reader.
class AlteredNewest {
public:
    AlteredNewest() {
        town.write();
        view_ = town.view();
        before_ = town.reader.names();
    }
    [[nodiscard]] const Bytes& envelope() { return view_.log(town.space).back().envelope; }

    void show(const Bytes& bytes) {
        auto lie = view_;
        lie.log(town.space).back().envelope = bytes;
        lie.reroll(town.space);
        town.relay.edit(town.org(), town.space, lie.log(town.space).back());
        const auto progress = town.pass(town.reader);
        REQUIRE(progress.failure);
        REQUIRE_FALSE(progress.failure->message.empty());
        REQUIRE(town.reader.names() == before_);
    }
    void flip(std::size_t byte, std::uint8_t bits) {
        CAPTURE(byte);
        auto other = envelope();
        other[byte] ^= bits;
        show(other);
    }
    void heal() {
        town.capture(town.reader);
        town.relay.edit(town.org(), town.space, view_.log(town.space).back());
        town.meet();
        town.meet();
        town.require_equal();
        town.require_captured();
    }

    RealTown town;

private:
    StoreView view_;
    Names before_;
};

constexpr std::size_t head_size = crypto::envelope_header_size + crypto::envelope_salt_size;

}  // namespace

TEST_CASE("B-01 every byte of an envelope's head, altered in the store, shows nothing",
          "[adversary]") {
    AlteredNewest it;
    for (std::size_t byte = 0; byte < head_size; ++byte) it.flip(byte, 0x01);
    CHECK(it.town.reader.alarmed_of("forged"));
    it.heal();
}

TEST_CASE("B-02 bytes of the sealed part, altered in the store, show nothing", "[adversary]") {
    AlteredNewest it;
    const auto end = it.envelope().size() - crypto::Signature::size;
    for (auto byte = head_size; byte < end; byte += 7) it.flip(byte, 0x80);
    it.flip(end - 1, 0x01);
    CHECK(it.town.reader.alarmed_of("forged"));
    it.heal();
}

TEST_CASE("B-03 signatures altered in the store show nothing", "[adversary]") {
    AlteredNewest it;
    const auto start = it.envelope().size() - crypto::Signature::size;
    for (auto byte = start; byte < it.envelope().size(); byte += 3) it.flip(byte, 0x10);
    // S plus the order of the group: the same number to a careless check.
    static const std::uint8_t order[] = {0xED, 0xD3, 0xF5, 0x5C, 0x1A, 0x63, 0x12, 0x58,
                                         0xD6, 0x9C, 0xF7, 0xA2, 0xDE, 0xF9, 0xDE, 0x14,
                                         0,    0,    0,    0,    0,    0,    0,    0,
                                         0,    0,    0,    0,    0,    0,    0,    0x10};
    auto other = it.envelope();
    unsigned carry = 0;
    for (std::size_t i = 0; i < sizeof(order); ++i) {
        carry += unsigned{other[start + 32 + i]} + order[i];
        other[start + 32 + i] = static_cast<std::uint8_t>(carry);
        carry >>= 8U;
    }
    it.show(other);
    CHECK(it.town.reader.alarmed_of("forged"));
    it.heal();
}

TEST_CASE("B-04 envelopes cut short, or longer, in the store show nothing", "[adversary]") {
    AlteredNewest it;
    const auto whole = it.envelope();
    for (std::size_t size = 1; size < whole.size(); size += size < head_size ? 1 : 11) {
        it.show(Bytes(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size)));
    }
    for (const std::size_t more : {1, 2, 32, 64}) {
        auto longer = whole;
        longer.resize(whole.size() + more, 1);
        it.show(longer);
    }
    it.heal();
}

TEST_CASE("B-06 an envelope shown as another member's", "[adversary]") {
    RealTown town;
    town.write();
    const auto progress = town.lied_to([&](StoreView& view) {
        auto& placed = view.log(town.space).back();
        placed.device = town.third.replica().device();
        placed.incarnation.bytes.fill(7);
        placed.first = 1;
    });
    REQUIRE(progress.failure);
    CHECK(progress.failure->code == Code::corrupt);
    CHECK(town.reader_alarms == std::vector<std::string>{"forged"});
}

TEST_CASE("B-07 an envelope of one space shown in another", "[adversary]") {
    RealTown town;
    const auto other = town.centre.replica().create_space("Office", crypto::SpaceClass::general);
    REQUIRE(other);
    Json fields{Json::Object{}};
    fields.set("phone", "in confidence");
    REQUIRE(town.centre.write(*other, core::PutRecord{*other, "thing", fields, {}}));
    town.write();
    const auto progress = town.lied_to([&](StoreView& view) {
        auto stray = view.log(*other).back();
        view.log(town.space).push_back(stray);
    });
    REQUIRE(progress.failure);
    CHECK(progress.failure->code == Code::corrupt);
    CHECK(town.reader_alarms == std::vector<std::string>{"forged"});
}

TEST_CASE("B-08 two envelopes of one chain with their contents swapped", "[adversary]") {
    RealTown town;
    town.write(2);
    const auto progress = town.lied_to([&](StoreView& view) {
        auto& log = view.log(town.space);
        std::swap(log[log.size() - 1].envelope, log[log.size() - 2].envelope);
    });
    REQUIRE(progress.failure);
    CHECK(progress.failure->code == Code::corrupt);
    CHECK(town.reader_alarms == std::vector<std::string>{"forged"});
}

TEST_CASE("B-10 an envelope withheld from the middle of a chain", "[adversary]") {
    RealTown town;
    town.write(3);
    const auto progress = town.lied_to([&](StoreView& view) {
        view.withhold(town.space, view.log(town.space).size() - 2);
    });
    // The last one vouches for a chain that is not there.
    CHECK(progress.changes == 0);
    REQUIRE(progress.failure);
    CHECK(progress.failure->code == Code::corrupt);
    CHECK(town.reader_alarms == std::vector<std::string>{"forged"});
}

TEST_CASE("B-11 the newest envelopes withheld from one reader, then shown", "[adversary]") {
    RealTown town;
    town.write(3);
    const auto progress = town.lied_to(
        [&](StoreView& view) { view.withhold_tail(town.space, 2); });
    CHECK(progress.complete);
    CHECK(progress.changes == 1);
    // A server that stays silent is not told from quiet colleagues; but who has seen them says so.
    CHECK(town.reader_alarms.empty());
}

TEST_CASE("B-11 envelopes withheld that others have seen are missed", "[adversary]") {
    RealTown town;
    town.write();
    REQUIRE(town.pass(town.third).complete);
    town.third.put(town.space, "in answer to it");
    REQUIRE(town.pass(town.third).complete);
    auto view = town.view();
    // The answer is shown, what it answers is not.
    view.withhold(town.space, view.log(town.space).size() - 2);
    view.reroll();
    std::string reason;
    town.betray([&] {
        town.relay.show(view);
        REQUIRE(town.pass(town.reader).complete);
        const auto aside = town.reader.replica().quarantine();
        REQUIRE(aside->size() == 1);
        reason = aside->front().reason;
    });
    CHECK(reason == "depends");
    CHECK(town.reader.names().count("in answer to it") == 1);
}

TEST_CASE("B-11 what a server lost is given back by whoever has seen it", "[adversary]") {
    RealTown town;
    town.write(3);
    REQUIRE(town.pass(town.reader).complete);
    auto view = town.view();
    const auto length = view.log(town.space).size();
    view.withhold_tail(town.space, 2);
    town.relay.show(view);
    REQUIRE(town.pass(town.reader).complete);
    CHECK(town.reader.alarmed_of("rolled_back"));
    REQUIRE(town.pass(town.third).complete);
    CHECK(town.third.names() == town.reader.names());
    CHECK(town.third.names().size() == length);
}

TEST_CASE("B-12 two envelopes shown in another order than to the others", "[adversary]") {
    RealTown town;
    town.write();
    town.third.put(town.space, "at the same time");
    REQUIRE(town.pass(town.third).complete);
    REQUIRE(town.pass(town.centre).complete);
    town.lied_to([&](StoreView& view) {
        const auto size = view.log(town.space).size();
        view.swap(town.space, size - 2, size - 1);
    });
    CHECK(town.reader_alarms.empty());
    // As soon as they tell each other what they saw, somebody knows.
    CHECK((town.reader.alarmed_of("split_view") || town.centre.alarmed_of("split_view") ||
           town.third.alarmed_of("split_view")));
}

TEST_CASE("B-13 one envelope delivered a thousand times", "[adversary]") {
    RealTown town;
    town.write();
    const auto progress = town.lied_to([&](StoreView& view) {
        view.repeat(town.space, view.log(town.space).size() - 1, 1000);
    });
    CHECK(progress.changes <= 1);
}

TEST_CASE("B-21 unknown versions and flags in the store are refused", "[adversary]") {
    AlteredNewest it;
    for (unsigned bit = 0; bit < 16; ++bit) {
        it.flip(bit / 8, static_cast<std::uint8_t>(1U << bit % 8));
    }
    it.heal();
}

TEST_CASE("B-22 an envelope of another organisation with the same names", "[adversary]") {
    RealTown town;
    town.write();
    // The same person with the same keys, in the name of another organisation.
    Insider insider(town.centre);
    auto order = insider.fresh();
    auto place = insider.place(town.space, order);
    place.org.bytes.fill(9);
    const auto* key = insider.keyring().key(town.space, insider.keyring().newest(town.space));
    REQUIRE(key != nullptr);
    crypto::SealOrder sealing;
    sealing.place = place;
    sealing.epoch = insider.keyring().newest(town.space);
    sealing.ops = 1;
    const auto body = to_bytes(as_bytes("of another organisation"));
    sealing.packed = body;
    const auto batch = crypto::batch_key(*key, town.space, sealing.epoch, place.actor);
    const auto envelope = crypto::seal(sealing, batch, town.centre.replica().device_key(),
                                       town.centre.env);
    REQUIRE(envelope);
    const auto progress = town.lied_to([&](StoreView& view) {
        sync::PlacedEnvelope placed;
        placed.device = insider.device();
        placed.incarnation = order.incarnation;
        placed.first = 1;
        placed.envelope = *envelope;
        view.log(town.space).push_back(placed);
    });
    REQUIRE(progress.failure);
    CHECK(progress.failure->code == Code::corrupt);
    CHECK(town.reader_alarms == std::vector<std::string>{"forged"});
}
