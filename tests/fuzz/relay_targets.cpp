// SPDX-License-Identifier: Apache-2.0
// The relay's end of every conversation. Frames are sealed here, so that what is mutated lies
// behind the seal; steps that are made of true parts (envelopes, cursors, entries) bring the
// fuzzer to the states that no mutation of bytes would find.
#include <array>
#include <map>

#include "crypto/public/handshake.hpp"
#include "crypto/public/log_roll.hpp"
#include "sync/relay/relay.hpp"
#include "sync/wire/frame.hpp"
#include "tests/fuzz/script.hpp"
#include "tests/fuzz/targets.hpp"
#include "tests/support/memory_relay_host.hpp"
#include "tests/support/organisation.hpp"
#include "tests/support/pen.hpp"
#include "tests/support/people.hpp"

namespace trellis::test {
namespace {

using namespace sync;

constexpr std::int64_t two_days = 2 * 24 * 3'600'000;

enum class Do : std::uint8_t {
    say, say_raw, open, push, fork, seen, vector, entry, line, hang_up, wait, hold, release,
    sockets, fail, restart, elsewhere, count
};

Organisation& organisation() {
    static Organisation organisation;
    return organisation;
}

/// A device's end of one connection.
struct Line {
    SessionId session = 0;
    std::optional<crypto::Channel> channel;
    std::size_t who = 0;
    Pen pen;
};

/// One relay, its store and some connections: what a script plays with.
class Play {
public:
    Play() : secret_(relay_key()), membership_(organisation().membership) {
        store_.orgs[membership_.org()] = organisation().log;
        start();
    }

