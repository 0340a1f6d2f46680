// SPDX-License-Identifier: Apache-2.0
#include "crypto/public/log_roll.hpp"
#include "tests/sync/relay/scene.hpp"

using namespace trellis;
using namespace trellis::sync;
using namespace trellis::test;

namespace {

/// Reads pages as a device does: no gap, no repeat, and the rolling hash adds up.
class Reader {
public:
    Reader(Scene& scene, Line& line) : scene_(scene), line_(line) {}

    /// Takes all pages that have come.
    std::size_t read() {
        std::size_t pages = 0;
        for (auto& message : line_.rest()) {
            auto* deliver = std::get_if<Deliver>(&message);
            if (deliver == nullptr) continue;
            ++pages;
            take(*deliver);
        }
        return pages;
    }
    Cursor cursor;
    std::vector<Bytes> envelopes;
    bool is_caught_up = false;
    std::size_t bytes = 0;

private:
    void take(const Deliver& deliver) {
        REQUIRE_FALSE(deliver.repair);
        REQUIRE(deliver.from == cursor.position);
        const auto page = envelopes_of(deliver.runs);
        REQUIRE(deliver.to == deliver.from + page.size());
        const auto& log = scene_.store.spaces.at({scene_.membership->org(), scene_.space}).log;
        for (const auto& envelope : page) {
            const auto& placed = log.at(static_cast<std::size_t>(cursor.position));
            REQUIRE(placed.envelope == envelope);
            cursor.head = crypto::next_head(cursor.head, ++cursor.position, placed.chain);
            envelopes.push_back(envelope);
        }
        REQUIRE(deliver.head == cursor.head);
        is_caught_up = deliver.last;
        bytes += encode(deliver).size() + 16;
    }
    Scene& scene_;
    Line& line_;
};

/// Fills the space through the relay.
void fill(Scene& scene, Pen& pen, std::size_t count, std::size_t size = 10) {
    Line line(scene);
    line.greet(1).open({}, false);
    line.expect<Opened>();
    const std::string text(size, 'x');
    for (std::size_t i = 0; i < count; ++i) {
        const auto first = pen.last + 1;
        line.push(first, {pen.write(scene.env, 1, text)});
    }
    line.hang_up();
}

}  // namespace

TEST_CASE("a device that was away gets what it missed, then what is new", "[sync]") {
    Scene scene(3);
    auto pen = scene.pen(1);
    fill(scene, pen, 30);
    scene.restart();
    Line line(scene);
    Reader reader(scene, line);
    scene.host->hold(MemoryRelayHost::Kind::page);
    line.greet(2).open();
    CHECK(line.expect<Opened>().position == 30);
    fill(scene, pen, 5);  // arrives while the page is being fetched
    scene.host->release();
    reader.read();
    CHECK(reader.envelopes.size() == 35);
    CHECK(reader.is_caught_up);
    fill(scene, pen, 1);
    CHECK(reader.read() == 1);
    CHECK(reader.envelopes.size() == 36);
}

TEST_CASE("deliveries have no gap and no repeat, however pages and pushes interleave", "[sync]") {
    RelayOptions options;
    options.tail_bytes_max = 1000;  // a few envelopes: now from memory, now from the store
    Scene scene(4, options);
    auto pen = scene.pen(1);
    fill(scene, pen, 20);
    Line fast(scene);
    Line slow(scene);
    Reader fast_reader(scene, fast);
    Reader slow_reader(scene, slow);
    fast.greet(2).open();
    slow.greet(3).open();
    for (int round = 0; round < 20; ++round) {
        if (round % 3 == 0) scene.host->hold(MemoryRelayHost::Kind::page);
        if (round % 5 == 0) scene.host->hold(MemoryRelayHost::Kind::append);
        fill(scene, pen, static_cast<std::size_t>(round % 7));
        fast_reader.read();
        if (round % 2 == 0) scene.host->release();
    }
    scene.host->release();
    fast_reader.read();
    slow_reader.read();
    const auto& log = scene.store.spaces.at({scene.membership->org(), scene.space}).log;
    CHECK(log.size() > 60);
    CHECK(fast_reader.envelopes.size() == log.size());
    CHECK(slow_reader.envelopes.size() == log.size());
    CHECK(fast_reader.is_caught_up);
}

TEST_CASE("two devices that are there see each other's envelopes and their own", "[sync]") {
    Scene scene(3);
    auto first = scene.pen(1);
    auto second = scene.pen(2);
    Line one(scene);
    Line two(scene);
    one.greet(1).open();
    one.expect<Opened>();
    two.greet(2).open();
    two.expect<Opened>();
    const auto from_one = first.write(scene.env);
    one.push(1, {from_one});
    one.expect<Stored>();
    const auto own = one.expect<Deliver>();
    CHECK(own.runs[0].device.is_zero());  // the chain that Open named
    const auto other = two.expect<Deliver>();
    CHECK(other.runs[0].device == first.device);
    CHECK(other.runs[0].first == 1);
    CHECK(other.runs[0].envelopes[0] == from_one);
    CHECK(other.last);
    two.push(1, {second.write(scene.env)});
    two.expect<Stored>();
    CHECK(two.expect<Deliver>().to == 2);
    CHECK(one.expect<Deliver>().runs[0].device == second.device);
    one.silence();
    two.silence();
    CHECK(scene.host->figures.pages == 0);  // those who are there are served from memory
}

