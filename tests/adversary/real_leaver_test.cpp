// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include <algorithm>
#include <utility>

#include "crypto/public/membership_entry.hpp"
#include "tests/adversary/insider.hpp"
#include "tests/adversary/real_town.hpp"

using namespace trellis;
using namespace trellis::test;

// Who left, what he still has, and a server that helps him.

namespace {

constexpr std::int64_t day = std::int64_t{24} * 3'600'000;

/// The leaver's pass and the others' after it.
void settle(RealTown& town) {
    for (int round = 0; round < 2; ++round) {
        for (auto* device : {&town.third, &town.centre, &town.reader}) {
            const auto progress = town.pass(*device);
            CAPTURE(device->name());
            if (progress.failure) FAIL(progress.failure->message);
        }
    }
}

void require_aside(RealTown& town, std::size_t count) {
    for (auto* device : {&town.centre, &town.reader}) {
        CAPTURE(device->name());
        const auto aside = device->replica().quarantine();
        REQUIRE(aside->size() == count);
        for (const auto& each : *aside) {
            CHECK(each.reason == "revoked");
            CHECK(each.device == town.third.replica().device());
        }
    }
}

}  // namespace

TEST_CASE("R-01 late work that claims to be old is set aside by everybody", "[adversary]") {
    RealLeaver it;
    it.leaver.env.shift(-90 * day);
    it.leaver.put(it.town.space, "late");
    settle(it.town);
    it.town.require_equal();
    CHECK(it.town.reader.names().count("early") == 1);
    CHECK(it.town.reader.names().count("late") == 0);
    require_aside(it.town, 1);
    CHECK(print_json(it.town.centre.replica().quarantine()->front().summary).find("late") !=
          std::string::npos);
}

TEST_CASE("R-02 a server that hands late work around changes nothing on any client",
          "[adversary]") {
    RealLeaver it;
    auto& town = it.town;
    it.leaver.put(town.space, "late");
    const auto runs = it.leaver.replica().outbox(town.space, 0, SIZE_MAX);
    REQUIRE(runs->size() == 1);
    const auto progress = town.lied_to([&](StoreView& view) {
        // Past its own rules about those who left. What he handed in before stands there already.
        Counter first = runs->front().first;
        for (const auto& envelope : runs->front().envelopes) {
            const auto stands = std::any_of(
                view.log(town.space).begin(), view.log(town.space).end(),
                [&](const auto& placed) { return placed.envelope == envelope; });
            sync::PlacedEnvelope placed;
            placed.device = runs->front().device;
            placed.incarnation = runs->front().incarnation;
            placed.first = std::exchange(first, first + crypto::parse_envelope(envelope)->ops);
            placed.envelope = envelope;
            if (!stands) view.log(town.space).push_back(placed);
        }
    });
    CHECK(progress.complete);
    CHECK(town.reader.names().count("late") == 0);
}

TEST_CASE("R-03 another history below the cutoff is never shown", "[adversary]") {
    RealTown town;
    // The same place in one chain, signed twice by him who will leave.
    Insider insider(town.third);
    const auto order = insider.fresh();
    const auto right = insider.seal(town.space, insider.thing(town.space, order, "true"), order);
    const auto wrong = insider.seal(town.space, insider.thing(town.space, order, "false"), order);
    Speaker speaker(town.loop, town.third, town.relay.url());
    REQUIRE(speaker.open(town.space, order.incarnation));
    speaker.say(sync::Push{0, {insider.run(order, right)}});
    REQUIRE(speaker.await<sync::Stored>());
    REQUIRE(town.pass(town.centre).complete);
    REQUIRE(town.centre.replica().revoke(insider.device()));
    REQUIRE(town.pass(town.centre).complete);
    auto view = town.view();
    view.log(town.space).back().envelope = wrong;
    view.reroll();
    town.relay.show(view);
    const auto progress = town.pass(town.reader);
    INFO((progress.failure ? progress.failure->message : ""));
    CHECK(town.reader.names().count("false") == 0);
    CHECK(town.reader.alarmed_of("fork"));
    town.capture(town.reader);
    town.relay.show_truth();
    settle(town);
    settle(town);
    town.require_captured();
    CHECK(town.reader.names() == town.centre.names());
    CHECK(town.reader.names().count("true") == 1);
    CHECK(town.reader.digest(town.space) == town.centre.digest(town.space));
}