    void take(const Bytes& bytes) {
        Tape tape(bytes);
        const auto what = static_cast<Do>(tape.u8() % static_cast<std::uint8_t>(Do::count));
        switch (what) {
            case Do::wait: return wait(Time{tape.u16()} * (tape.u8() % 2 == 0 ? 10 : 60'000));
            case Do::hold: return host_->hold(static_cast<MemoryRelayHost::Kind>(tape.u8() % 8));
            case Do::release: return host_->release();
            case Do::sockets: return host_->stop_sockets(tape.u8() % 2 == 0);
            case Do::fail: return fail(tape.u8());
            case Do::restart: return start();
            case Do::elsewhere: return relay_->appended_elsewhere(membership_.org(), space(tape.u8()));
            case Do::line: return connect(tape.u8() % lines_.size(), tape.u8() % 4);
            default: break;
        }
        if (!is_up(current_)) connect(current_, current_);
        if (is_up(current_)) speak(what, tape, *lines_[current_]);
        settle();
    }

    /// Whatever was said before: what is stored fits together, and the next device is served.
    void end() {
        host_->fail_appends({});
        host_->stop_sockets(false);
        host_->release();
        settle();
        check_store();
        wait(two_days);  // nobody's daily share is used up
        for (std::size_t at = 0; at < lines_.size(); ++at) drop(at);
        settle();
        TRELLIS_CHECK(relay_->figures().sessions == 0);
        check_alive();
        check_store();
    }

private:
    void start() {
        lines_ = {};
        host_.reset();
        relay_ = std::make_unique<Relay>(secret_, RelayOptions{}, env_);
        host_ = std::make_unique<MemoryRelayHost>(*relay_, store_);
    }
    [[nodiscard]] bool is_up(std::size_t at) const { return lines_[at].has_value(); }
    [[nodiscard]] SpaceId space(std::uint8_t which) const {
        const auto& org = organisation();
        return which % 4 == 3 ? org.counselling : which % 4 == 2 ? org.directory : org.school;
    }
    [[nodiscard]] static const Person& person(std::size_t who) {
        auto& org = organisation();
        return who % 3 == 0 ? org.bob : who % 3 == 1 ? org.alice : org.carol;
    }

    /// Who: bob, alice, carol; 3 says nothing at all and stays a stranger.
    void connect(std::size_t at, std::size_t who) {
        current_ = at;
        if (is_up(at)) return;
        const auto& key = person(who).key;
        Line line{relay_->connected(now_), {}, who, {key.clone(), key.id(membership_.org()),
                                                     membership_.org(), space(0), {}, 0, {}}};
        line.pen.incarnation.bytes.fill(static_cast<std::uint8_t>(at + 1));
        if (who < 3 && !greet(line)) return relay_->disconnected(line.session);
        lines_[at].emplace(std::move(line));
    }
    bool greet(Line& line) {
        crypto::ClientHandshake handshake(membership_.org(), env_);
        relay_->receive(line.session, handshake.hello(), now_);
        host_->settle();
        const auto answers = host_->take_frames(line.session);
        if (answers.empty()) return false;
        crypto::ProofClaim claim;
        claim.id = crypto::signer(line.pen.device);
        const auto proof = handshake.receive_answer(answers.front(), secret_.key(), claim,
                                                    person(line.who).key.sign());
        TRELLIS_CHECK(proof.has_value());
        line.channel = handshake.take_channel();
        relay_->receive(line.session, *proof, now_);
        host_->settle();
        return true;
    }
    void drop(std::size_t at) {
        if (is_up(at)) relay_->disconnected(lines_[at]->session);
        lines_[at].reset();
    }

    void speak(Do what, Tape& tape, Line& line) {
        if (what == Do::hang_up) return drop(current_);
        if (what == Do::say_raw || !line.channel) {
            return relay_->receive(line.session, tape.rest(), now_);
        }
        if (what == Do::say) {
            const auto frame = line.channel->seal(tape.rest());
            return relay_->receive(line.session, frame, now_);
        }
        if (auto message = made(what, tape, line)) {
            relay_->receive(line.session, line.channel->seal(encode(*message)), now_);
        }
    }

    std::optional<Message> made(Do what, Tape& tape, Line& line) {
        switch (what) {
            case Do::open: return open(tape, line);
            case Do::push: return push(tape, line);
            case Do::fork: return fork(tape, line);
            case Do::seen: return seen(tape, line);
            case Do::vector: return vector(tape);
            default: return entry(tape.u8());
        }
    }
    Message open(Tape& tape, const Line& line) {
        const auto id = space(tape.u8());
        const auto place = tape.u8();
        Open open{.space = id, .incarnation = {}, .position = 0, .head = {},
                  .own = line.pen.incarnation, .follow = tape.u8() % 2 == 0};
        const auto& log = store_.spaces[{membership_.org(), id}];
        if (!log.log.empty() && place > 0) {
            const auto& at = log.log[place % log.log.size()];
            open.incarnation = log.end.incarnation;
            open.position = at.position + (place > 250 ? 1 : 0);
            open.head = short_digest(at.head);
        }
        return open;
    }
    std::optional<Message> push(Tape& tape, Line& line) {
        Push push{static_cast<Channel>(tape.u8() % 3), {{}}};
        auto& run = push.runs.front();
        const auto form = tape.u8();
        if (form % 2 == 0) {
            run.device = line.pen.device;
            run.incarnation = line.pen.incarnation;
        }
        const auto epoch = epoch_of(line.pen.space) + (form % 32 == 31 ? 1U : 0U);
        run.first = line.pen.last + 1;
        for (auto left = 1 + tape.u8() % 3; left > 0; --left) {
            const auto ops = static_cast<std::uint16_t>(1 + tape.u8() % 4);
            run.envelopes.push_back(line.pen.write(env_, ops, as_text(tape.take(16)), epoch));
        }
        before_ = run;
        return push;
    }
    /// What was pushed last, at another place or changed by a byte.
    std::optional<Message> fork(Tape& tape, Line& line) {
        if (before_.envelopes.empty()) return std::nullopt;
        Push push{static_cast<Channel>(tape.u8() % 3), {before_}};
        auto& run = push.runs.front();
        run.first += tape.u8() % 3;
        if (tape.u8() % 2 == 0) line.pen = line.pen.again(tape.u8());
        auto& envelope = run.envelopes[tape.u8() % run.envelopes.size()];
        envelope[tape.u16() % envelope.size()] ^= tape.u8();
        return push;
    }
    Message seen(Tape& tape, const Line& line) {
        const auto& log = store_.spaces[{membership_.org(), line.pen.space}];
        Cursor cursor = log.end;
        cursor.position -= std::min<std::uint64_t>(tape.u8() % 4, cursor.position);
        if (cursor.position > 0) cursor.head = log.log[cursor.position - 1].head;
        Seen seen{static_cast<Channel>(tape.u8() % 3), line.pen.device, cursor.incarnation,
                  cursor.position, cursor.head, {}};
        seen.signature = crypto::sign(person(line.who).key.sign(), crypto::Label::seen_sig,
                                      membership_.org(),
                                      crypto::seen_digest(line.pen.space, cursor));
        return seen;
    }
    Message vector(Tape& tape) {
        Vector vector{static_cast<Channel>(tape.u8() % 3), {}, tape.u8() % 4 == 0};
        const auto skip = tape.u8();
        std::map<std::pair<DeviceId, Incarnation>, ChainHead> heads;
        for (const auto& placed : store_.spaces[{membership_.org(), space(0)}].log) {
            if (skip != 0 && placed.position % skip == 0) continue;
            heads[{placed.device, placed.incarnation}] = {placed.device, placed.incarnation,
                                                          placed.last, short_digest(placed.chain)};
        }
        for (const auto& [name, head] : heads) vector.heads.push_back(head);
        return vector;
    }
    std::optional<Message> entry(std::uint8_t what) {
        follow();
        const auto& alice = organisation().alice;
        crypto::Keyring ring;
        ring.update(membership_, alice.key);
        const crypto::Author author{membership_, ring, alice.key, now_, env_};
        const auto carol = organisation().id(organisation().carol);
        auto entry = what % 3 == 0   ? crypto::rotate(author, space(0))
                     : what % 3 == 1 ? crypto::grant(author, carol, space(0), what / 3 % 8)
                                     : crypto::revoke_device(author, carol, {});
        if (!entry) return std::nullopt;
        return PutEntry{*std::move(entry)};
    }

    void follow() {
        const auto& log = store_.orgs[membership_.org()];
        while (membership_.length() < log.size()) {
            TRELLIS_CHECK(membership_.extend(log[membership_.length()]).has_value());
        }
    }
    std::uint32_t epoch_of(const SpaceId& id) {
        follow();
        return membership_.space(id)->epoch;
    }
    void wait(std::int64_t ms) {
        now_ += ms;
        env_.advance(ms);
        relay_->tick(now_);
        settle();
    }
    void fail(std::uint8_t how) {
        static constexpr std::array codes{Code::conflict, Code::no_space, Code::internal};
        if (how % 4 == 3) return host_->fail_appends({});
        host_->fail_appends(Error{codes[how % 4], "the disk of the test"});
    }

    /// Whatever the relay says can be read by those it says it to.
    void settle() {
        host_->settle();
        for (auto& line : lines_) {
            if (!line) continue;
            for (const auto& frame : host_->take_frames(line->session)) {
                if (!line->channel) continue;
                const auto plain = line->channel->open(frame);
                TRELLIS_CHECK(plain.has_value());
                TRELLIS_CHECK(decode(*plain).has_value());
            }
            if (host_->closed(line->session)) line.reset();
        }
    }

    /// Places without gaps, chains without gaps, every hash the one that follows.
    void check_store() const {
        for (const auto& [name, log] : store_.spaces) {
            std::map<std::pair<DeviceId, Incarnation>, ChainState> ends;
            Digest head;
            std::uint64_t position = 0;
            for (const auto& placed : log.log) {
                auto& end = ends[{placed.device, placed.incarnation}];
                const crypto::EnvelopePlace place{name.first, name.second, placed.actor,
                                                  placed.first, end.chain};
                TRELLIS_CHECK(placed.position == ++position);
                TRELLIS_CHECK(placed.first == end.last + 1 && placed.last >= placed.first);
                TRELLIS_CHECK(placed.chain == crypto::chain_hash(place, placed.envelope));
                head = crypto::next_head(head, position, placed.chain);
                TRELLIS_CHECK(placed.head == head);
                end.last = placed.last;
                end.chain = placed.chain;
            }
        }
    }
    void check_alive() {
        connect(0, 0);
        TRELLIS_CHECK(is_up(0));
        auto& line = *lines_[0];
        line.pen = line.pen.again(0xEE);
        host_->take_frames(line.session);
        say(line, Open{.space = space(0), .incarnation = {}, .position = 0, .head = {},
                       .own = line.pen.incarnation, .follow = false});
        const auto before = store_.spaces[{membership_.org(), space(0)}].log.size();
        const auto envelope = line.pen.write(env_, 1, "alive", epoch_of(space(0)));
        say(line, Push{0, {{{}, {}, 1, {envelope}}}});
        const auto after = store_.spaces[{membership_.org(), space(0)}].log.size();
        TRELLIS_CHECK(after == before + 1);
    }
    void say(Line& line, const Message& message) {
        relay_->receive(line.session, line.channel->seal(encode(message)), now_);
        host_->settle();
    }

    FakeEnv env_{77};
    Time now_ = env_.wall_time();
    crypto::SignSecret secret_;
    crypto::Membership membership_;
    MemoryRelayStore store_;
    std::unique_ptr<Relay> relay_;
    std::unique_ptr<MemoryRelayHost> host_;
    std::array<std::optional<Line>, 3> lines_;
    std::size_t current_ = 0;
    crypto::EnvelopeRun before_;
};

void relay_session(ByteView script) {
    Play play;
    for (const auto& step : steps_of(script)) play.take(step);
    play.end();
}

std::uint8_t code(Do what) { return static_cast<std::uint8_t>(what); }

/// Every message as its fixture has it; and days that go well, and not so well.
std::vector<Bytes> relay_seeds() {
    std::vector<Bytes> seeds;
    const auto open = step(code(Do::open), {0, 0, 0});
    const auto push = step(code(Do::push), {0, 0, 1, 0, 1}, as_bytes("0123456789abcdef"));
    for (const auto& message : hex_seeds("fixtures/frame/v1")) {
        seeds.push_back(script_of({open, push, step(code(Do::say), {}, message)}));
    }
    seeds.push_back(script_of({open, push, push, step(code(Do::line), {1, 1}), open, push,
                               step(code(Do::seen), {0, 0}), step(code(Do::line), {2, 2}),
                               step(code(Do::entry), {1}), open}));
    seeds.push_back(script_of({open, push, step(code(Do::restart)), step(code(Do::open), {0, 1, 0}),
                               step(code(Do::vector), {0, 1, 2}), step(code(Do::fork), {0, 0, 1})}));
    seeds.push_back(script_of({step(code(Do::line), {0, 3}), step(code(Do::say_raw), {}, {})}));
    for (std::uint8_t kind = 0; kind < 8; ++kind) {
        seeds.push_back(script_of({step(code(Do::hold), {kind}), open, push,
                                   step(code(Do::entry), {0}), step(code(Do::wait), {9, 9, 0}),
                                   step(code(Do::fail), {kind}), step(code(Do::release)), push}));
    }
    seeds.push_back(script_of({step(code(Do::sockets), {0}), open, push, push,
                               step(code(Do::elsewhere), {0}), step(code(Do::hang_up))}));
    return seeds;
}

}  // namespace

std::vector<FuzzTarget> relay_targets() {
    return {{"relay_session", &relay_session, &relay_seeds, true, true}};
}

}  // namespace trellis::test