TEST_CASE("who opened without following gets what there is, once", "[sync]") {
    Scene scene(3);
    auto pen = scene.pen(1);
    fill(scene, pen, 3);
    Line line(scene);
    line.greet(2).open({}, false);
    line.expect<Opened>();
    CHECK(line.expect<Deliver>().last);
    fill(scene, pen, 1);
    line.silence();
}

TEST_CASE("a place in the log is known by its hash", "[sync]") {
    Scene scene(3);
    auto pen = scene.pen(1);
    fill(scene, pen, 10);
    const auto& kept = scene.store.spaces.at({scene.membership->org(), scene.space});
    Cursor cursor = kept.end;
    const bool is_warm = GENERATE(true, false);
    if (!is_warm) scene.restart();
    const auto known = [&](const Cursor& at) {
        Line line(scene);
        line.greet(2).open(at);
        const auto opened = line.expect<Opened>();
        CHECK(opened.incarnation == kept.end.incarnation);
        CHECK(opened.position == 10);
        CHECK(opened.head == short_digest(kept.end.head));
        // Deliveries follow where it is known, and nothing where it is not.
        if (opened.known && at.position < 10) {
            CHECK(line.expect<Deliver>().from == at.position);
        }
        line.silence();
        return opened.known;
    };
    CHECK(known(cursor));
    cursor.position = 4;
    cursor.head = kept.log[3].head;
    CHECK(known(cursor));
    CHECK(known({}));
    Cursor start;
    start.incarnation = kept.end.incarnation;
    CHECK(known(start));

    auto elsewhere = cursor;
    elsewhere.incarnation.bytes[0] ^= 1;
    CHECK_FALSE(known(elsewhere));
    auto ahead = cursor;
    ahead.position = 11;
    CHECK_FALSE(known(ahead));
    auto other_head = cursor;
    other_head.head.bytes[0] ^= 1;
    CHECK_FALSE(known(other_head));
    auto end_head = kept.end;
    end_head.head.bytes[0] ^= 1;
    CHECK_FALSE(known(end_head));
    auto nowhere = cursor;
    nowhere.incarnation = {};
    CHECK_FALSE(known(nowhere));
    start.head = cursor.head;
    CHECK_FALSE(known(start));
}