TEST_CASE("R-04 a cutoff before work that others have applied takes it out everywhere",
          "[adversary]") {
    RealTown town;
    const auto record = town.third.put(town.space, "unknown to the admin");
    REQUIRE(town.pass(town.third).complete);
    REQUIRE(town.pass(town.reader).complete);
    Json fields{Json::Object{}};
    fields.set("phone", "built on it");
    REQUIRE(town.reader.write(town.space, core::SetFields{record, fields}));
    REQUIRE(town.reader.names().count("unknown to the admin") == 1);
    REQUIRE(town.centre.replica().revoke(town.third.replica().device()));
    settle(town);
    settle(town);
    town.require_equal();
    CHECK(town.centre.names().count("unknown to the admin") == 0);
    CHECK(town.centre.names().count("of the third") == 1);
    town.reader.reopen();
    CHECK(town.reader.digest(town.space) == town.centre.digest(town.space));
    town.capture(town.reader);
    settle(town);
    town.require_captured();
}

TEST_CASE("R-05 late work that depends on nothing late is set aside all the same",
          "[adversary]") {
    RealLeaver it;
    for (const auto* name : {"late one", "late two"}) {
        it.leaver.put(it.town.space, name);
        REQUIRE(it.leaver.replica().seal());
    }
    settle(it.town);
    it.town.require_equal();
    CHECK(it.town.reader.names().count("late one") == 0);
    require_aside(it.town, 2);
}

TEST_CASE("R-07 a removed device opens nothing that the server stored after it left",
          "[adversary]") {
    RealLeaver it;
    auto& town = it.town;
    Insider insider(it.leaver);
    const auto length = town.view().log(town.space).size();
    town.centre.put(town.space, "Ada has moved");
    town.meet();
    // The server gives him everything it has.
    auto view = town.view();
    const auto& log = view.log(town.space);
    REQUIRE(log.size() > length);
    std::size_t tried = 0;
    for (std::size_t i = length; i < log.size(); ++i) {
        const auto& placed = log[i];
        Digest previous;
        for (std::size_t before = 0; before < i; ++before) {
            if (log[before].actor == placed.actor) previous = log[before].chain;
        }
        const crypto::EnvelopePlace place{town.org(), town.space, placed.actor, placed.first,
                                          previous};
        for (std::uint32_t epoch = 1; epoch <= placed.epoch; ++epoch) {
            const auto* held = insider.keyring().key(town.space, epoch);
            if (held == nullptr) continue;
            for (const auto claimed : {epoch, placed.epoch}) {
                const auto key = crypto::batch_key(*held, town.space, claimed, placed.actor);
                CHECK_FALSE(crypto::open(place, key, placed.envelope));
                ++tried;
            }
        }
    }
    CHECK(tried >= 2);
}

TEST_CASE("R-08 a removal made offline comes anew on top of what others did", "[adversary]") {
    RealTown town;
    REQUIRE(town.centre.replica().set_admin(town.reader.replica().device(), true));
    town.meet();
    const auto leaver = town.third.replica().device();
    REQUIRE(town.centre.replica().revoke(leaver));
    REQUIRE(town.reader.replica().revoke(leaver));
    REQUIRE(town.pass(town.reader).complete);
    settle(town);
    settle(town);
    for (auto* device : {&town.centre, &town.reader}) {
        CHECK_FALSE(device->replica().membership().device(leaver)->is_active);
        CHECK_FALSE(device->replica().membership().is_rotation_due(town.space));
    }
    CHECK(town.centre.replica().membership().head() == town.reader.replica().membership().head());
    town.require_equal();
}

TEST_CASE("R-09 exactly what is adopted appears", "[adversary]") {
    RealLeaver it;
    auto& town = it.town;
    for (const auto* name : {"late one", "late two", "late three"}) {
        it.leaver.put(town.space, name);
        REQUIRE(it.leaver.replica().seal());
    }
    settle(town);
    const auto aside = *town.centre.replica().quarantine();
    REQUIRE(aside.size() == 3);
    CHECK_FALSE(town.centre.replica().adopt({Digest::from(Bytes(32, 7))}));
    REQUIRE(town.centre.replica().adopt({aside[1].id}));
    settle(town);
    town.require_equal();
    CHECK(town.reader.names().count("late one") == 1);
    CHECK(town.reader.names().count("late two") == 1);
    CHECK(town.reader.names().count("late three") == 0);
    require_aside(town, 1);
}

