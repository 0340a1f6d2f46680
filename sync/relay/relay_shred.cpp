// SPDX-License-Identifier: Apache-2.0
#include "sync/relay/relay_impl.hpp"

// Spaces that are over. Whoever ends one has read its log up to a place: where somebody's work
// lies behind that place, which we have confirmed, the entry is refused.
namespace trellis::sync {
namespace {

bool is_at(const Cursor& end, const crypto::ShredOp& op) {
    if (end.position != op.position) return false;
    return op.position == 0 || short_digest(end.head) == op.head;
}

}  // namespace

Result<bool> Relay::Impl::check_shreds(const Session& session, OrgLog& org, ByteView bytes,
                                       std::vector<SpaceId>& spaces) {
    TRELLIS_TRY(const auto entry, crypto::parse_entry(bytes));
    // One that we had and lost comes back: it was judged then, and the log it names is gone.
    const bool is_returned =
        session.kind != crypto::ProofKind::invite && entry.index < session.claimed_length;
    for (const auto& op : entry.ops) {
        const auto* shred = std::get_if<crypto::ShredOp>(&op);
        if (shred == nullptr) continue;
        spaces.push_back(shred->space);
        if (is_returned) continue;
        auto& log = org.spaces.try_emplace(shred->space, org.id, shred->space).first->second;
        if (!log.is_loaded || log.is_loading) {
            org.awaited = shred->space;
            load_space(org, log);
            return false;
        }
        const bool is_moving = log.is_appending || log.has_staged();
        if (is_moving || !is_at(log.end(), *shred)) {
            return Error{Code::conflict,
                         "work has arrived in the space since you asked to shred it: sync, carry "
                         "over what must be kept, and try again"};
        }
    }
    return true;
}

void Relay::Impl::awaited_space_loaded(OrgLog& org, const SpaceId& space,
                                       const Result<void>& loaded) {
    if (org.awaited != space) return;
    org.awaited.reset();
    if (!loaded && !org.puts.empty()) {
        answer_put(org.puts.front().session, org, loaded.error());
        org.puts.pop_front();
    }
    next_put(org);
}

/// What is pushed meanwhile is neither stored nor answered before it is known whether it may be.
void Relay::Impl::hold_pushes(OrgLog& org, const std::vector<SpaceId>& spaces, bool on) {
    for (const auto& space : spaces) {
        const auto found = org.spaces.find(space);
        if (found != org.spaces.end()) found->second.is_held = on;
    }
}

void Relay::Impl::end_space(OrgLog& org, const SpaceId& space) {
    order_shred(org, space);
    const auto found = org.spaces.find(space);
    if (found == org.spaces.end()) return;
    auto& log = found->second;
    log.drop_staged();
    for (auto& [name, lane] : log.lanes()) {
        lane.lost(space_is_over());
        give_answers(log, lane, lane.take_answers());
    }
    const auto listeners = log.listeners();
    for (const auto& listener : listeners) {
        auto* session = find(listener.session);
        if (session == nullptr) continue;
        refuse_open(*session, session->channels[listener.channel], space_is_over());
    }
    log.load({});  // what memory had of it
}

void Relay::Impl::order_shred(OrgLog& org, const SpaceId& space) {
    const auto ticket = ask(&org, ForShred{.org = &org});
    actions_.push_back(ShredSpace{.ticket = ticket,
                                  .org = org.id,
                                  .space = space,
                                  .inboxes = org.membership->inboxes_of(space)});
}

/// The store may be an older copy, or have failed the last time.
void Relay::Impl::shred_again(OrgLog& org) {
    for (const auto& [space, record] : org.membership->state().shredded)
        order_shred(org, space);
}

void Relay::Impl::space_shredded(Ticket ticket, const Result<void>& done) {
    const auto request = answer<ForShred>(ticket);
    if (!request) return;
    if (!done) env_.log("shred_failed", to_string(done.error().code));
}

}  // namespace trellis::sync
