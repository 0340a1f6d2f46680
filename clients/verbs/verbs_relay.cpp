// SPDX-License-Identifier: Apache-2.0
// The verbs that talk with the relay: what comes before the conversation, and what after.
#include "clients/verbs/progress.hpp"
#include "clients/verbs/request.hpp"
#include "clients/verbs/spaces.hpp"
#include "clients/verbs/verbs.hpp"

namespace trellis::clients {
namespace {

constexpr std::int64_t deadline_default_ms = 60'000;

const Error has_one{Code::conflict, "this device belongs to an organisation already"};

}  // namespace

// Joining ------------------------------------------------------------------------------------

Result<Verbs::Joining> Verbs::begin_join(const Json& request) {
    TRELLIS_TRY(const auto text, text_of(request, "invite"));
    TRELLIS_TRY(auto name, text_of(request, "name"));
    TRELLIS_TRY(auto invite, crypto::parse_invite(text));
    if (replica_->has_org()) return has_one;
    TRELLIS_TRY(auto key, replica_->joining_key());
    return Joining{std::move(invite), std::move(key), std::move(name)};
}

Result<Bytes> Verbs::join_entry(const Joining& joining, const std::vector<Bytes>& entries) {
    return replica_->join_entry(joining.invite, joining.key, joining.name, entries);
}

Result<Json> Verbs::end_join(Joining joining, const Host::Joined& joined) {
    if (replica_->has_org()) return has_one;
    TRELLIS_DO(replica_->joined(std::move(joining.key), joining.invite, joined.entries));
    TRELLIS_DO(replica_->pin_relay_key(joined.relay_key));
    Json reply;
    reply.set("org", replica_->org().hex());
    reply.set("device", replica_->device().hex());
    reply.set("spaces", list_spaces(*replica_));
    return reply;
}

Result<Json> Verbs::join(const Json& request) {
    TRELLIS_TRY(auto joining, begin_join(request));
    const auto make_entry = [&](const std::vector<Bytes>& entries) {
        return join_entry(joining, entries);
    };
    TRELLIS_TRY(const auto joined, host_.join(joining.invite, make_entry));
    return end_join(std::move(joining), joined);
}

// Syncing ------------------------------------------------------------------------------------

Result<void> Verbs::begin_sync() {
    if (replica_->has_org()) return {};
    return Error{Code::invalid, "this device belongs to no organisation yet: create or join one"};
}

Result<Json> Verbs::end_sync(const sync::SessionProgress& progress) {
    auto reply = progress_to_json(progress);
    if (progress.former) {
        TRELLIS_TRY(const bool erased, erase_if_lost());
        if (erased) reply.set("erased", true);
    }
    return reply;
}

Result<Json> Verbs::sync(const Json& request) {
    TRELLIS_DO(begin_sync());
    TRELLIS_TRY(const auto deadline, integer_if_any(request, "deadline_ms"));
    TRELLIS_TRY(const auto progress,
                host_.sync_once(*replica_, deadline.value_or(deadline_default_ms)));
    return end_sync(progress);
}

Result<Json> Verbs::sync_start(const Json& /*unused*/) {
    TRELLIS_DO(begin_sync());
    TRELLIS_DO(host_.start_live(*replica_));
    return Json{Json::Object{}};
}

/// We were reported lost, and everything we had sealed is in good hands.
Result<bool> Verbs::erase_if_lost() {
    TRELLIS_TRY(const bool lost, replica_->must_erase());
    if (!lost) return false;
    host_.stop_live();
    live_ = {};
    replica_.reset();
    const auto erased = host_.erase_database();
    // Whatever became of it, there must be a replica again.
    TRELLIS_TRY(auto replica, host_.open_replica());
    adopt(std::move(replica));
    TRELLIS_DO(erased);
    return true;
}

}  // namespace trellis::clients
