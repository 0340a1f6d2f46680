// SPDX-License-Identifier: Apache-2.0
// The device's end of a conversation, on a real replica, with a relay that says whatever the
// script says under the right seal. Afterwards an honest relay must be able to bring everything
// home: nothing that a liar says may lose what was written.
#include <algorithm>
#include <set>

#include "core/query/query.hpp"
#include "crypto/public/handshake.hpp"
#include "sync/device/device_session.hpp"
#include "sync/wire/frame.hpp"
#include "tests/fuzz/office.hpp"
#include "tests/fuzz/script.hpp"
#include "tests/fuzz/targets.hpp"
#include "tests/support/people.hpp"

namespace trellis::test {
namespace {

using namespace sync;

enum class Do : std::uint8_t {
    say, say_raw, welcome, opened, deliver, stored, need, refuse, want, entries, answer, receipt,
    seen, write, wait, count
};

/// A tablet in the middle of its work, and the liar it talks to.
class Play {
public:
    Play() : desk_(Office::get().tablet()), store_(Office::get().store()), secret_(relay_key()) {
        TRELLIS_CHECK(desk_.open().has_value());
        write("before");
        SessionOptions options;
        session_.emplace(desk_.replica(), options, desk_.env, now_);
        shake();
    }

    void take(const Bytes& bytes) {
        Tape tape(bytes);
        const auto what = static_cast<Do>(tape.u8() % static_cast<std::uint8_t>(Do::count));
        if (what == Do::write) {
            write(as_text(tape.take(8)));
            session_->outbox_changed(now_);
        } else if (what == Do::wait) {
            now_ += tape.u16() * 10;
            session_->tick(now_);
        } else if (what == Do::say_raw) {
            session_->receive(tape.rest(), now_);
        } else if (what == Do::say) {
            session_->receive(channel_->seal(tape.rest()), now_);
        } else {
            session_->receive(channel_->seal(encode(made(what, tape))), now_);
        }
        listen();
    }

    void end() {
        session_.reset();
        auto& replica = desk_.replica();
        auto progress = honest_pass(replica, store_, desk_.env);
        for (int more = 0; more < 3 && !progress.complete; ++more) {
            progress = honest_pass(replica, store_, desk_.env);
        }
        TRELLIS_CHECK(progress.complete);
        for (const auto& state : replica.sync_spaces()) {
            TRELLIS_CHECK(state.stored == state.sealed);
            TRELLIS_CHECK(state.former.empty());
        }
        const auto left = replica.seal();
        TRELLIS_CHECK(left.has_value() && *left == 0);
        const auto shown = names();
        TRELLIS_CHECK(
            std::includes(shown.begin(), shown.end(), written_.begin(), written_.end()));
        const auto problems = replica.check();
        TRELLIS_CHECK(problems.has_value() && problems->empty());
    }

private:
    void write(std::string_view text) {
        Json fields;
        fields.set("name", is_utf8(text) ? std::string(text) : std::string("?"));
        const auto& space = Office::get().space();
        const auto done = desk_.replica().write(space, {core::PutRecord{space, "other", fields, {}}});
        if (done) written_.insert(*fields["name"].string());
    }
    [[nodiscard]] std::multiset<std::string> names() {
        core::ListRequest request;
        request.type = "other";
        const auto rows = core::list_records(desk_.replica(), request);
        TRELLIS_CHECK(rows.has_value());
        std::multiset<std::string> names;
        for (const auto& row : *rows->array()) names.insert(*row["fields"]["name"].string());
        return names;
    }

    void shake() {
        crypto::ServerHandshake handshake(secret_, desk_.env);
        const auto answer = handshake.receive_hello(next_frame());
        TRELLIS_CHECK(answer.has_value());
        session_->receive(*answer, now_);
        TRELLIS_CHECK(handshake.receive_proof(next_frame()).has_value());
        channel_ = handshake.take_channel();
    }
    Bytes next_frame() {
        auto action = session_->next_action();
        TRELLIS_CHECK(action && std::holds_alternative<DeviceSend>(*action));
        return std::get<DeviceSend>(std::move(*action)).frame;
    }
    void listen() {
        while (auto action = session_->next_action()) {
            const auto* send = std::get_if<DeviceSend>(&*action);
            if (send == nullptr) continue;
            const auto plain = channel_->open(send->frame);
            TRELLIS_CHECK(plain.has_value());
            const auto message = decode(*plain);
            TRELLIS_CHECK(message.has_value());
            if (const auto* open = std::get_if<Open>(&*message)) opens_.push_back(*open);
            if (const auto* push = std::get_if<Push>(&*message)) last_push_ = *push;
        }
    }