TEST_CASE("nothing is delivered beyond the credit, and more credit brings the rest", "[sync]") {
    Scene scene(3);
    auto pen = scene.pen(1);
    fill(scene, pen, 30, 200'000);
    const bool is_warm = GENERATE(true, false);
    if (!is_warm) scene.restart();
    Line line(scene);
    Reader reader(scene, line);
    line.greet(2).open();
    reader.read();
    CHECK_FALSE(reader.is_caught_up);
    CHECK(reader.bytes >= limits::credit_default);
    CHECK(reader.bytes < limits::credit_default + limits::frame_max);
    const auto before = reader.envelopes.size();
    fill(scene, pen, 1);
    CHECK(reader.read() == 0);
    line.say(Credit{.bytes = static_cast<std::uint32_t>(reader.bytes)});
    reader.read();
    CHECK(reader.envelopes.size() > before);
    CHECK(reader.envelopes.size() == 31);
    CHECK(reader.is_caught_up);
}

TEST_CASE("credit never grows beyond a u32", "[sync]") {
    Scene scene;
    Line line(scene);
    line.greet(1);
    for (int i = 0; i < 3; ++i)
        line.say(Credit{.bytes = 0xFFFFFFFF});
    CHECK_FALSE(line.closed());
}

TEST_CASE("a socket that takes nothing gets no more pages, and is closed in the end", "[sync]") {
    RelayOptions options;
    options.outgoing_bytes_max = 400'000;
    options.outgoing_bytes_drop = 1'000'000;
    Scene scene(3, options);
    auto pen = scene.pen(1);
    fill(scene, pen, 20, 200'000);
    scene.host->stop_sockets(true);
    Line line(scene);
    Reader reader(scene, line);
    line.greet(2).open();
    reader.read();
    CHECK(reader.envelopes.size() < 5);
    CHECK_FALSE(line.closed());
    // A device that asks and asks without reading answers.
    for (int i = 0; i < 50'000 && !line.closed(); ++i)
        line.say(Ping{});
    CHECK(line.closed() == Code::busy);
}

TEST_CASE("spaces take turns", "[sync]") {
    Scene scene(2);
    const auto created =
        crypto::create_space(scene.author(), "Second", crypto::SpaceClass::general);
    REQUIRE(created);
    scene.add_entry(created->entry);
    auto first = scene.pen(0);
    auto second = first.copy();
    second.space = created->space;
    const std::string text(100'000, 'x');
    {
        Line line(scene);
        line.greet(0).open({}, false);
        Open other{};
        other.space = created->space;
        other.own.bytes.fill(1);
        line.say(other);
        for (Counter i = 1; i <= 10; ++i) {
            line.push(i, {first.write(scene.env, 1, text)});
            line.say(Push{.channel = 1,
                          .runs = {{.device = {},
                                    .incarnation = {},
                                    .first = i,
                                    .envelopes = {second.write(scene.env, 1, text)}}}});
        }
    }
    Line line(scene);
    line.greet(0).open();
    Open other{};
    other.space = created->space;
    other.follow = true;
    scene.restart();
    Line reader(scene);
    reader.greet(0);
    scene.host->hold(MemoryRelayHost::Kind::space);
    reader.open().say(other);
    scene.host->release();
    std::vector<Channel> turns;
    for (const auto& message : reader.rest()) {
        if (const auto* deliver = std::get_if<Deliver>(&message)) {
            turns.push_back(deliver->channel);
        }
    }
    REQUIRE(turns.size() >= 8);
    for (std::size_t i = 0; i + 1 < 8; ++i)
        CHECK(turns[i] != turns[i + 1]);
}

TEST_CASE("a space without a right is refused, and so is one that is open already", "[sync]") {
    Scene scene;
    Line line(scene);
    line.greet(1).open();
    line.expect<Opened>();
    line.open();
    CHECK(line.expect<OpenRefused>().code == Code::conflict);
    Open unknown{};
    unknown.space = SpaceId::from(Bytes(16, 9));
    line.say(unknown);
    CHECK(line.expect<OpenRefused>().space == unknown.space);
    // Refused ones have taken a number too.
    Open directory{};
    directory.space = scene.membership->directory();
    line.say(directory);
    CHECK(line.expect<Opened>().channel == 3);
}

TEST_CASE("as many spaces as the limit says may be opened, and no more", "[sync]") {
    Scene scene;
    Line line(scene);
    line.greet(1);
    for (std::size_t i = 0; i < limits::session_spaces_max; ++i) {
        Open open{};
        open.space.bytes[0] = static_cast<std::uint8_t>(i);
        open.space.bytes[1] = static_cast<std::uint8_t>(i >> 8U);
        line.say(open);
    }
    CHECK_FALSE(line.closed());
    line.open();
    CHECK(line.closed() == Code::too_large);
}

TEST_CASE("a word of having seen goes to the others, and to those who come later", "[sync]") {
    Scene scene(4);
    auto pen = scene.pen(1);
    fill(scene, pen, 2);
    const auto end = scene.store.spaces.at({scene.membership->org(), scene.space}).end;
    Line one(scene);
    Line two(scene);
    one.greet(1).open(end);
    one.expect<Opened>();
    two.greet(2).open(end);
    two.expect<Opened>();
    Seen seen{.channel = 0,
              .device = scene.devices[1],
              .incarnation = end.incarnation,
              .position = 2,
              .head = end.head,
              .signature = {}};
    const auto org = scene.membership->org();
    const auto said = crypto::seen_digest(scene.space, end);
    seen.signature = crypto::sign(scene.keys[1].sign(), crypto::Label::seen_sig, org, said);
    one.say(seen);
    one.silence();
    const auto heard = two.expect<Seen>();
    CHECK(heard.signature == seen.signature);
    CHECK(heard.position == 2);

    // Not about this log, of somebody else, or older: nobody hears of it.
    for (auto other : {seen, seen, seen, seen}) {
        static int kind = 0;
        if (kind == 0) other.incarnation.bytes[0] ^= 1;
        if (kind == 1) other.position = 3;
        if (kind == 2) other.device = scene.devices[2];
        if (kind == 3) other.position = 1;
        ++kind;
        one.say(other);
    }
    CHECK(std::holds_alternative<Ping>(two.rest().at(0)));
    two.silence();

    const auto words_for = [&](std::size_t index, bool answers) {
        Line line(scene);
        line.greet(index).open(end);
        line.expect<Opened>();
        std::size_t words = 0;
        for (const auto& message : line.rest()) {
            if (std::holds_alternative<Seen>(message)) ++words;
            if (std::holds_alternative<Ping>(message) && answers) line.say(Pong{});
        }
        line.hang_up();
        return words;
    };
    CHECK(words_for(1, true) == 0);  // its own
    CHECK(words_for(3, false) == 1);
    CHECK(words_for(3, true) == 1);  // perhaps it never got it: again
    CHECK(words_for(3, true) == 0);  // it did
    scene.restart();
    CHECK(words_for(3, true) == 1);  // kept by the store
}
