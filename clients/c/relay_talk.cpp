// SPDX-License-Identifier: Apache-2.0
#include "clients/c/relay_talk.hpp"

#include <algorithm>

#include "clients/verbs/progress.hpp"
#include "clients/verbs/request.hpp"
#include "core/base/limits.hpp"
#include "sync/device/join_session.hpp"

namespace trellis::c {
namespace {

const Error lost{Code::offline, "the connection ended before everything was said"};

}  // namespace

Result<RelayTalk::Kind> RelayTalk::kind_of(const Json& request) {
    const auto* op = request["op"].string();
    if (op != nullptr && *op == "sync") return Kind::pass;
    if (op != nullptr && *op == "sync_start") return Kind::stay;
    if (op != nullptr && *op == "join") return Kind::join;
    if (op != nullptr && *op == "recover") return Kind::recover;
    return Error{Code::invalid, "a session is for sync, sync_start, join or recover, in `op`"};
}

Result<std::string> RelayTalk::url(clients::Verbs& verbs, const Json& request) {
    TRELLIS_TRY(const auto kind, kind_of(request));
    if (kind == Kind::recover) return clients::text_of(request, "url");
    if (kind == Kind::join) {
        TRELLIS_TRY(const auto text, clients::text_of(request, "invite"));
        TRELLIS_TRY(const auto invite, crypto::parse_invite(text));
        return invite.url;
    }
    TRELLIS_DO(verbs.begin_sync());
    return verbs.replica().url();
}

Result<std::unique_ptr<RelayTalk>> RelayTalk::start(clients::Verbs& verbs, Env& env,
                                                    Memory& memory, const Json& request) {
    TRELLIS_TRY(const auto kind, kind_of(request));
    std::unique_ptr<RelayTalk> talk(new RelayTalk(verbs, env, memory, kind));
    TRELLIS_DO(talk->begin(request));
    talk->settle();
    return talk;
}

Result<void> RelayTalk::begin(const Json& request) {
    const auto now = env_.monotonic_time();
    if (kind_ == Kind::join) {
        TRELLIS_TRY(joining_, verbs_.begin_join(request));
        const auto make_entry = [this](const std::vector<Bytes>& entries) {
            return verbs_.join_entry(*joining_, entries);
        };
        log_ = std::make_unique<sync::JoinSession>(joining_->invite, make_entry,
                                                   sync::SessionTimes{}, env_, now);
    } else if (kind_ == Kind::recover) {
        TRELLIS_TRY(recovering_, verbs_.begin_recover(request));
        const auto make_entries = [this](const std::vector<Bytes>& entries) {
            return verbs_.recover_entries(*recovering_, entries);
        };
        log_ = std::make_unique<sync::RecoverSession>(recovering_->org, std::nullopt,
                                                      recovering_->root.sign.clone(), make_entries,
                                                      sync::SessionTimes{}, env_, now);
    } else {
        TRELLIS_DO(verbs_.begin_sync());
        options_ = memory_.options;
        options_.follow = kind_ == Kind::stay;
        device_ = std::make_unique<sync::DeviceSession>(verbs_.replica(), options_, env_, now);
    }
    return {};
}

void RelayTalk::receive(ByteView frame) {
    if (!is_open_) return;
    if (frame.size() > limits::frame_max) {
        return over(Error{Code::too_large, "the relay sent a message over the limit"});
    }
    const auto now = env_.monotonic_time();
    if (device_ != nullptr) {
        device_->receive(frame, now);
        if (device_->was_welcomed()) memory_.backoff.reset();
    } else {
        log_->receive(frame, now);
    }
    settle();
    if (is_open_ && kind_ == Kind::stay) report();
}

void RelayTalk::heard() {
    if (!is_open_) return;
    if (device_ != nullptr) device_->heard(env_.monotonic_time());
    if (log_ != nullptr) log_->heard(env_.monotonic_time());
}

void RelayTalk::tick() {
    if (!is_open_) return;
    if (device_ != nullptr) device_->tick(env_.monotonic_time());
    if (log_ != nullptr) log_->tick(env_.monotonic_time());
    settle();
}

void RelayTalk::outbox_changed() {
    if (!is_open_ || device_ == nullptr) return;
    device_->outbox_changed(env_.monotonic_time());
    settle();
}

void RelayTalk::hang_up() {
    if (is_open_) over(lost);
}

std::optional<Bytes> RelayTalk::next_frame() {
    if (frames_.empty()) return std::nullopt;
    Bytes frame = std::move(frames_.front());
    frames_.pop_front();
    return frame;
}

std::int64_t RelayTalk::wait_ms() const {
    if (!is_open_) return -1;
    const auto deadline = device_ != nullptr ? device_->deadline() : log_->deadline();
    return std::max<std::int64_t>(deadline - env_.monotonic_time(), 0);
}

/// Takes what the session wants done.
void RelayTalk::settle() {
    bool closes = false;
    for (;;) {
        auto action = device_ != nullptr ? device_->next_action() : log_->next_action();
        if (!action) break;
        if (auto* send = std::get_if<sync::DeviceSend>(&*action)) {
            frames_.push_back(std::move(send->frame));
        } else {
            closes = true;
        }
    }
    const bool is_done = device_ != nullptr ? device_->done() : log_->done();
    if (closes || is_done) over(std::nullopt);
}

void RelayTalk::over(const std::optional<Error>& why) {
    is_open_ = false;
    if (device_ != nullptr) {
        end_sync(why);
    } else {
        end_log(why);
    }
}

void RelayTalk::end_sync(const std::optional<Error>& why) {
    // No session may stand on a replica that is about to go.
    const auto device = std::move(device_);
    const auto next = sync::next_session(*device, options_);
    const auto progress = sync::add_up(memory_.before, device->progress());
    const bool is_done = device->done() && !progress.failure;
    auto failure = progress.failure ? progress.failure : why;
    if (!failure && !is_done) failure = lost;
    // Where the relay knows us neither as a member nor as who brings the organisation, the first
    // answer is the one that helps.
    if (failure && !memory_.first_failure) memory_.first_failure = failure;
    if (failure && !next) failure = memory_.first_failure;
    memory_.options = next.value_or(sync::SessionOptions{});
    memory_.before = next ? progress : sync::SessionProgress{};
    if (!next) memory_.first_failure.reset();
    const bool needs_more = next.has_value();
    const bool stays_away = progress.former || (is_done && kind_ == Kind::pass);
    if (needs_more) {
        redial_ms_ = 0;
    } else if (!stays_away) {
        redial_ms_ = memory_.backoff.next_delay_ms();
    }
    if (kind_ == Kind::stay) {
        Json event = clients::progress_to_json(progress);
        event.set("event", "sync");
        event.set("connected", false);
        if (failure) {
            event.set("code", to_string(failure->code));
            event.set("message", failure->message);
        }
        verbs_.push_event(std::move(event));
    }
    if (failure) return conclude(*failure, false);
    conclude(verbs_.end_sync(progress), is_done && !needs_more);
}

void RelayTalk::end_log(const std::optional<Error>& why) {
    const auto log = std::move(log_);
    if (log->progress().failure) {
        if (kind_ == Kind::recover && recovering_->is_begun &&
            log->progress().failure->code == Code::denied) {
            verbs_.begun_was_denied();
            redial_ms_ = 0;
        }
        return conclude(*log->progress().failure, false);
    }
    if (!log->done()) return conclude(why.value_or(lost), false);
    const clients::Host::Joined joined{log->entries(), log->relay_key()};
    if (kind_ == Kind::join) return conclude(verbs_.end_join(std::move(*joining_), joined), true);
    conclude(verbs_.end_recover(std::move(*recovering_), joined), true);
}

void RelayTalk::conclude(Result<Json> reply, bool is_done) {
    if (reply) {
        reply_ = std::move(*reply);
        reply_.set("ok", true);
    } else {
        reply_ = clients::refusal(reply.error());
    }
    reply_.set("done", reply && is_done);
}

Json RelayTalk::result() const {
    if (!is_open_) return reply_;
    Json reply{Json::Object{}};
    if (device_ != nullptr) {
        reply = clients::progress_to_json(sync::add_up(memory_.before, device_->progress()));
    }
    reply.set("ok", true);
    reply.set("done", false);
    return reply;
}

/// Tells of what has moved since the last time.
void RelayTalk::report() {
    const auto& progress = device_->progress();
    const auto moved = progress.sent + progress.received + (progress.complete ? 1 : 0);
    if (moved == reported_) return;
    reported_ = moved;
    Json event = clients::progress_to_json(progress);
    event.set("event", "sync");
    event.set("connected", true);
    verbs_.push_event(std::move(event));
}

}  // namespace trellis::c
