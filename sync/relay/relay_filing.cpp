// SPDX-License-Identifier: Apache-2.0
#include "sync/relay/relay_impl.hpp"
#include "sync/wire/frame.hpp"

#include <algorithm>

// Devices that make records of what was dropped in. Each submission is lent to one of them at a
// time, so that a full room does not file it fifty times; whoever goes gives it back.
namespace trellis::sync {

/// Whoever cannot write could not make a record of it, and would only keep it from others.
bool Relay::Impl::may_file(const Session& session,
                           const RelayChannel& channel,
                           const crypto::InboxId& inbox) const {
    const auto* of = session.org->membership->inbox(inbox);
    constexpr auto needed = crypto::right_read | crypto::right_write;
    return channel.may_read && of != nullptr && of->space == channel.open.space &&
           session.org->membership->can(session.device, of->space, needed);
}

void Relay::Impl::handle(Session& session, GetSubmissions& get) {
    auto* channel = channel_for(session, get, sizeof(GetSubmissions));
    if (channel == nullptr) return;
    if (!may_file(session, *channel, get.inbox)) {
        Submissions none{.channel = get.channel, .inbox = get.inbox, .more = false, .items = {}};
        send(session, none);
        return;
    }
    channel->inboxes.insert(get.inbox);
    const auto ticket = ask(session.org,
                            ForFiling{.org = session.org,
                                      .session = session.id,
                                      .channel = get.channel,
                                      .inbox = get.inbox});
    actions_.push_back(LoadSubmissions{.ticket = ticket,
                                       .org = session.org->id,
                                       .inbox = get.inbox,
                                       .after = get.after,
                                       .max_bytes = limits::page_max,
                                       .max_items = limits::submissions_page_max});
}

void Relay::Impl::submissions_loaded(Ticket ticket, Result<std::vector<SubmissionItem>> items) {
    const auto request = answer<ForFiling>(ticket);
    if (!request) return;
    auto* session = find(request->session);
    if (session == nullptr || session->is_doomed) return;
    if (!items) return refuse(*session, std::move(items).error());
    auto& leases = request->org->leases;
    Submissions page{
        .channel = request->channel, .inbox = request->inbox, .more = false, .items = {}};
    const auto& channel = session->channels[request->channel];
    const bool is_open = channel.stage != RelayChannel::Stage::closed;
    if (!is_open || !may_file(*session, channel, request->inbox)) {
        send(*session, page);
        return;
    }
    page.more = !items->empty();
    for (auto& item : *items) {
        auto& lease = leases[{request->inbox, item.number}];
        const bool is_lent = lease.session != 0 && lease.session != session->id &&
                             lease.until > now_ && find(lease.session) != nullptr;
        // What is passed over is told by its number alone, so that the asking goes on behind it.
        if (is_lent) item.bytes.clear();
        if (!is_lent) lease = {session->id, now_ + limits::inbox_lease_ms};
        page.items.push_back(std::move(item));
    }
    send(*session, page);
}

void Relay::Impl::handle(Session& session, Filed& filed) {
    auto* channel = channel_for(session, filed, filed.submissions.size() * Digest::size);
    if (channel == nullptr || !may_file(session, *channel, filed.inbox)) return;
    const auto ticket = ask(session.org, ForDrop{.org = session.org});
    actions_.push_back(DropSubmissions{.ticket = ticket,
                                       .org = session.org->id,
                                       .inbox = filed.inbox,
                                       .submissions = std::move(filed.submissions)});
}

void Relay::Impl::submissions_dropped(Ticket ticket) {
    static_cast<void>(answer<ForDrop>(ticket));
}

void Relay::Impl::tell_filers(OrgLog& org, const crypto::InboxId& inbox) {
    for (const auto id : org.sessions) {
        auto* session = find(id);
        if (session == nullptr || session->is_doomed) continue;
        for (const auto& channel : session->channels) {
            if (channel.stage != RelayChannel::Stage::open || !channel.open.follow) continue;
            if (!channel.inboxes.contains(inbox)) continue;
            send(*session, SubmissionNews{.channel = channel.index, .inbox = inbox});
        }
    }
}

/// Gives back what the session had not filed yet.
void Relay::Impl::end_leases(Session& session) {
    if (session.org == nullptr) return;
    std::set<crypto::InboxId> freed;
    auto& leases = session.org->leases;
    for (auto lease = leases.begin(); lease != leases.end();) {
        const bool is_ours = lease->second.session == session.id;
        const bool is_over = lease->second.until <= now_;
        if (is_ours) freed.insert(lease->first.first);
        lease = is_ours || is_over ? leases.erase(lease) : std::next(lease);
    }
    session.org->sessions.erase(session.id);
    for (const auto& inbox : freed)
        tell_filers(*session.org, inbox);
}

}  // namespace trellis::sync
