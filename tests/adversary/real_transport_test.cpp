// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>

#include <algorithm>

#include "core/net/tls.hpp"
#include "crypto/public/receipt.hpp"
#include "sync/wire/frame.hpp"
#include "tests/adversary/insider.hpp"
#include "tests/adversary/real_town.hpp"

using namespace trellis;
using namespace trellis::test;

// What the network can do to conversations of real clients with a real server, what a member can
// do to the server, and what the server can do to its own word.

namespace {

constexpr std::chrono::milliseconds patience{30'000};

/// What the server says to frames from nobody in particular, until it hangs up or is silent
/// because it waits for more.
std::vector<Bytes> answers_to(RealTown& town, const std::vector<Bytes>& frames, std::size_t most) {
    auto socket = clients::ClientSocket::connect(town.loop, town.relay.url(), {});
    REQUIRE(socket);
    for (const auto& frame : frames) static_cast<void>((*socket)->send(frame));
    std::vector<Bytes> answers;
    while (answers.size() <= most) {
        auto answer = (*socket)->receive(patience);
        if (!answer || !*answer) return answers;
        answers.push_back(std::move(**answer));
    }
    return answers;
}

/// One frame of a pass, each in turn, meets with `fate`; what was lost is made good by the next.
template <class Fate>
void with_each_frame(RealTown& town, Fate fate) {
    std::size_t broken = 0;
    for (std::size_t target = 0;; ++target) {
        CAPTURE(target);
        town.centre.put(town.space, "written for frame " + std::to_string(target));
        REQUIRE(town.pass(town.centre).complete);
        town.capture(town.reader);
        const auto before = town.reader.names();
        std::size_t count = 0;
        town.reader.wire.network = [&, target](bool is_up, const Bytes& frame) {
            if (count++ != target) return std::vector<Bytes>{frame};
            return fate(is_up, frame);
        };
        const auto progress = town.pass(town.reader);
        town.require_part_of_truth(before);
        town.reader.wire.network = nullptr;
        REQUIRE(town.pass(town.reader).complete);
        if (count <= target) break;
        broken += progress.complete ? 0 : 1;
    }
    CHECK(broken > 6);
    town.meet();
    town.require_equal();
    town.require_captured();
    CHECK(town.reader.alarms().empty());
}

bool holds(ByteView all, std::string_view text) {
    const auto part = as_bytes(text);
    return std::search(all.begin(), all.end(), part.begin(), part.end()) != all.end();
}

}  // namespace

TEST_CASE("N-02 a man in the middle whom the certificates trust gets one greeting and no more",
          "[adversary]") {
    RealTown town;
    const auto cert = town.folder / "cert";
    const auto key = town.folder / "key";
    REQUIRE(net::make_self_signed(cert, key, "localhost"));
    // He has all that the server has, but its key.
    auto view = town.view();
    view.seed = Bytes(32, 0x55);
    RealRelay plain(town.folder / "middle", view);
    plain.restart({"--tls-cert", cert, "--tls-key", key});
    town.capture(town.reader);
    town.reader.trust.ca_file = cert;
    town.reader.wire.heard_up.clear();
    const auto progress = town.reader.sync(plain.url("wss"));
    REQUIRE(progress.failure);
    INFO(progress.failure->message);
    CHECK(progress.failure->code == Code::denied);
    CHECK(town.reader.wire.heard_up.size() == 1);
    CHECK(town.reader.wire.heard_up[0].size() == crypto::handshake_hello_size);
    town.reader.trust = {};
    town.meet();
    town.require_captured();
}

TEST_CASE("N-03 a recorded greeting replayed, whole or into a new one, opens nothing",
          "[adversary]") {
    RealTown town;
    town.centre.put(town.space, "recorded");
    town.centre.wire.heard_up.clear();
    REQUIRE(town.pass(town.centre).complete);
    const auto up = town.centre.wire.heard_up;
    REQUIRE(up.size() > 3);
    const auto stored = town.view().log(town.space).size();
    // The server answers the hello, with another one-time key, and nothing after it.
    CHECK(answers_to(town, up, 2).size() == 1);
    crypto::ClientHandshake fresh(town.org(), town.centre.env);
    CHECK(answers_to(town, {fresh.hello(), up[1]}, 2).size() == 1);
    CHECK(town.view().log(town.space).size() == stored);
}

TEST_CASE("N-04 one-time keys of small order end the greeting", "[adversary]") {
    RealTown town;
    crypto::ClientHandshake honest(town.org(), town.centre.env);
    for (const auto low : {std::uint8_t{0}, std::uint8_t{1}}) {
        auto hello = honest.hello();
        std::fill(hello.begin() + 6, hello.begin() + 38, std::uint8_t{0});
        hello[6] = low;
        CHECK(answers_to(town, {hello}, 1).empty());
    }
}

TEST_CASE("N-05 a conversation cut off at any frame is taken up again", "[adversary]") {
    RealTown town;
    with_each_frame(town, [&](bool, const Bytes&) {
        town.reader.wire.is_cut = true;
        return std::vector<Bytes>();
    });
}

TEST_CASE("N-05 frames that are cut short, doubled, altered or exchanged show nothing",
          "[adversary]") {
    RealTown town;
    const int kind = GENERATE(0, 1, 2, 3);
    CAPTURE(kind);
    Bytes held;
    with_each_frame(town, [&](bool, const Bytes& frame) {
        auto other = frame;
        if (kind == 0) other.pop_back();
        if (kind == 1) return std::vector<Bytes>{frame, frame};
        if (kind == 2) other[other.size() / 2] ^= 1U;
        if (kind == 3) std::swap(other, held);
        return std::vector<Bytes>{other};
    });
}

TEST_CASE("N-06 a device's own frames thrown back at it", "[adversary]") {
    RealTown town;
    Bytes last_up;
    for (std::size_t target = 1; target < 6; ++target) {
        CAPTURE(target);
        town.centre.put(town.space, "before throw " + std::to_string(target));
        REQUIRE(town.pass(town.centre).complete);
        const auto before = town.reader.names();
        std::size_t count = 0;
        town.reader.wire.network = [&, target](bool is_up, const Bytes& frame) {
            if (is_up) last_up = frame;
            const bool is_hit = !is_up && count++ == target;
            return std::vector<Bytes>{is_hit ? last_up : frame};
        };
        const auto progress = town.pass(town.reader);
        REQUIRE(progress.failure);
        CHECK(progress.failure->code == Code::wrong_key);
        town.require_part_of_truth(before);
        town.reader.wire.network = nullptr;
        town.capture(town.reader);
        REQUIRE(town.pass(town.reader).complete);
    }
    town.meet();
    town.require_equal();
    town.require_captured();
}

TEST_CASE("N-13 a member that pushes false signatures is hung up on", "[adversary]") {
    RealTown town;
    town.write();
    const auto stored = town.view().log(town.space).size();
    Insider insider(town.third);
    auto order = insider.fresh();
    auto bad = insider.seal(town.space, insider.thing(town.space, order, "never"), order);
    bad.back() ^= 1U;
    Speaker speaker(town.loop, town.third, town.relay.url());
    REQUIRE(speaker.is_welcome());
    REQUIRE(speaker.open(town.space, order.incarnation));
    std::size_t refused = 0;
    bool is_told = false;
    for (int i = 0; i < 200; ++i) speaker.say(sync::Push{0, {insider.run(order, bad)}});
    while (const auto message = speaker.hear()) {
        if (std::holds_alternative<sync::PushRefused>(*message)) ++refused;
        is_told = is_told || std::holds_alternative<sync::Bye>(*message);
    }
    CHECK(is_told);
    CHECK(refused >= 1);
    CHECK(refused <= limits::false_signatures_max + 1);
    CHECK(town.view().log(town.space).size() == stored);
    town.meet();
    town.require_equal();
}

TEST_CASE("N-14 over its share a device is told so, and nothing of the push is kept",
          "[adversary]") {
    RealTown town;
    const auto stored = town.view().log(town.space).size();
    town.relay.restart({"--device-bytes-per-day", "1000"});
    for (int i = 0; i < 40; ++i) {
        town.centre.put(town.space, "of many " + std::to_string(i * 7919));
        REQUIRE(town.centre.replica().seal());
    }
    const auto progress = town.pass(town.centre);
    CHECK_FALSE(progress.complete);
    REQUIRE_FALSE(progress.events.empty());
    CHECK(progress.events[0].what.code == Code::no_space);
    town.capture(town.centre);
    town.relay.restart();
    CHECK(town.view().log(town.space).size() <= stored + 4);
    town.meet();
    town.require_equal();
    town.require_captured();
}

TEST_CASE("N-15 neither wire nor store nor log of the server holds a word of what was written",
          "[adversary]") {
    RealTown town;
    town.write(3);
    const auto record = town.centre.put(town.space, "Ada Lovelace");
    Json fields{Json::Object{}};
    fields.set("phone", "+15550123456");
    REQUIRE(town.centre.write(town.space, core::SetFields{record, fields}));
    REQUIRE(town.centre.write(town.space, core::DeleteRecord{record, "moved to Fresno"}));
    town.meet();
    const auto operator_log = town.relay.end();
    const auto store = town.relay.store_bytes();
    CHECK(store.size() > 10'000);
    CHECK(operator_log.find("ready") != std::string::npos);
    for (const std::string_view word : {"family", "sleeps", "beginning", "High school", "Mission",
                                        "Centre", "Reader", "Ada", "5550123", "Fresno"}) {
        CAPTURE(word);
        for (const auto* device : {&town.centre, &town.reader, &town.third}) {
            for (const auto& frame : device->wire.heard) REQUIRE_FALSE(holds(frame, word));
        }
        CHECK_FALSE(holds(as_bytes(store), word));
        CHECK_FALSE(holds(as_bytes(operator_log), word));
    }
}

TEST_CASE("N-16 a server put back a week is made whole by its devices", "[adversary]") {
    RealTown town;
    auto week_ago = town.view();
    town.write(8);
    REQUIRE(town.centre.replica().create_space("New", crypto::SpaceClass::general));
    town.third.put(town.space, "of that week");
    town.meet();
    const auto now = town.view();
    if (GENERATE(true, false)) {
        // Restored as the manual says, it has begun a new life; else somebody copied a file.
        for (auto& [id, space] : week_ago.spaces) town.centre.env.random(space.incarnation.bytes);
    }
    week_ago.reroll();
    town.relay.show(week_ago);
    town.capture(town.reader);
    const auto progress = town.pass(town.reader);
    REQUIRE(progress.complete);
    CHECK_FALSE(progress.events.empty());
    town.meet();
    town.meet();
    town.require_equal();
    town.require_captured();
    auto healed = town.view();
    CHECK(healed.entries == now.entries);
    CHECK(healed.log(town.space).size() == now.spaces.at(town.space).log.size() + 1);
    const auto cursor = [&](RealDevice& device) {
        for (const auto& state : device.replica().sync_spaces()) {
            if (state.space == town.space) return state.cursor;
        }
        return Cursor();
    };
    CHECK(cursor(town.centre) == cursor(town.reader));
    CHECK(cursor(town.centre) == cursor(town.third));
}

TEST_CASE("N-17 two receipts for two histories convict the server", "[adversary]") {
    RealTown town;
    town.write();
    town.third.put(town.space, "at the same time");
    REQUIRE(town.pass(town.third).complete);
    auto view = town.view();
    const auto size = view.log(town.space).size();
    view.swap(town.space, size - 2, size - 1);
    view.reroll();
    RealRelay other(town.folder / "other", view);
    const auto receipt = [&](RealDevice& device, const RealRelay& relay) {
        Speaker speaker(town.loop, device, relay.url());
        Incarnation own;
        own.bytes.fill(8);
        REQUIRE(speaker.open(town.space, own));
        speaker.say(sync::GetReceipt{0});
        const auto said = speaker.await<sync::ReceiptIs>();
        REQUIRE(said);
        auto one = said->receipt;
        one.space = town.space;
        return one;
    };
    const auto honest = receipt(town.centre, town.relay);
    CHECK_FALSE(crypto::contradicts(honest, receipt(town.reader, town.relay)));
    const auto false_one = receipt(town.reader, other);
    // Whoever has both and the server's key needs nothing else.
    const auto key = view.secret().key();
    CHECK(crypto::verify_receipt(key, town.org(), honest));
    CHECK(crypto::verify_receipt(key, town.org(), false_one));
    CHECK(crypto::contradicts(honest, false_one));
}