    [[nodiscard]] const OrgId& org() const { return store_.orgs.begin()->first; }
    [[nodiscard]] const MemoryRelayStore::Space& log(Channel channel) {
        const auto& space = channel < opens_.size() ? opens_[channel].space : Office::get().space();
        return store_.spaces[{org(), space}];
    }

    Message made(Do what, Tape& tape) {
        switch (what) {
            case Do::welcome: return welcome(tape);
            case Do::opened: return opened(tape);
            case Do::deliver: return deliver(tape);
            case Do::stored:
            case Do::need:
            case Do::refuse: return about_push(what, tape);
            case Do::want: return want(tape);
            case Do::entries: return entries(tape);
            case Do::answer:
                return EntryAnswer{tape.u8() % 2 == 0, static_cast<Code>(tape.u8() % 12), "no",
                                   tape.u8(), {}};
            case Do::receipt: return receipt(tape);
            default: return seen(tape);
        }
    }
    Welcome welcome(Tape& tape) {
        const auto& membership = desk_.replica().membership();
        const auto form = tape.u8();
        return {.time = form % 4 == 3 ? Time{tape.u32()} * 1000 : desk_.env.wall_time(),
                .log_length = membership.length() + form % 3,
                .log_head = membership.head(),
                .push_window = form % 8 == 7 ? tape.u32() : 1U << 20U};
    }
    Opened opened(Tape& tape) {
        const auto channel = static_cast<Channel>(tape.u8() % 3);
        const auto form = tape.u8();
        const auto& end = log(channel).end;
        return {.channel = channel,
                .known = form % 2 == 0,
                .incarnation = end.incarnation,
                .position = end.position + tape.u8() % 3,
                .head = short_digest(end.head),
                .own_last = form % 4 == 3 ? tape.u8() : Counter{0},
                .own_chain = {}};
    }
    Deliver deliver(Tape& tape) {
        Deliver page;
        page.channel = static_cast<Channel>(tape.u8() % 3);
        const auto& log = this->log(page.channel);
        const auto form = tape.u8();
        const auto size = log.log.size();
        page.repair = form % 4 == 3;
        page.last = form % 2 == 0;
        page.from = tape.u8() % (size + 1);
        page.to = std::min<std::uint64_t>(page.from + tape.u8() % 8, size);
        for (auto at = page.from; at < page.to; ++at) {
            const auto& placed = log.log[at];
            page.runs.push_back({placed.device, placed.incarnation, placed.first,
                                 {placed.envelope}});
        }
        if (page.to > 0) page.head = log.log[page.to - 1].head;
        if (form / 4 % 4 == 3) spoil(page, tape);
        return page;
    }
    static void spoil(Deliver& page, Tape& tape) {
        if (page.runs.empty()) return;
        auto& run = page.runs[tape.u8() % page.runs.size()];
        auto& envelope = run.envelopes.front();
        switch (tape.u8() % 4) {
            case 0: run.first += tape.u8(); break;
            case 1: run.envelopes.push_back(Bytes(envelope)); break;
            case 2: run.device.bytes[0] ^= 1; break;
            default: envelope[tape.u16() % envelope.size()] ^= tape.u8();
        }
    }
    Message about_push(Do what, Tape& tape) {
        const auto form = tape.u8();
        crypto::EnvelopeRun run;
        if (!last_push_.runs.empty()) run = last_push_.runs[form % last_push_.runs.size()];
        const auto channel = form % 16 == 15 ? Channel(form % 3) : last_push_.channel;
        const Counter at = run.first + tape.u8() % 4;
        if (what == Do::stored) return Stored{channel, run.device, run.incarnation, at, tape.u8()};
        if (what == Do::need) return Need{channel, run.device, run.incarnation, at};
        static constexpr std::array codes{Code::denied, Code::fork, Code::corrupt, Code::no_space};
        return PushRefused{channel, run.device, run.incarnation, run.first, codes[form % 4], "no"};
    }
    Want want(Tape& tape) {
        Want want;
        want.channel = static_cast<Channel>(tape.u8() % 3);
        for (const auto& placed : log(want.channel).log) {
            if (tape.u8() % 2 == 0) continue;
            want.heads.push_back({placed.device, placed.incarnation, placed.last - tape.u8() % 2,
                                  short_digest(placed.chain)});
        }
        return want;
    }
    Entries entries(Tape& tape) {
        const auto& all = store_.orgs.begin()->second;
        Entries entries;
        entries.from = tape.u8() % (all.size() + 2);
        for (auto at = entries.from; at < all.size(); ++at) entries.entries.push_back(all[at]);
        entries.more = tape.u8() % 4 == 3;
        return entries;
    }
    ReceiptIs receipt(Tape& tape) {
        ReceiptIs is;
        is.channel = static_cast<Channel>(tape.u8() % 3);
        is.receipt.cursor = log(is.channel).end;
        is.receipt.cursor.position -= std::min<std::uint64_t>(is.receipt.cursor.position,
                                                              tape.u8() % 3);
        is.receipt.log_length = desk_.replica().membership().length() + tape.u8() % 2;
        is.receipt.log_head = desk_.replica().membership().head();
        is.receipt.space = is.channel < opens_.size() ? opens_[is.channel].space : SpaceId{};
        crypto::sign_receipt(secret_, org(), is.receipt);
        is.receipt.space = {};
        return is;
    }
    Seen seen(Tape& tape) {
        const auto channel = static_cast<Channel>(tape.u8() % 3);
        const auto& all = log(channel).seen;
        Seen seen = all.empty() ? Seen{} : all.begin()->second;
        seen.channel = channel;
        seen.position += tape.u8() % 3;
        return seen;
    }

