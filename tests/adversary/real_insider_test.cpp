// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include <filesystem>

#include "core/codec/compress.hpp"
#include "tests/adversary/insider.hpp"
#include "tests/adversary/real_town.hpp"

using namespace trellis;
using namespace trellis::test;

// What a member with a modified program can write, at the honest server and at one that helps.

namespace {

/// The insider's envelope at the end of the log, as no honest server would have taken it.
void append(StoreView& view, const SpaceId& space, const crypto::EnvelopeRun& run) {
    sync::PlacedEnvelope placed;
    placed.device = run.device;
    placed.incarnation = run.incarnation;
    placed.first = run.first;
    placed.envelope = run.envelopes.at(0);
    view.log(space).push_back(placed);
}

/// What the honest server says to a push of it.
sync::Message push(RealTown& town, RealDevice& device, const crypto::EnvelopeRun& run) {
    Speaker speaker(town.loop, device, town.relay.url());
    REQUIRE(speaker.is_welcome());
    REQUIRE(speaker.open(town.space, run.incarnation));
    speaker.say(sync::Push{0, {run}});
    while (auto message = speaker.hear()) {
        const bool is_verdict = std::holds_alternative<sync::PushRefused>(*message) ||
                                std::holds_alternative<sync::Stored>(*message) ||
                                std::holds_alternative<sync::Need>(*message);
        if (is_verdict) return std::move(*message);
    }
    FAIL("the server hung up");
    return {};
}

constexpr std::int64_t year = std::int64_t{365} * 24 * 3'600'000;

}  // namespace

TEST_CASE("B-05 who may only read signs an envelope", "[adversary]") {
    RealTown town;
    const auto invite = town.invite(crypto::right_read);
    REQUIRE(town.pass(town.centre).complete);
    RealDevice guest(town.loop, town.folder / "guest", "Guest");
    REQUIRE(guest.join(invite));
    REQUIRE(town.pass(guest).complete);
    town.meet();
    Insider insider(guest);
    const auto order = insider.fresh();
    const auto run = insider.run(
        order, insider.seal(town.space, insider.thing(town.space, order, "unasked"), order));
    const auto answer = push(town, guest, run);
    REQUIRE(std::holds_alternative<sync::PushRefused>(answer));
    CHECK(std::get<sync::PushRefused>(answer).code == Code::denied);
    // A server that helps him hands it around all the same.
    auto view = town.view();
    append(view, town.space, run);
    view.reroll();
    const auto before = town.reader.names();
    const auto progress = town.betray([&] { town.relay.show(view); });
    CHECK(progress.complete);
    CHECK(town.reader.names().count("unasked") == 0);
    const auto aside = town.reader.replica().quarantine();
    REQUIRE(aside->size() == 1);
    CHECK(aside->front().reason == "rights");
    CHECK(aside->front().device == insider.device());
}

TEST_CASE("B-09 an older key of the space after a newer one", "[adversary]") {
    RealTown town;
    REQUIRE(town.centre.replica().rotate(town.space));
    town.meet();
    Insider insider(town.third);
    auto order = insider.fresh();
    const auto newest = insider.keyring().newest(town.space);
    const auto first = insider.seal(town.space, insider.thing(town.space, order, "new"), order);
    REQUIRE(std::holds_alternative<sync::Stored>(
        push(town, town.third, insider.run(order, first))));
    order.previous = crypto::chain_hash(insider.place(town.space, order), first);
    order.first = 2;
    order.epoch = newest - 1;
    const auto second = insider.seal(town.space, insider.thing(town.space, order, "old"), order);
    const auto answer = push(town, town.third, insider.run(order, second));
    REQUIRE(std::holds_alternative<sync::PushRefused>(answer));
    CHECK(std::get<sync::PushRefused>(answer).code == Code::denied);
    town.meet();
    town.require_equal();
    CHECK(town.reader.names().count("old") == 0);
}

