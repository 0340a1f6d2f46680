// SPDX-License-Identifier: Apache-2.0
#include "tests/crypto/expect.hpp"
#include "tests/support/shared_tablet.hpp"

using namespace trellis;
using namespace trellis::test;

namespace {

std::string answer_of(SharedTablet& tablet, const std::string& text) {
    const auto request = must(crypto::parse_rescue_request(text));
    auto& admin = tablet.admin();
    return must(crypto::answer_rescue(request, admin.org(), admin.device(),
                                      admin.device_key().box(), tablet.env()));
}

}  // namespace

TEST_CASE("a supervisor gives a seat a new PIN offline, and no work is lost", "[seats]") {
    SharedTablet tablet;
    const auto ana = tablet.member("Ana", "830517", 4);
    const auto asked = must(tablet.seats().ask_rescue(ana));
    const auto answer = answer_of(tablet, asked.request);
    tablet.restart();
    const auto tier = must(tablet.seats().finish_rescue(ana, answer, SharedTablet::pin("274910"),
                                                        crypto::password_cost_floor));
    CHECK(tier == crypto::PinTier::curious);
    CHECK(outcome(tablet.seats().unlock(ana, SharedTablet::pin("830517"))) == "wrong_key");
    auto seat = tablet.unlock(ana, "274910");
    CHECK(tablet.households(*seat->replica) == 4);
    must(tablet.seats().lock(std::move(seat)));
}

TEST_CASE("a rescue works after ten wrong PINs have destroyed the vault", "[seats]") {
    SharedTablet tablet;
    tablet.keys().plug_in();
    const auto ana = tablet.member("Ana", "830517", 4);
    for (int i = 0; i < 10; ++i) {
        tablet.env().advance(3'600'000);
        REQUIRE(outcome(tablet.seats().unlock(ana, SharedTablet::pin("111213"))) == "wrong_key");
    }
    REQUIRE(outcome(tablet.seats().unlock(ana, SharedTablet::pin("830517"))) == "not_found");
    const auto asked = must(tablet.seats().ask_rescue(ana));
    must(tablet.seats().finish_rescue(ana, answer_of(tablet, asked.request),
                                      SharedTablet::pin("274910"), crypto::password_cost_floor));
    CHECK(tablet.households(*tablet.unlock(ana, "274910")->replica) == 4);
}

TEST_CASE("an answer works once, and for the last request", "[seats]") {
    SharedTablet tablet;
    const auto ana = tablet.member("Ana", "830517", 1);
    const auto pin = SharedTablet::pin("274910");
    const auto cost = crypto::password_cost_floor;
    const auto old = answer_of(tablet, must(tablet.seats().ask_rescue(ana)).request);
    const auto answer = answer_of(tablet, must(tablet.seats().ask_rescue(ana)).request);
    CHECK(outcome(tablet.seats().finish_rescue(ana, old, pin, cost)) == "wrong_key");
    CHECK(outcome(tablet.seats().finish_rescue(ana, answer, pin, cost)) == "ok");
    CHECK(outcome(tablet.seats().finish_rescue(ana, answer, pin, cost)) == "not_found");
}

TEST_CASE("who did not want a rescue has none", "[seats]") {
    SharedTablet tablet;
    const auto ana = tablet.add("Ana", "830517", false);
    auto seat = tablet.unlock(ana, "830517");
    tablet.join(*seat, "Ana");
    must(tablet.seats().lock(std::move(seat)));
    CHECK(outcome(tablet.seats().ask_rescue(ana)) == "not_found");
    CHECK_FALSE(must(tablet.seats().list())[0].can_be_rescued);
}

TEST_CASE("an administrator who was taken out holds nothing at the next lock", "[seats]") {
    SharedTablet tablet;
    const auto ana = tablet.member("Ana", "830517", 1);
    const auto ben = tablet.member("Ben", "274910", 1);
    auto seat = tablet.unlock(ben, "274910");
    const auto ben_device = seat->replica->device();
    must(tablet.seats().lock(std::move(seat)));
    const auto rescuers = [&] {
        const auto bytes = tablet.folder().image().at(ana.hex() + "/rescue");
        return must(crypto::parse_rescue(bytes)).rescuers;
    };
    const auto admin_says = [&](bool on) {
        must(tablet.admin().set_admin(ben_device, on));
        auto open = tablet.unlock(ana, "830517");
        tablet.catch_up(*open);
        must(tablet.seats().lock(std::move(open)));
    };
    REQUIRE(rescuers().size() == 1);
    admin_says(true);
    REQUIRE(rescuers().size() == 2);
    admin_says(false);
    REQUIRE(rescuers().size() == 1);
    REQUIRE(rescuers()[0].device == tablet.admin().device());
}
