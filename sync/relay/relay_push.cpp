// SPDX-License-Identifier: Apache-2.0
#include "sync/relay/relay_impl.hpp"

#include <algorithm>

// From a push to its answer: judge (chain_lane), have the signature checked, have it stored with
// everything else that waits, and only then answer.
namespace trellis::sync {
namespace {

std::size_t bytes_of(const crypto::EnvelopeRun& run) {
    std::size_t bytes = 0;
    for (const auto& envelope : run.envelopes)
        bytes += envelope.size();
    return bytes;
}

/// Old work for a relay that has lost it, as far as can be told: the device came from a place
/// in the log that is not there any more, and has not said yet what it holds; or has said it.
bool is_refill(const RelayChannel& channel, const Incarnation& incarnation, Counter first) {
    const auto found = channel.refills.find(incarnation);
    if (found != channel.refills.end()) return first <= found->second;
    return !channel.is_known && !channel.open.incarnation.is_zero();
}

/// The places of envelopes without the envelopes: they are with the store.
SpaceAppend without_bytes(const SpaceAppend& append) {
    SpaceAppend places{.org = append.org,
                       .space = append.space,
                       .incarnation = append.incarnation,
                       .after = append.after,
                       .envelopes = {}};
    places.envelopes.reserve(append.envelopes.size());
    for (const auto& placed : append.envelopes) {
        places.envelopes.push_back({.actor = placed.actor,
                                    .device = placed.device,
                                    .incarnation = placed.incarnation,
                                    .first = placed.first,
                                    .last = placed.last,
                                    .epoch = placed.epoch,
                                    .chain = placed.chain,
                                    .position = placed.position,
                                    .head = placed.head,
                                    .envelope = {}});
    }
    return places;
}

}  // namespace

void Relay::Impl::handle(Session& session, Push& push) {
    std::size_t bytes = 0;
    for (const auto& run : push.runs)
        bytes += bytes_of(run);
    const auto index = push.channel;
    if (index < session.channels.size() &&
        session.channels[index].stage == RelayChannel::Stage::closed) {
        const Error error{Code::denied, "the space is not open for this device"};
        for (const auto& run : push.runs)
            refuse_run(session, index, run, error);
        return;
    }
    auto* channel = channel_for(session, push, bytes);
    if (channel == nullptr) return;
    if (session.pushed + bytes > limits::push_window + limits::frame_max) {
        return refuse(session, Code::too_large, "more was pushed than the window allows");
    }
    for (auto& run : push.runs)
        take_run(session, *channel, run);
}

void Relay::Impl::take_run(Session& session, RelayChannel& channel, crypto::EnvelopeRun& run) {
    const bool is_own = run.device.is_zero() && run.incarnation.is_zero();
    const auto device = is_own ? session.device : run.device;
    const auto incarnation = is_own ? channel.open.own : run.incarnation;
    const bool is_author = device == session.device;
    const auto bytes = bytes_of(run);
    const auto count = run.envelopes.size();
    figures_.pushed += count;
    if (pushed_bytes_ + bytes > options_.pushed_bytes_max) {
        const Error error{Code::busy, "the relay has its hands full: push again in a while"};
        return refuse_run(session, channel.index, run, error);
    }
    if (channel.is_push_only && !is_author) {
        const Error error{Code::denied, "this device may only hand in what it has written itself"};
        return refuse_run(session, channel.index, run, error);
    }
    auto& org = *session.org;
    // A device that lies about it gains no more than it could do with few and large envelopes.
    const bool is_fresh = is_author && !is_refill(channel, incarnation, run.first);
    auto within = quota_.take_push(session.who(), count, bytes, is_fresh, now_);
    if (!within) return refuse_run(session, channel.index, run, within.error());
    session.pushed += bytes;
    pushed_bytes_ += bytes;
    auto& log = *channel.log;
    auto& lane = log.lane(device, incarnation);
    lane.push({.asker = {.session = session.id,
                         .channel = channel.index,
                         .own = is_own,
                         .is_author = is_author},
               .first = run.first,
               .envelopes = std::move(run.envelopes),
               .bytes = bytes,
               .asked = run.first});
    advance(org, log, lane);
    if (lane.is_empty()) log.tidy(device, incarnation);
}

void Relay::Impl::refuse_run(Session& session,
                             Channel channel,
                             const crypto::EnvelopeRun& run,
                             const Error& error) {
    ++figures_.refused;
    send(session,
         PushRefused{.channel = channel,
                     .device = run.device,
                     .incarnation = run.incarnation,
                     .first = run.first,
                     .code = error.code,
                     .message = error.message});
}

void Relay::Impl::advance(OrgLog& org, SpaceLog& log, ChainLane& lane) {
    if (log.is_loading) return;  // space_loaded() goes on
    quota_.take_late({org.id, lane.device()}, lane.take_late_bytes());
    const auto wish =
        lane.step({.membership = *org.membership,
                   .every_signature = options_.every_signature,
                   .late_bytes_left = quota_.late_bytes_left({org.id, lane.device()})});
    give_answers(log, lane, lane.take_answers());
    if (wish == ChainLane::Wish::check) {
        auto checks = lane.take_signature_checks();
        const auto count = checks.size();
        ++org.requests;
        queue_check({.org = &org,
                     .log = &log,
                     .lane = &lane,
                     .checks = std::move(checks),
                     .count = count,
                     .asker = lane.check_asker()});
    } else if (wish == ChainLane::Wish::fetch) {
        const auto ticket = ask(&org, ForLane{.org = &org, .log = &log, .lane = &lane});
        actions_.push_back(FetchChain{.ticket = ticket,
                                      .org = org.id,
                                      .space = log.space(),
                                      .device = lane.device(),
                                      .incarnation = lane.incarnation(),
                                      .after = lane.fetch_after(),
                                      .until = lane.durable().last,
                                      .max_bytes = lane.fetch_bytes()});
    }
}

// Answers ----------------------------------------------------------------------------------

void Relay::Impl::give_answers(SpaceLog& log,
                               const ChainLane& lane,
                               std::vector<RunAnswer> answers) {
    for (std::size_t i = 0; i < answers.size(); ++i) {
        auto& answer = answers[i];
        pushed_bytes_ -= answer.bytes;
        auto* session = find(answer.asker.session);
        if (session == nullptr) continue;
        session->pushed -= answer.bytes;
        // One word for all that was stored together: "up to and with".
        const bool is_covered = i + 1 < answers.size() && answer.kind == RunAnswer::Kind::stored &&
                                answers[i + 1].kind == RunAnswer::Kind::stored &&
                                answers[i + 1].asker == answer.asker &&
                                answers[i + 1].counter >= answer.counter;
        if (!is_covered) give_answer(*session, log, lane, answer);
    }
}

void Relay::Impl::give_answer(Session& session,
                              SpaceLog& log,
                              const ChainLane& lane,
                              const RunAnswer& answer) {
    const auto channel = answer.asker.channel;
    const auto device = answer.asker.own ? DeviceId() : lane.device();
    const auto incarnation = answer.asker.own ? Incarnation() : lane.incarnation();
    const bool is_push_only = session.channels[channel].is_push_only;
    switch (answer.kind) {
        case RunAnswer::Kind::stored:
            send(session,
                 Stored{.channel = channel,
                        .device = device,
                        .incarnation = incarnation,
                        .last = answer.counter,
                        .position = is_push_only ? 0 : log.end().position});
            return;
        case RunAnswer::Kind::need:
            send(session,
                 Need{.channel = channel,
                      .device = device,
                      .incarnation = incarnation,
                      .from = answer.counter});
            return;
        case RunAnswer::Kind::refused:
            ++figures_.refused;
            send(session,
                 PushRefused{.channel = channel,
                             .device = device,
                             .incarnation = incarnation,
                             .first = answer.counter,
                             .code = answer.error.code,
                             .message = answer.error.message});
            return;
    }
}

// Signatures -------------------------------------------------------------------------------

/// A device that has had its share of checks waits; its lane and its window with it.
void Relay::Impl::queue_check(LaneCheck check) {
    const auto* session = find(check.asker);
    const auto at = session == nullptr ? now_
                                       : quota_.take_checks(session->who(), check.count, now_);
    if (at <= now_) {
        checks_.push_back(std::move(check));
    } else {
        later_checks_.emplace(at, std::move(check));
    }
}

void Relay::Impl::count_false(SessionId asker) {
    auto* session = find(asker);
    if (session == nullptr || ++session->false_signatures <= options_.false_signatures_max) return;
    refuse(*session, Code::denied, "too many envelopes that their author has not signed");
}

bool Relay::Impl::pump_checks() {
    while (!later_checks_.empty() && later_checks_.begin()->first <= now_) {
        checks_.push_back(std::move(later_checks_.begin()->second));
        later_checks_.erase(later_checks_.begin());
    }
    if (checks_.empty() || verifies_out_ >= options_.verifies_max) return false;
    ForVerify request;
    Verify verify;
    while (!checks_.empty()) {
        auto& next = checks_.front();
        const bool fits = verify.checks.size() + next.count <= options_.verify_checks_max;
        if (!fits && !verify.checks.empty()) break;
        verify.checks.insert(verify.checks.end(), next.checks.begin(), next.checks.end());
        next.checks.clear();
        request.lanes.push_back(std::move(next));
        checks_.pop_front();
    }
    ++verifies_out_;
    verify.ticket = ask(nullptr, std::move(request));
    actions_.push_back(std::move(verify));
    return true;
}

void Relay::Impl::verified(Ticket ticket, const std::vector<bool>& genuine) {
    const auto request = answer<ForVerify>(ticket);
    if (!request) return;
    --verifies_out_;
    std::size_t at = 0;
    for (const auto& checked : request->lanes) {
        --checked.org->requests;
        bool all = at + checked.count <= genuine.size();
        for (std::size_t i = 0; all && i < checked.count; ++i)
            all = genuine[at + i];
        at += checked.count;
        auto envelopes = checked.lane->checked(all);
        quota_.take_late({checked.org->id, checked.lane->device()}, checked.lane->take_late_bytes());
        if (!all) count_false(checked.asker);
        if (is_over(*checked.org, checked.log->space())) {
            checked.lane->lost(space_is_over());
        } else if (!envelopes.empty()) {
            checked.log->stage(std::move(envelopes));
            queue_append(*checked.org, *checked.log);
        }
        advance(*checked.org, *checked.log, *checked.lane);
    }
}

// The store --------------------------------------------------------------------------------

void Relay::Impl::queue_append(OrgLog& org, SpaceLog& log) {
    if (log.is_append_queued) return;
    log.is_append_queued = true;
    appends_.emplace_back(&org, &log);
}

bool Relay::Impl::pump_appends() {
    if (appends_.empty() || !appends_out_.empty()) return false;
    Append append;
    std::size_t bytes = 0;
    for (auto turns = appends_.size(); turns > 0 && bytes < options_.append_bytes_max; --turns) {
        const auto [org, log] = appends_.front();
        appends_.pop_front();
        if (log->is_loading || log->is_held) {
            appends_.emplace_back(org, log);
            continue;
        }
        log->is_append_queued = false;
        if (!log->has_staged()) continue;
        auto space = log->take_staged();
        for (const auto& placed : space.envelopes)
            bytes += placed.envelope.size();
        log->is_appending = true;
        ++org->requests;
        appends_out_.push_back(
            {.org = org, .log = log, .append = log->wants_tail() ? space : without_bytes(space)});
        append.spaces.push_back(std::move(space));
    }
    if (append.spaces.empty()) return false;
    append.ticket = ask(nullptr, ForAppend{});
    actions_.push_back(std::move(append));
    return true;
}

void Relay::Impl::appended(Ticket ticket, const std::vector<Result<void>>& stored_spaces) {
    if (!answer<ForAppend>(ticket)) return;
    auto outs = std::exchange(appends_out_, {});
    const Error silent{Code::internal, "the store has not said what became of an append"};
    for (std::size_t i = 0; i < outs.size(); ++i) {
        auto& out = outs[i];
        --out.org->requests;
        out.log->is_appending = false;
        if (i >= stored_spaces.size()) {
            not_stored(out, silent);
        } else if (stored_spaces[i]) {
            stored(out);
        } else {
            not_stored(out, stored_spaces[i].error());
        }
        if (out.log->is_stale) load_space(*out.org, *out.log);
    }
}

void Relay::Impl::stored(AppendOut& out) {
    auto& log = *out.log;
    const auto& envelopes = out.append.envelopes;
    figures_.stored += envelopes.size();
    // The last of each chain's envelopes in a row, mostly the only one.
    std::vector<std::pair<ChainLane*, ChainEnd>> ends;
    ends.reserve(envelopes.size());
    for (const auto& placed : envelopes) {
        const ChainEnd end{.last = placed.last, .chain = placed.chain, .epoch = placed.epoch};
        if (!ends.empty() && ends.back().first->device() == placed.device &&
            ends.back().first->incarnation() == placed.incarnation) {
            ends.back().second = end;
        } else {
            ends.emplace_back(&log.lane(placed.device, placed.incarnation), end);
        }
    }
    log.advance(std::move(out.append), options_.tail_bytes_max);
    for (const auto& [lane, end] : ends) {
        lane->stored(end);
        give_answers(log, *lane, lane->take_answers());
    }
    wake_followers(log);
}

void Relay::Impl::not_stored(AppendOut& out, const Error& error) {
    auto& log = *out.log;
    if (error.code == Code::conflict) {
        log.is_stale = true;
        return;
    }
    env_.log("append_failed", to_string(error.code));
    log.drop_staged();
    for (auto& [name, lane] : log.lanes()) {
        lane.lost(error);
        give_answers(log, lane, lane.take_answers());
    }
}

}  // namespace trellis::sync