TEST_CASE("R-10 a removed admin changes nothing any more", "[adversary]") {
    RealTown town;
    REQUIRE(town.centre.replica().set_admin(town.third.replica().device(), true));
    town.meet();
    // While still an admin, offline, and signed for the end of the log as it was.
    REQUIRE(town.third.replica().set_admin(town.reader.replica().device(), true));
    const auto branch = *town.third.replica().next_entry();
    REQUIRE(town.centre.replica().revoke(town.third.replica().device()));
    REQUIRE(town.pass(town.centre).complete);
    const auto head = town.centre.replica().membership().head();
    Speaker speaker(town.loop, town.third, town.relay.url());
    REQUIRE(speaker.is_welcome());
    speaker.say(sync::PutEntry{branch});
    const auto answer = speaker.await<sync::EntryAnswer>();
    REQUIRE(answer);
    CHECK_FALSE(answer->accepted);
    settle(town);
    const auto* reader = town.centre.replica().membership().device(town.reader.replica().device());
    CHECK((reader->role & crypto::role_admin) == 0);
    CHECK(town.reader.replica().membership().head() == town.centre.replica().membership().head());
    CHECK(town.centre.replica().membership().head() == head);
    CHECK_FALSE(town.third.replica().set_admin(town.reader.replica().device(), true));
    town.require_equal();
}

TEST_CASE("R-11 an honest tablet that was away for 60 days is taken in by everybody",
          "[adversary]") {
    RealTown town;
    town.third.env.shift(-60 * day);
    town.third.put(town.space, "on the journey");
    REQUIRE(town.third.replica().seal());
    REQUIRE(town.centre.replica().rotate(town.space));
    town.centre.put(town.space, "meanwhile");
    REQUIRE(town.pass(town.centre).complete);
    town.third.env.shift(0);
    town.meet();
    town.meet();
    town.require_equal();
    CHECK(town.reader.names().count("on the journey") == 1);
    CHECK(town.reader.replica().quarantine()->empty());
}

TEST_CASE("R-12 a lost device erases itself only when the server holds all it wrote",
          "[adversary]") {
    RealTown town;
    town.third.put(town.space, "on the lost tablet");
    REQUIRE(town.centre.replica().revoke(town.third.replica().device(), crypto::removed_lost));
    REQUIRE(town.pass(town.centre).complete);
    CHECK_FALSE(*town.third.replica().must_erase());
    REQUIRE(town.pass(town.third).former);
    CHECK(*town.third.replica().must_erase());
    REQUIRE(town.pass(town.reader).complete);
    REQUIRE(town.pass(town.centre).complete);
    require_aside(town, 1);
    REQUIRE(town.centre.replica().adopt({town.centre.replica().quarantine()->front().id}));
    REQUIRE(town.pass(town.centre).complete);
    REQUIRE(town.pass(town.reader).complete);
    CHECK(town.reader.names().count("on the lost tablet") == 1);
}

TEST_CASE("R-13 one admin hides a colleague's work until others take it in", "[adversary]") {
    RealTown town;
    REQUIRE(town.centre.replica().set_admin(town.reader.replica().device(), true));
    town.meet();
    // With a cutoff at nothing, which no honest program would write.
    Insider insider(town.centre);
    const auto entry = crypto::revoke_device(insider.author(), town.third.replica().device(), {});
    REQUIRE(entry);
    Speaker speaker(town.loop, town.centre, town.relay.url());
    REQUIRE(speaker.is_welcome());
    speaker.say(sync::PutEntry{*entry});
    const auto answer = speaker.await<sync::EntryAnswer>();
    REQUIRE(answer);
    REQUIRE(answer->accepted);
    settle(town);
    town.require_equal();
    CHECK(town.reader.names().count("of the third") == 0);
    // Nothing is gone: the other admin sees it, and takes it back in.
    const auto aside = *town.reader.replica().quarantine();
    REQUIRE_FALSE(aside.empty());
    REQUIRE(town.reader.replica().adopt({aside.back().id}));
    settle(town);
    settle(town);
    town.require_equal();
    CHECK(town.centre.names().count("of the third") == 1);
}