    Desk desk_;
    MemoryRelayStore store_;
    crypto::SignSecret secret_;
    Time now_ = 1'000;
    std::optional<DeviceSession> session_;
    std::optional<crypto::Channel> channel_;
    std::vector<Open> opens_;
    Push last_push_;
    /// Not by dot: who is told that it has gone back in time says its work again under another.
    std::multiset<std::string> written_;
};

void device_session(ByteView script) {
    Play play;
    for (const auto& step : steps_of(script)) play.take(step);
    play.end();
}

std::uint8_t code(Do what) { return static_cast<std::uint8_t>(what); }

std::vector<Bytes> device_seeds() {
    std::vector<Bytes> seeds;
    const auto welcome = step(code(Do::welcome), {0});
    const std::vector<Bytes> both{step(code(Do::opened), {0, 0, 0}), step(code(Do::opened), {1, 0, 0})};
    std::vector<Bytes> begun{welcome};
    begun.insert(begun.end(), both.begin(), both.end());
    const auto with = [&](std::vector<Bytes> more) {
        auto steps = begun;
        steps.insert(steps.end(), more.begin(), more.end());
        seeds.push_back(script_of(steps));
    };
    for (const auto& message : hex_seeds("fixtures/frame/v1")) {
        with({step(code(Do::say), {}, message)});
    }
    for (std::uint8_t channel = 0; channel < 2; ++channel) {
        with({step(code(Do::deliver), {channel, 0, 0, 7}), step(code(Do::stored), {0, 0, 1}),
              step(code(Do::write), {}, as_bytes("later")), step(code(Do::stored), {0, 1, 2})});
        with({step(code(Do::need), {0, 0}), step(code(Do::refuse), {channel}),
              step(code(Do::receipt), {channel, 0, 0}), step(code(Do::seen), {channel, 1})});
        with({step(code(Do::want), {channel, 1, 0, 1, 1}), step(code(Do::entries), {0, 0}),
              step(code(Do::deliver), {channel, 12, 1, 3, 0, 2}),
              step(code(Do::answer), {1, 3, 4}), step(code(Do::wait), {255, 255})});
        seeds.push_back(script_of({step(code(Do::welcome), {1}), step(code(Do::entries), {0, 0}),
                                   step(code(Do::opened), {channel, 1, 0}),
                                   step(code(Do::deliver), {channel, 3, 0, 7})}));
    }
    seeds.push_back(script_of({step(code(Do::say_raw), {1, 2, 3})}));
    return seeds;
}

}  // namespace

std::vector<FuzzTarget> device_targets() {
    return {{"device_session", &device_session, &device_seeds, true, true}};
}

}  // namespace trellis::test
