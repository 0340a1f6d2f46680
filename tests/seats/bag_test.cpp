// SPDX-License-Identifier: Apache-2.0
#include "crypto/public/handshake.hpp"
#include "tests/crypto/expect.hpp"
#include "tests/support/shared_tablet.hpp"

using namespace trellis;
using namespace trellis::clients;
using namespace trellis::test;

TEST_CASE("what a locked seat leaves behind is what its colleagues lack", "[seats]") {
    SharedTablet tablet;
    const auto ana = tablet.member("Ana", "830517", 5);
    const auto bag = *must(tablet.seats().bag(ana));
    REQUIRE(bag.org == tablet.admin().org());
    REQUIRE(bag.url == tablet.admin().url());
    REQUIRE(bag.spaces.size() == 1);
    REQUIRE(bag.envelopes() > 0);
    const auto* member = tablet.admin().membership().device(bag.device);
    REQUIRE(member != nullptr);
    CHECK(crypto::verify_binding(member->sign, bag.org,
                                 tablet.seats().installation().secret().key(), bag.bind));
    const auto received = must(tablet.admin().receive_repair(tablet.space(), bag.spaces[0].runs));
    CHECK(received.changes == 5);
    CHECK(tablet.households(tablet.admin()) == 5);
}

TEST_CASE("a bag holds only what the relay has not confirmed", "[seats]") {
    SharedTablet tablet;
    const auto ana = tablet.member("Ana", "830517", 2);
    auto seat = tablet.unlock(ana, "830517");
    const auto state = seat->replica->sync_spaces();
    for (const auto& space : state) {
        must(seat->replica->confirm(space.space, space.own, space.sealed));
    }
    must(tablet.seats().lock(std::move(seat)));
    REQUIRE_FALSE(must(tablet.seats().bag(ana)).has_value());
    seat = tablet.unlock(ana, "830517");
    tablet.write(*seat, "another family");
    must(tablet.seats().lock(std::move(seat)));
    REQUIRE(must(tablet.seats().bag(ana))->envelopes() == 1);
    must(tablet.seats().bag_delivered(ana));
    REQUIRE_FALSE(must(tablet.seats().bag(ana)).has_value());
}

TEST_CASE("a bag comes back from its bytes, and is refused cut short or altered", "[seats]") {
    SharedTablet tablet;
    const auto ana = tablet.member("Ana", "830517", 3);
    const auto bag = *must(tablet.seats().bag(ana));
    const auto bytes = to_bytes(bag);
    REQUIRE(to_bytes(must(parse_bag(bytes))) == bytes);
    for (std::size_t size = 0; size < bytes.size(); ++size) {
        REQUIRE_FALSE(parse_bag(ByteView(bytes).first(size)).has_value());
    }
    auto longer = bytes;
    longer.push_back(0);
    REQUIRE(outcome(parse_bag(longer)) == "corrupt");
}

TEST_CASE("another seat's bag, or another installation's, does not open", "[seats]") {
    SharedTablet tablet;
    const auto ana = tablet.member("Ana", "830517", 1);
    const auto ben = tablet.member("Ben", "274910", 1);
    auto image = tablet.folder().image();
    std::swap(image.at(ana.hex() + "/outbox"), image.at(ben.hex() + "/outbox"));
    tablet.folder().restore(image);
    REQUIRE(outcome(tablet.seats().bag(ana)) == "corrupt");
    REQUIRE(outcome(tablet.seats().bag(ben)) == "corrupt");
}