TEST_CASE("B-14 one place in a chain signed twice, shown to two readers", "[adversary]") {
    RealTown town;
    Insider insider(town.third);
    const auto order = insider.fresh();
    const auto one = insider.run(
        order, insider.seal(town.space, insider.thing(town.space, order, "to all"), order));
    const auto two = insider.run(
        order, insider.seal(town.space, insider.thing(town.space, order, "to one"), order));
    auto view = town.view();
    append(view, town.space, two);
    view.reroll();
    REQUIRE(std::holds_alternative<sync::Stored>(push(town, town.third, one)));
    // The honest server takes one of them.
    const auto answer = push(town, town.third, two);
    REQUIRE(std::holds_alternative<sync::PushRefused>(answer));
    CHECK(std::get<sync::PushRefused>(answer).code == Code::fork);
    town.meet();
    REQUIRE(town.centre.names().count("to all") == 1);
    // A new reader has been shown the other one before.
    const auto invite = town.invite();
    REQUIRE(town.pass(town.centre).complete);
    RealDevice late(town.loop, town.folder / "late", "Late");
    REQUIRE(late.join(invite));
    auto entries = town.view().entries;
    view.entries = entries;
    town.relay.show(view);
    REQUIRE(town.pass(late).complete);
    REQUIRE(late.names().count("to one") == 1);
    town.capture(late);
    town.relay.show_truth();
    REQUIRE(town.pass(late).complete);
    town.meet();
    REQUIRE(town.pass(late).complete);
    CHECK(late.alarmed_of("fork"));
    CHECK(late.names() == town.centre.names());
    CHECK(late.names().count("to one") == 0);
    // Nothing is thrown away: the lost branch is there to be looked at.
    const auto aside = late.replica().quarantine();
    REQUIRE(aside->size() == 1);
    CHECK(aside->front().reason == "fork");
    town.require_equal();
    town.require_captured();
}

TEST_CASE("B-16 counters that jump, or do not fit what is inside", "[adversary]") {
    RealTown town;
    Insider insider(town.third);
    const auto begins_at = [&](Counter first) {
        auto order = insider.fresh();
        order.first = first;
        return insider.run(
            order, insider.seal(town.space, insider.thing(town.space, order, "jumped"), order));
    };
    for (const Counter first : {Counter{2}, Counter{1} << 32U, limits::counter_max}) {
        CAPTURE(first);
        const auto run = begins_at(first);
        const auto answer = push(town, town.third, run);
        REQUIRE(std::holds_alternative<sync::Need>(answer));
        CHECK(std::get<sync::Need>(answer).from == 1);
        town.lied_to([&](StoreView& view) { append(view, town.space, run); });
        CHECK(town.reader.names().count("jumped") == 0);
    }
}

TEST_CASE("B-17 and B-18 a clock that is wrong by decades wins nothing", "[adversary]") {
    RealTown town;
    const auto years = GENERATE(73, -56);
    CAPTURE(years);
    const auto record = town.centre.put(town.space, "agreed");
    town.meet();
    // At the same time: the honest clock's value is shown, the other one is a conflict.
    town.third.env.shift(years * year);
    Json wrong{Json::Object{}};
    wrong.set("name", "by a wrong clock");
    REQUIRE(town.third.write(town.space, core::SetFields{record, wrong}));
    Json honest{Json::Object{}};
    honest.set("name", "by an honest clock");
    REQUIRE(town.centre.write(town.space, core::SetFields{record, honest}));
    town.meet();
    town.meet();
    town.require_equal();
    // Later, having seen both: that stands, whatever the other clock said.
    Json settled{Json::Object{}};
    settled.set("name", "settled");
    REQUIRE(town.reader.write(town.space, core::SetFields{record, settled}));
    town.meet();
    town.meet();
    town.require_equal();
    CHECK(town.third.names().count("settled") == 1);
    CHECK(town.third.names().count("by a wrong clock") == 0);
    CHECK(town.third.names().count("by an honest clock") == 0);
}

TEST_CASE("B-20 an insider's invented history alarms, names him, and stops nobody", "[adversary]") {
    RealTown town;
    Insider insider(town.third);
    const auto order = insider.fresh();
    auto body = insider.thing(town.space, order, "with a lie");
    ShortDigest invented;
    invented.bytes.fill(6);
    const auto log = town.view().spaces.at(town.space).incarnation;
    body.witness.log = core::LogWitness{core::log_print(log), 1, invented};
    REQUIRE(std::holds_alternative<sync::Stored>(push(
        town, town.third, insider.run(order, insider.seal(town.space, body, order)))));
    town.meet();
    const auto alarms = *town.reader.replica().alarms();
    REQUIRE(alarms.size() == 1);
    CHECK(alarms[0].kind == core::AlarmKind::split_view);
    CHECK(alarms[0].device == insider.device());
    town.capture(town.reader);
    town.meet();
    town.require_equal();
    town.require_captured();
}

