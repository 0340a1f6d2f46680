// SPDX-License-Identifier: Apache-2.0
#include "sync/relay/relay.hpp"

#include "sync/relay/relay_impl.hpp"
#include "sync/wire/frame.hpp"

#include <algorithm>
#include <limits>
#include <utility>

namespace trellis::sync {

// Connections ------------------------------------------------------------------------------

SessionId Relay::Impl::connected(Time now) {
    now_ = now;
    const auto id = ++last_session_;
    auto& session = sessions_.try_emplace(id, id, server_, env_).first->second;
    session.deadline = now + options_.proof_deadline_ms;
    deadlines_.insert({session.deadline, id});
    return id;
}

void Relay::Impl::receive(SessionId id, ByteView frame, Time now) {
    now_ = now;
    auto* session = find(id);
    if (session == nullptr) return;
    if (session->stage == Session::Stage::ready) {
        read_message(*session, frame);
    } else {
        greet(*session, frame);
    }
}

void Relay::Impl::read_message(Session& session, ByteView frame) {
    if (frame.size() > limits::frame_max) {
        return refuse(session, Code::too_large, "a frame is over the limit");
    }
    auto opened = session.channel->open(frame);
    if (!opened) return doom(session, opened.error().code);
    auto message = decode(*opened);
    if (!message) return refuse(session, std::move(message).error());
    dispatch(session, *message);
}

void Relay::Impl::dispatch(Session& session, Message& message) {
    if (session.is_doomed) return;
    std::visit([&](auto& value) { handle(session, value); }, message);
}

template <class T>
void Relay::Impl::handle(Session& session, T& /*message*/) {
    refuse(session, Code::invalid, "that message only goes from a relay to a device");
}

void Relay::Impl::handle(Session& session, Bye& /*bye*/) {
    doom(session, Code::offline);
}

void Relay::Impl::written(SessionId id, std::size_t bytes) {
    auto* session = find(id);
    if (session == nullptr) return;
    session->outgoing -= std::min(session->outgoing, bytes);
    queue_turn(*session);
}

void Relay::Impl::disconnected(SessionId id) {
    auto* session = find(id);
    if (session == nullptr) return;
    for (auto& channel : session->channels)
        close_channel(*session, channel);
    end_leases(*session);
    if (session->org != nullptr) {
        session->org->sessions.erase(id);
        session->org->idle_since = now_;
    }
    for (auto& [org_id, org] : orgs_)
        std::erase(org.greeting, id);
    deadlines_.erase({session->deadline, id});
    sessions_.erase(id);
}

RelaySession* Relay::Impl::find(SessionId id) {
    const auto found = sessions_.find(id);
    return found == sessions_.end() ? nullptr : &found->second;
}

// Sending ----------------------------------------------------------------------------------

std::size_t Relay::Impl::send(Session& session, const Message& message) {
    if (session.is_doomed) return 0;
    auto frame = session.channel->seal(encode(message));
    const auto size = frame.size();
    send_raw(session, std::move(frame));
    if (session.outgoing > options_.outgoing_bytes_drop) doom(session, Code::busy);
    return size;
}

void Relay::Impl::send_raw(Session& session, Bytes frame) {
    session.outgoing += frame.size();
    actions_.push_back(Send{.session = session.id, .frame = std::move(frame)});
}

void Relay::Impl::refuse(Session& session, Code code, std::string message) {
    if (session.is_doomed) return;
    if (session.channel) {
        const Bye bye{.code = code, .message = std::move(message)};
        send_raw(session, session.channel->seal(encode(bye)));
    }
    doom(session, code);
}

void Relay::Impl::refuse(Session& session, Error error) {
    refuse(session, error.code, std::move(error.message));
}

void Relay::Impl::doom(Session& session, Code code) {
    if (session.is_doomed) return;
    session.is_doomed = true;
    session.doom = code;
    doomed_.push_back(session.id);
}

void Relay::Impl::bury() {
    for (const auto id : std::exchange(doomed_, {})) {
        const auto* session = find(id);
        if (session == nullptr) continue;
        actions_.push_back(Close{.session = id, .code = session->doom});
        disconnected(id);
    }
}

void Relay::Impl::shut_down() {
    for (auto& [id, session] : sessions_) {
        refuse(session, Code::offline, "the relay is shutting down; connect again in a while");
    }
}

// Requests ---------------------------------------------------------------------------------

Ticket Relay::Impl::ask(OrgLog* org, Purpose purpose) {
    if (org != nullptr) ++org->requests;
    const auto ticket = ++last_ticket_;
    requests_.emplace(ticket, std::move(purpose));
    return ticket;
}

// Time -------------------------------------------------------------------------------------

void Relay::Impl::tick(Time now) {
    now_ = now;
    while (!deadlines_.empty() && deadlines_.begin()->first <= now) {
        const auto id = deadlines_.begin()->second;
        deadlines_.erase(deadlines_.begin());
        if (auto* session = find(id)) {
            refuse(*session, Code::timeout, "the proof of membership took too long");
        }
    }
    forget_orgs();
}

void Relay::Impl::forget_orgs() {
    std::erase_if(orgs_, [this](const auto& entry) {
        const auto& org = entry.second;
        if (!org.is_idle()) return false;
        if (org.membership && now_ < org.idle_since + options_.forget_ms) return false;
        quota_.forget_late(entry.first);
        return true;
    });
}

Time Relay::Impl::deadline() const {
    auto next = std::numeric_limits<Time>::max();
    if (!deadlines_.empty()) next = deadlines_.begin()->first;
    if (!later_checks_.empty()) next = std::min(next, later_checks_.begin()->first);
    for (const auto& [id, org] : orgs_) {
        if (org.is_idle()) next = std::min(next, org.idle_since + options_.forget_ms);
    }
    return next;
}

std::optional<RelayAction> Relay::Impl::next_action() {
    while (actions_.empty()) {
        if (!pump()) return std::nullopt;
        bury();
    }
    auto action = std::move(actions_.front());
    actions_.pop_front();
    return action;
}

bool Relay::Impl::pump() {
    return pump_checks() || pump_appends() || pump_deliveries();
}

RelayFigures Relay::Impl::figures() const {
    auto figures = figures_;
    figures.sessions = sessions_.size();
    figures.orgs = orgs_.size();
    for (const auto& [id, org] : orgs_)
        figures.spaces += org.spaces.size();
    return figures;
}

// The door ---------------------------------------------------------------------------------

Relay::Relay(const crypto::SignSecret& server, const RelayOptions& options, Env& env)
    : impl_(std::make_unique<Impl>(server, options, env)) {}
Relay::~Relay() = default;

SessionId Relay::connected(Time now) {
    return impl_->connected(now);
}
void Relay::receive(SessionId session, ByteView frame, Time now) {
    impl_->receive(session, frame, now);
    impl_->bury();
}
void Relay::written(SessionId session, std::size_t bytes) {
    impl_->written(session, bytes);
}
void Relay::disconnected(SessionId session) {
    impl_->disconnected(session);
}
void Relay::org_loaded(Ticket ticket, Result<std::vector<Bytes>> entries) {
    impl_->org_loaded(ticket, std::move(entries));
    impl_->bury();
}
void Relay::entry_appended(Ticket ticket, Result<void> stored) {
    impl_->entry_appended(ticket, stored);
    impl_->bury();
}
void Relay::space_loaded(Ticket ticket, Result<LoadedSpace> space) {
    impl_->space_loaded(ticket, space);
    impl_->bury();
}
void Relay::appended(Ticket ticket, std::vector<Result<void>> stored) {
    impl_->appended(ticket, stored);
    impl_->bury();
}
void Relay::caught_up(Ticket ticket, Result<LogPage> page) {
    impl_->caught_up(ticket, std::move(page));
    impl_->bury();
}
void Relay::chain_fetched(Ticket ticket, Result<ChainPage> page) {
    impl_->chain_fetched(ticket, std::move(page));
    impl_->bury();
}
void Relay::head_found(Ticket ticket, Result<Digest> head) {
    impl_->head_found(ticket, head);
    impl_->bury();
}
void Relay::verified(Ticket ticket, const std::vector<bool>& genuine) {
    impl_->verified(ticket, genuine);
    impl_->bury();
}
Ticket Relay::submit(const OrgId& org, const crypto::InboxId& inbox, Bytes submission,
                     std::optional<std::uint64_t> proof, Time now) {
    return impl_->submit(org, inbox, std::move(submission), proof, now);
}
Ticket Relay::find_inbox(const OrgId& org, const crypto::InboxId& inbox, Time now) {
    return impl_->find_inbox(org, inbox, now);
}
void Relay::submission_stored(Ticket ticket, const Result<void>& stored) {
    impl_->submission_stored(ticket, stored);
    impl_->bury();
}
void Relay::submissions_loaded(Ticket ticket, Result<std::vector<SubmissionItem>> items) {
    impl_->submissions_loaded(ticket, std::move(items));
    impl_->bury();
}
void Relay::submissions_dropped(Ticket ticket) {
    impl_->submissions_dropped(ticket);
    impl_->bury();
}
void Relay::space_shredded(Ticket ticket, const Result<void>& done) {
    impl_->space_shredded(ticket, done);
    impl_->bury();
}
void Relay::appended_elsewhere(const OrgId& org, const SpaceId& space) {
    impl_->appended_elsewhere(org, space);
    impl_->bury();
}
void Relay::shut_down() {
    impl_->shut_down();
    impl_->bury();
}
void Relay::tick(Time now) {
    impl_->tick(now);
    impl_->bury();
}
std::optional<RelayAction> Relay::next_action() {
    return impl_->next_action();
}
Time Relay::deadline() const {
    return impl_->deadline();
}
RelayFigures Relay::figures() const {
    return impl_->figures();
}

}  // namespace trellis::sync
