// SPDX-License-Identifier: Apache-2.0
#include "sync/device/courier_session.hpp"

#include <algorithm>
#include <utility>

#include "sync/wire/frame.hpp"

namespace trellis::sync {
namespace {

/// A relay that asks for the same chain again and again has lost what we send.
constexpr unsigned needs_max = 3;
/// Of envelopes in one Push, aimed at.
constexpr std::size_t piece_bytes = limits::page_max;
static_assert(piece_bytes + crypto::envelope_overhead <= message_max);

}  // namespace

CourierSession::CourierSession(CourierOrder order, const SessionTimes& times, Env& env, Time now)
    : order_(std::move(order)), line_(order_.org, times, progress_, env, now) {
    for (const auto& chain : order_.chains) {
        results_.push_back(
            {.space = chain.space, .own = chain.own, .stored = 0, .refused = std::nullopt});
    }
}

void CourierSession::receive(ByteView frame, Time now) {
    if (line_.is_closed()) return;
    if (line_.stage() == Line::Stage::greeting) {
        const auto shaken = shake_hands(frame, now);
        if (!shaken) fail(shaken.error());
        return;
    }
    const auto message = line_.receive(frame, now);
    if (!message) return fail(message.error());
    const auto went = *message ? take(**message) : Result<void>();
    if (!went) return fail(went.error());
    line_.wait_for_answer(is_waiting_, now);
}

Result<void> CourierSession::shake_hands(ByteView frame, Time now) {
    crypto::ProofClaim claim;
    claim.kind = crypto::ProofKind::courier;
    claim.id = crypto::signer(order_.seat);
    claim.sign_key = order_.installation.key();
    claim.bind = order_.bind;
    return line_.receive_answer(frame, {order_.relay_key, claim, order_.installation}, now);
}

Result<void> CourierSession::take(const Message& message) {
    if (const auto* welcome = std::get_if<Welcome>(&message)) {
        window_ = std::min<std::size_t>(welcome->push_window, piece_bytes);
        return begin();
    }
    if (std::holds_alternative<EntryNews>(message)) return {};
    if (!is_waiting_) return Error{Code::invalid, "the relay answered what nobody had asked"};
    if (const auto* opened = std::get_if<Opened>(&message)) return receive(*opened);
    if (const auto* stored = std::get_if<Stored>(&message)) return receive(*stored);
    if (const auto* need = std::get_if<Need>(&message)) return receive(*need);
    if (const auto* no = std::get_if<OpenRefused>(&message)) {
        refused({no->code, no->message});
        return begin();
    }
    if (const auto* no = std::get_if<PushRefused>(&message)) {
        refused({no->code, no->message});
        return begin();
    }
    return Error{Code::invalid, "the relay said something that has no place here"};
}

Result<void> CourierSession::begin() {
    if (at_ == order_.chains.size()) {
        finish();
        return {};
    }
    if (at_ == limits::session_spaces_max) {
        return Error{Code::too_large, "more chains than one connection can carry"};
    }
    const auto& chain = order_.chains[at_];
    TRELLIS_DO(load(chain));
    needs_ = 0;
    line_.send(Open{.space = chain.space,
                    .incarnation = {},
                    .position = 0,
                    .head = {},
                    .own = chain.own,
                    .follow = false});
    is_waiting_ = true;
    return {};
}

Result<void> CourierSession::load(const CourierChain& chain) {
    items_.clear();
    for (const auto& run : chain.runs) {
        Counter next = run.first;
        for (const auto& envelope : run.envelopes) {
            TRELLIS_TRY(const auto header, crypto::parse_envelope(envelope));
            const Counter last = next + header.ops - 1;
            items_.push_back({.first = next, .last = last, .envelope = envelope});
            next = last + 1;
        }
    }
    return {};
}

Result<void> CourierSession::receive(const Opened& opened) {
    if (opened.channel != at_) return Error{Code::invalid, "the relay opened another space"};
    push_from(opened.own_last);
    return is_waiting_ ? Result<void>() : begin();
}

Result<void> CourierSession::receive(const Stored& stored) {
    if (stored.channel != at_) return Error{Code::invalid, "the relay stored in another space"};
    for (const auto& item : items_) {
        if (item.last > result().stored && item.last <= stored.last) ++progress_.sent;
    }
    needs_ = 0;
    push_from(stored.last);
    return is_waiting_ ? Result<void>() : begin();
}

Result<void> CourierSession::receive(const Need& need) {
    if (need.channel != at_ || need.from == 0) {
        return Error{Code::invalid, "the relay needs something of another space"};
    }
    const bool has_it = std::any_of(items_.begin(), items_.end(), [&](const Item& item) {
        return item.first == need.from;
    });
    if (!has_it || ++needs_ > needs_max) {
        refused({Code::not_found, "the relay lacks an earlier part of this chain"});
        return begin();
    }
    push_from(need.from - 1);
    return {};
}

/// Sends the next piece, or ends the chain where none is left.
void CourierSession::push_from(Counter after) {
    const Counter held = items_.empty() ? 0 : items_.back().last;
    if (needs_ == 0) result().stored = std::max(result().stored, std::min(after, held));
    Push push{.channel = static_cast<Channel>(at_), .runs = {}};
    crypto::EnvelopeRun run;
    std::size_t bytes = 0;
    for (const auto& item : items_) {
        if (item.first <= after) continue;
        bytes += item.envelope.size() + envelope_length_size;
        const bool is_full = bytes > window_ || run.envelopes.size() == limits::page_envelopes_max;
        if (!run.envelopes.empty() && is_full) break;
        if (run.envelopes.empty()) run.first = item.first;
        run.envelopes.push_back(item.envelope);
    }
    if (run.envelopes.empty()) return end_chain();
    push.runs.push_back(std::move(run));
    line_.send(push);
    is_waiting_ = true;
}

void CourierSession::refused(Error why) {
    result().refused = std::move(why);
    end_chain();
}

void CourierSession::end_chain() {
    is_waiting_ = false;
    items_.clear();
    ++at_;
}

void CourierSession::finish() {
    progress_.complete = std::none_of(results_.begin(), results_.end(),
                                      [](const auto& chain) { return chain.refused.has_value(); });
    is_done_ = true;
    line_.close();
}

void CourierSession::tick(Time now) {
    const auto alive = line_.tick(now);
    if (!alive) fail(alive.error());
}

void CourierSession::fail(const Error& error) {
    progress_.complete = false;
    progress_.failure = error;
    line_.fail(error);
}

}  // namespace trellis::sync
