// SPDX-License-Identifier: Apache-2.0
#include "sync/relay/relay_impl.hpp"
#include "sync/wire/frame.hpp"

#include <algorithm>

// The membership log: read by slices, appended to by compare-and-swap.
namespace trellis::sync {
namespace {

constexpr std::ptrdiff_t puts_max = 16;  // of one session, waiting for their answers

}  // namespace

OrgLog& Relay::Impl::org_of(const OrgId& id) {
    auto& org = orgs_.try_emplace(id, id).first->second;
    org.idle_since = now_;
    return org;
}

void Relay::Impl::load_org(OrgLog& org) {
    if (org.is_loading) return;
    org.is_loading = true;
    const auto ticket = ask(&org, ForOrg{.org = &org});
    actions_.push_back(LoadOrg{.ticket = ticket, .org = org.id});
}

void Relay::Impl::org_loaded(Ticket ticket, Result<std::vector<Bytes>> entries) {
    const auto request = answer<ForOrg>(ticket);
    if (!request) return;
    auto& org = *request->org;
    org.is_loading = false;
    org.idle_since = now_;
    const auto head = org.head();
    Result<void> loaded;
    if (!entries) {
        loaded = entries.error();
    } else if (!entries->empty()) {
        auto membership = replay(*entries);
        if (membership && membership->org() == org.id) {
            org.membership = *std::move(membership);
            org.entries = *std::move(entries);
        } else {
            env_.log("org_broken", org.id.hex());
            loaded = Error{Code::corrupt,
                           "the relay's copy of the membership log is damaged: "
                           "tell who runs the relay"};
        }
    }
    for (const auto id : std::exchange(org.greeting, {})) {
        auto* session = find(id);
        if (session == nullptr || session->is_doomed) continue;
        if (loaded) {
            judge_proof(*session);
        } else {
            refuse(*session, loaded.error());
        }
    }
    if (!head.is_zero() && org.head() != head) log_grew(org);
    if (!loaded) {
        while (!org.puts.empty()) {
            answer_put(org.puts.front().session, org, loaded.error());
            org.puts.pop_front();
        }
    }
    next_put(org);
}

void Relay::Impl::handle(Session& session, GetEntries& get) {
    Entries slice{.from = get.from, .entries = {}, .more = false};
    const auto length = session.org == nullptr ? 0 : session.org->length();
    std::size_t size = entries_header_size;
    for (auto i = get.from; i < length; ++i) {
        const auto& entry = session.org->entries[static_cast<std::size_t>(i)];
        if (entry.size() > wire_entry_max) {
            return refuse(session,
                          Code::too_large,
                          "an entry of the membership log is too large for this version");
        }
        size += entry_length_size + entry.size();
        if (size > message_max || slice.entries.size() == limits::page_envelopes_max) {
            slice.more = true;
            break;
        }
        slice.entries.push_back(entry);
    }
    send(session, slice);
}

void Relay::Impl::handle(Session& session, PutEntry& put) {
    auto* org = session.org;
    if (org == nullptr) {
        const auto genesis = crypto::parse_entry(put.entry);
        if (!genesis || genesis->index != 0) {
            const Error invalid{Code::invalid, "an organisation begins with its first entry"};
            return answer_put(session, nullptr, genesis ? invalid : genesis.error());
        }
        org = &org_of(genesis->org);
    }
    // Each is some signatures of work; a device that waits for its answers never sees this.
    const auto waiting = std::count_if(org->puts.begin(), org->puts.end(), [&](const auto& other) {
        return other.session == session.id;
    });
    if (waiting >= puts_max) return refuse(session, Code::busy, "too many entries wait");
    org->puts.push_back({.session = session.id, .entry = std::move(put.entry)});
    if (org->membership || org->is_loading) return next_put(*org);
    load_org(*org);
}

void Relay::Impl::next_put(OrgLog& org) {
    while (!org.put_out && !org.is_loading && !org.puts.empty()) {
        auto put = std::move(org.puts.front());
        org.puts.pop_front();
        auto* session = find(put.session);
        if (session == nullptr || session->is_doomed) continue;
        const PutContext context{
            .org = org, .kind = session->kind, .invite = session->invite, .now = now_};
        auto judged = judge_put(context, put.entry);
        if (judged && *judged && session->kind == crypto::ProofKind::device) {
            auto quota = org.quota.take_entry(options_, session->device, now_);
            if (!quota) judged = std::move(quota).error();
        }
        if (!judged) {
            answer_put(put.session, org, judged.error());
            continue;
        }
        if (!*judged) {
            answer_put(put.session, org, {});
            continue;
        }
        const auto ticket = ask(&org, ForEntry{.org = &org});
        actions_.push_back(AppendEntry{
            .ticket = ticket, .org = org.id, .index = org.length(), .entry = put.entry});
        org.put_out.emplace(OrgLog::PutOut{.put = std::move(put), .next = std::move(**judged)});
    }
}

void Relay::Impl::entry_appended(Ticket ticket, const Result<void>& stored) {
    const auto request = answer<ForEntry>(ticket);
    if (!request) return;
    auto& org = *request->org;
    auto out = std::move(*org.put_out);
    org.put_out.reset();
    if (stored) {
        org.membership = std::move(out.next);
        org.entries.push_back(std::move(out.put.entry));
        answer_put(out.put.session, org, {});
        log_grew(org);
    } else if (stored.error().code == Code::conflict) {
        // Another node was first: read the log again, then judge this one anew.
        org.puts.push_front(std::move(out.put));
        load_org(org);
    } else {
        answer_put(out.put.session, org, stored.error());
    }
    next_put(org);
}

Result<void> Relay::Impl::admit_founder(Session& session, OrgLog& org) {
    const auto* device = org.membership->device(session.device);
    if (device == nullptr || !device->is_active || device->sign != session.founder_key) {
        return Error{Code::denied, "this organisation is here already, and is another's"};
    }
    session.kind = crypto::ProofKind::device;
    session.org = &org;
    org.sessions.insert(session.id);
    return {};
}

void Relay::Impl::answer_put(Session& session, OrgLog* org, Result<void> accepted) {
    // It proved the key that the organisation's first device has: it is that device now.
    if (accepted && session.org == nullptr) accepted = admit_founder(session, *org);
    EntryAnswer reply{.accepted = accepted.has_value(),
                      .code = Code::internal,
                      .message = {},
                      .log_length = session.org == nullptr ? 0 : session.org->length(),
                      .log_head = session.org == nullptr ? Digest() : session.org->head()};
    if (!accepted) {
        reply.code = accepted.error().code;
        reply.message = accepted.error().message;
    }
    send(session, reply);
}

void Relay::Impl::answer_put(SessionId id, OrgLog& org, Result<void> accepted) {
    if (auto* session = find(id)) answer_put(*session, &org, std::move(accepted));
}

void Relay::Impl::log_grew(OrgLog& org) {
    const EntryNews news{.log_length = org.length(), .log_head = org.head()};
    for (const auto id : org.sessions) {
        auto* session = find(id);
        if (session == nullptr || session->stage != Session::Stage::ready) continue;
        send(*session, news);
        judge_rights(*session);
    }
}

void Relay::Impl::judge_rights(Session& session) {
    if (session.kind != crypto::ProofKind::device || !session.org->membership) return;
    const auto& membership = *session.org->membership;
    const auto* device = membership.device(session.device);
    if (device == nullptr || !device->is_active) {
        return refuse(session, Code::denied, "this device was removed from the organisation");
    }
    for (auto& channel : session.channels) {
        if (channel.stage == RelayChannel::Stage::closed) continue;
        const auto rights = membership.rights(session.device, channel.open.space);
        channel.may_read = (rights & crypto::right_read) != 0;
        if (rights != 0) continue;
        refuse_open(session, channel, {Code::denied, "this device may not use the space any more"});
    }
}

}  // namespace trellis::sync
