// SPDX-License-Identifier: Apache-2.0
#include "tests/faultlab/crowd.hpp"

#include <chrono>
#include <optional>
#include <utility>

#include "clients/net/socket.hpp"
#include "core/base/check.hpp"
#include "crypto/public/handshake.hpp"
#include "sync/device/backoff.hpp"
#include "sync/wire/frame.hpp"
#include "tests/faultlab/lab.hpp"

namespace trellis::faultlab {
namespace {

using Clock = std::chrono::steady_clock;

}  // namespace

struct Crowd::Member {
    enum class Stage { away, dialling, greeted, opening, present };

    Member(Env& env, std::size_t number) : backoff(env) {
        own.bytes.fill(0xC0);
        for (std::size_t i = 0; i < 4; ++i) {
            own.bytes.at(i) = static_cast<std::uint8_t>(number >> (8 * i));
        }
    }

    Incarnation own;
    Stage stage = Stage::away;
    sync::Backoff backoff;
    Clock::time_point next;  ///< not dialled before
    std::unique_ptr<clients::ClientSocket> socket;
    std::optional<crypto::ClientHandshake> handshake;
    std::optional<crypto::Channel> channel;
};

Crowd::Crowd(trellis::test::Organisation& organisation, std::string url, std::size_t size)
    : organisation_(organisation), url_(std::move(url)) {
    for (std::size_t i = 0; i < size; ++i) {
        members_.push_back(std::make_unique<Member>(organisation.env, i));
    }
}

Crowd::~Crowd() { drop(); }

bool Crowd::gather(std::size_t at_once) {
    auto end = Clock::now() + patience;
    for (std::size_t most = 0; present_ < members_.size();) {
        const auto now = Clock::now();
        if (present_ > most) {
            most = present_;
            end = now + patience;
        }
        if (now > end) return false;
        for (const auto& member : members_) {
            if (on_their_way_ >= at_once) break;
            if (member->stage == Member::Stage::away && member->next <= now) dial(*member);
        }
        // Something has happened, or somebody's pause may be over.
        const auto before = std::pair(present_, refused_);
        loop_.run_until([&] { return std::pair(present_, refused_) != before; },
                        std::chrono::milliseconds(50));
    }
    return true;
}

void Crowd::drop() {
    for (const auto& member : members_) {
        member->socket.reset();
        member->stage = Member::Stage::away;
        member->next = {};
    }
    on_their_way_ = 0;
    present_ = 0;
    loop_.poll();
}

bool Crowd::run_until(const std::function<bool()>& is_so) {
    return loop_.run_until(is_so, patience);
}

void Crowd::dial(Member& member) {
    clients::SocketEvents events;
    events.on_open = [this, &member] {
        member.handshake.emplace(organisation_.org(), organisation_.env);
        static_cast<void>(member.socket->send(member.handshake->hello()));
    };
    events.on_message = [this, &member](const Bytes& frame) { received(member, frame); };
    events.on_closed = [this, &member](const auto& /*why*/) { ended(member); };
    member.stage = Member::Stage::dialling;
    ++on_their_way_;
    auto socket = clients::ClientSocket::start(loop_, url_, {}, std::move(events));
    TRELLIS_CHECK(socket.has_value());
    member.socket = std::move(*socket);
}

void Crowd::received(Member& member, const Bytes& frame) {
    if (member.stage != Member::Stage::dialling) return opened(member, frame);
    crypto::ProofClaim claim;
    claim.kind = crypto::ProofKind::device;
    claim.id = organisation_.signer(organisation_.alice);
    auto proof = member.handshake->receive_answer(
        frame, std::nullopt, claim, organisation_.alice.key.sign());
    TRELLIS_CHECK(proof.has_value());
    member.channel.emplace(member.handshake->take_channel());
    member.handshake.reset();
    member.stage = Member::Stage::greeted;
    static_cast<void>(member.socket->send(std::move(*proof)));
}

/// The channel is: Welcome, then Opened, then what others write.
void Crowd::opened(Member& member, const Bytes& frame) {
    const auto plain = member.channel->open(frame);
    TRELLIS_CHECK(plain.has_value());
    const auto message = sync::decode(*plain);
    TRELLIS_CHECK(message.has_value());
    const auto say = [&member](const sync::Message& what) {
        static_cast<void>(member.socket->send(member.channel->seal(sync::encode(what))));
    };
    if (std::holds_alternative<sync::Welcome>(*message)) {
        member.stage = Member::Stage::opening;
        member.backoff.reset();
        say(sync::Credit{limits::credit_default});
        sync::Open open;
        open.space = organisation_.school;
        open.own = member.own;
        open.follow = true;
        say(open);
    } else if (std::holds_alternative<sync::Opened>(*message)) {
        member.stage = Member::Stage::present;
        --on_their_way_;
        ++present_;
    } else if (const auto* deliver = std::get_if<sync::Deliver>(&*message)) {
        for (const auto& run : deliver->runs) delivered_ += run.envelopes.size();
    }
}

void Crowd::ended(Member& member) {
    if (member.stage == Member::Stage::present) {
        --present_;
    } else {
        --on_their_way_;
    }
    ++refused_;
    member.stage = Member::Stage::away;
    member.next = Clock::now() + std::chrono::milliseconds(member.backoff.next_delay_ms());
}

}  // namespace trellis::faultlab