TEST_CASE("B-20 two histories of a space are noticed when two readers hear of each other",
          "[adversary]") {
    RealTown town;
    town.write();
    town.third.put(town.space, "at the same time");
    REQUIRE(town.pass(town.third).complete);
    // The server keeps a second view, with the two newest the other way round, for the reader.
    auto view = town.view();
    const auto size = view.log(town.space).size();
    view.swap(town.space, size - 2, size - 1);
    view.reroll();
    RealRelay other(town.folder / "other", view);
    REQUIRE(town.reader.sync(other.url()).complete);
    REQUIRE(town.reader.alarms().empty());
    town.reader.put(town.space, "by who was lied to");
    REQUIRE(town.reader.sync(other.url()).complete);
    // What she wrote must reach the others, or they miss it; so it is copied over.
    auto truth = town.view();
    truth.log(town.space).push_back(other.view(town.org()).log(town.space).back());
    truth.reroll();
    town.relay.show(truth);
    const auto progress = town.pass(town.centre);
    CHECK(progress.complete);
    CHECK(town.centre.alarmed_of("split_view"));
    town.capture(town.centre);
    town.meet();
    town.meet();
    town.require_equal();
    town.require_captured();
}

TEST_CASE("B-23 a copied database writes under a name of its own, and nothing is lost",
          "[adversary]") {
    RealTown town;
    town.third.close();
    std::filesystem::copy(town.third.folder(), town.folder / "clone",
                          std::filesystem::copy_options::recursive);
    town.third.reopen();
    RealDevice clone(town.loop, town.folder / "clone", "Clone");
    town.third.put(town.space, "by the device");
    clone.put(town.space, "by its clone");
    REQUIRE(town.pass(clone).complete);
    town.meet();
    REQUIRE(town.pass(clone).complete);
    town.require_equal();
    CHECK(clone.names() == town.centre.names());
    CHECK(town.centre.names().count("by the device") == 1);
    CHECK(town.centre.names().count("by its clone") == 1);
    CHECK(town.reader.alarms().empty());
}

TEST_CASE("B-23 copies of a database are healed at a server that was put back", "[adversary]") {
    RealTown town;
    auto backup = town.view();
    for (auto& [id, space] : backup.spaces) town.centre.env.random(space.incarnation.bytes);
    backup.reroll();
    town.third.close();
    std::filesystem::copy(town.third.folder(), town.folder / "clone",
                          std::filesystem::copy_options::recursive);
    town.third.reopen();
    RealDevice clone(town.loop, town.folder / "clone", "Clone");
    // The device has gone further than its clone, whose branch the server gets first.
    for (const auto* name : {"one", "two", "three"}) {
        town.third.put(town.space, name);
        REQUIRE(town.third.replica().seal().has_value());
    }
    clone.put(town.space, "by its clone");
    town.relay.show(backup);
    REQUIRE(town.pass(clone).complete);
    town.meet();
    REQUIRE(town.pass(clone).complete);
    town.require_equal();
    CHECK(clone.names() == town.centre.names());
    for (const auto* name : {"one", "two", "three", "by its clone"}) {
        CHECK(town.centre.names().count(name) == 1);
    }
}

TEST_CASE("F-03 a member's genuine envelope with rubbish inside stops nobody", "[adversary]") {
    RealTown town;
    Insider insider(town.third);
    const int kind = GENERATE(0, 1, 2);
    CAPTURE(kind);
    auto order = insider.fresh();
    Bytes envelope;
    if (kind == 0) envelope = insider.seal_bytes(town.space, Bytes(100, 7), order);
    if (kind == 1) {
        Compressor compressor;
        envelope = insider.seal_bytes(town.space, compressor.compress(Bytes(1'000, 0)), order);
    }
    if (kind == 2) {
        order.ops = 2;
        envelope = insider.seal(town.space, insider.thing(town.space, order, "one of two"), order);
    }
    REQUIRE(std::holds_alternative<sync::Stored>(
        push(town, town.third, insider.run(order, envelope))));
    town.centre.put(town.space, "after the rubbish");
    town.capture(town.reader);
    town.meet();
    town.meet();
    town.require_equal();
    town.require_captured();
    CHECK(town.reader.names().count("after the rubbish") == 1);
    const auto aside = town.reader.replica().quarantine();
    REQUIRE(aside->size() == 1);
    CHECK(aside->front().device == insider.device());
}
