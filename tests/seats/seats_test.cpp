// SPDX-License-Identifier: Apache-2.0
#include "core/base/limits.hpp"
#include "tests/crypto/expect.hpp"
#include "tests/support/shared_tablet.hpp"

using namespace trellis;
using namespace trellis::test;

TEST_CASE("two people share a tablet, and each has their own records", "[seats]") {
    SharedTablet tablet;
    const auto ana = tablet.member("Ana", "830517", 2);
    const auto ben = tablet.member("Ben", "274910", 3);
    REQUIRE(must(tablet.seats().list()).size() == 2);
    auto seat = tablet.unlock(ana, "830517");
    CHECK(tablet.households(*seat->replica) == 2);
    const auto ana_device = seat->replica->device();
    must(tablet.seats().lock(std::move(seat)));
    seat = tablet.unlock(ben, "274910");
    CHECK(tablet.households(*seat->replica) == 3);
    CHECK(seat->replica->device() != ana_device);
    must(tablet.seats().lock(std::move(seat)));
    REQUIRE(outcome(tablet.seats().unlock(ana, SharedTablet::pin("274910"))) == "wrong_key");
}

TEST_CASE("a seat and its waits outlive the program", "[seats]") {
    SharedTablet tablet;
    const auto ana = tablet.member("Ana", "830517", 1);
    for (int i = 0; i < 4; ++i) {
        REQUIRE(outcome(tablet.seats().unlock(ana, SharedTablet::pin("111213"))) == "wrong_key");
        tablet.restart();
    }
    REQUIRE(outcome(tablet.seats().unlock(ana, SharedTablet::pin("830517"))) == "busy");
    REQUIRE(must(tablet.seats().list())[0].wait_ms == 30'000);
    REQUIRE(must(tablet.seats().list())[0].attempts_left == 6);
    tablet.env().advance(30'000);
    auto seat = tablet.unlock(ana, "830517");
    REQUIRE(must(tablet.seats().list())[0].attempts_left == limits::pin_attempts_max);
    must(tablet.seats().lock(std::move(seat)));
}

TEST_CASE("an attempt counts even where the power is cut before its answer", "[seats]") {
    SharedTablet tablet;
    const auto ana = tablet.member("Ana", "830517", 0);
    REQUIRE_FALSE(tablet.seats().unlock(ana, SharedTablet::pin("111213")).has_value());
    const auto vault = must(crypto::Vault::parse(tablet.folder().image().at(ana.hex() + "/vault")));
    CHECK(vault.attempts_left() == limits::pin_attempts_max - 1);
}

TEST_CASE("seats have names that tell them apart", "[seats]") {
    SharedTablet tablet;
    const auto ana = tablet.add("Ana", "830517");
    const auto pin = SharedTablet::pin("274910");
    auto& seats = tablet.seats();
    const auto cost = crypto::password_cost_floor;
    CHECK(outcome(seats.add("Ana", pin, cost, true)) == "conflict");
    CHECK(outcome(seats.add("", pin, cost, true)) == "invalid");
    CHECK(outcome(seats.add("two\nlines", pin, cost, true)) == "invalid");
    CHECK(outcome(seats.add(std::string(limits::name_max + 1, 'x'), pin, cost, true)) == "invalid");
    CHECK(outcome(seats.add("Ben", SharedTablet::pin("123456"), cost, true)) == "invalid");
    CHECK(must(seats.list()).size() == 1);
    CHECK(must(seats.find("Ana")) == ana);
    CHECK(must(seats.find(ana.hex().substr(0, 6))) == ana);
    CHECK(outcome(seats.find("Zoe")) == "not_found");
}

TEST_CASE("a PIN can be changed while the seat is open", "[seats]") {
    SharedTablet tablet;
    const auto ana = tablet.member("Ana", "830517", 1);
    auto seat = tablet.unlock(ana, "830517");
    REQUIRE(must(tablet.seats().set_pin(*seat, SharedTablet::pin("raven copper lily torch"),
                                        crypto::password_cost_floor)) == crypto::PinTier::strong);
    seat.reset();
    CHECK(outcome(tablet.seats().unlock(ana, SharedTablet::pin("830517"))) == "wrong_key");
    seat = tablet.unlock(ana, "raven copper lily torch");
    CHECK(tablet.households(*seat->replica) == 1);
}

TEST_CASE("a hardware factor belongs to one seat of one device", "[seats]") {
    SharedTablet tablet;
    tablet.keys().plug_in();
    const auto ana = tablet.member("Ana", "830517", 1);
    tablet.member("Ben", "274910", 1);
    CHECK(tablet.keys().size() == 2);
    auto seat = tablet.unlock(ana, "830517");
    must(tablet.seats().lock(std::move(seat)));
    must(tablet.keys().erase(ana));  // and made anew, as another device would
    CHECK(outcome(tablet.seats().unlock(ana, SharedTablet::pin("830517"))) == "wrong_key");
}

TEST_CASE("destroying a seat leaves nothing of it but sealed work", "[seats]") {
    SharedTablet tablet;
    tablet.keys().plug_in();
    const auto ana = tablet.member("Ana", "830517", 2);
    must(tablet.seats().destroy(ana));
    CHECK(tablet.keys().size() == 0);
    std::vector<std::string> names;
    for (const auto& [name, bytes] : tablet.folder().image()) names.push_back(name);
    CHECK(names == std::vector<std::string>{ana.hex() + "/label", ana.hex() + "/outbox",
                                            "installation"});
    CHECK(outcome(tablet.seats().unlock(ana, SharedTablet::pin("830517"))) == "not_found");
    CHECK(outcome(tablet.seats().ask_rescue(ana)) == "not_found");
    const auto info = must(tablet.seats().list());
    REQUIRE(info.size() == 1);
    CHECK_FALSE(info[0].has_vault);
    CHECK(info[0].has_bag);
}
