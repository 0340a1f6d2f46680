// SPDX-License-Identifier: Apache-2.0
#include "sync/relay/relay_impl.hpp"
#include "sync/wire/frame.hpp"

#include <algorithm>

// The membership log: read by slices, appended to by compare-and-swap.
namespace trellis::sync {
namespace {

constexpr std::ptrdiff_t puts_max = 16;  // of one session, waiting for their answers

}  // namespace

std::uint64_t Relay::Impl::visible_length(const Session& session) {
    if (session.org == nullptr || session.kind == crypto::ProofKind::courier) return 0;
    const auto length = session.org->length();
    if (!session.is_former) return length;
    const auto* device = session.org->membership->device(session.device);
    return device == nullptr ? 0 : std::min(length, device->removed_at + 1);
}

Digest Relay::Impl::visible_head(const Session& session) {
    const auto length = visible_length(session);
    return length == 0 ? Digest() : session.org->membership->entry_hash(length - 1);
}

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
    next_posts(org, loaded);
    if (loaded && org.membership) shred_again(org);
    if (!head.is_zero() && org.head() != head) log_grew(org);
    if (!loaded) {
        while (!org.puts.empty()) {
            answer_put(org.puts.front().session, org, loaded.error());
            org.puts.pop_front();
        }
    }
    next_put(org);
    // Whatever a stranger names leaves nothing behind.
    if (!org.membership && org.is_idle()) orgs_.erase(OrgId(org.id));
}

void Relay::Impl::handle(Session& session, GetEntries& get) {
    Entries slice{.from = get.from, .entries = {}, .more = false};
    const auto length = visible_length(session);
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
    if (session.is_former || session.kind == crypto::ProofKind::courier) {
        const Error denied{Code::denied, "this device may not change the organisation any more"};
        return answer_put(session, org, denied);
    }
    if (org == nullptr) {
        const auto entry = crypto::parse_entry(put.entry);
        if (!entry) return answer_put(session, nullptr, entry.error());
        org = &org_of(entry->org);
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
    while (!org.put_out && !org.is_loading && !org.awaited && !org.puts.empty()) {
        auto put = std::move(org.puts.front());
        org.puts.pop_front();
        auto* session = find(put.session);
        if (session == nullptr || session->is_doomed) continue;
        const PutContext context{.org = org,
                                 .kind = session->kind,
                                 .invite = session->invite,
                                 .claimed_length = session->claimed_length,
                                 .now = now_};
        auto judged = judge_put(context, put.entry);
        std::vector<SpaceId> shreds;
        if (judged && *judged) {
            const auto ready = check_shreds(*session, org, put.entry, shreds);
            if (ready && !*ready) return org.puts.push_front(std::move(put));
            if (!ready) judged = ready.error();
        }
        if (judged && *judged) {
            auto quota = take_entry_share(*session, put.entry);
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
        hold_pushes(org, shreds, true);
        org.put_out.emplace(OrgLog::PutOut{
            .put = std::move(put), .next = std::move(**judged), .shreds = std::move(shreds)});
    }
}

void Relay::Impl::entry_appended(Ticket ticket, const Result<void>& stored) {
    const auto request = answer<ForEntry>(ticket);
    if (!request) return;
    auto& org = *request->org;
    auto out = std::move(*org.put_out);
    org.put_out.reset();
    hold_pushes(org, out.shreds, false);
    if (stored) {
        org.membership = std::move(out.next);
        org.entries.push_back(std::move(out.put.entry));
        answer_put(out.put.session, org, {});
        log_grew(org);
        for (const auto& space : out.shreds)
            end_space(org, space);
    } else if (stored.error().code == Code::conflict) {
        // Another node was first: read the log again, then judge this one anew.
        org.puts.push_front(std::move(out.put));
        load_org(org);
    } else {
        answer_put(out.put.session, org, stored.error());
    }
    next_put(org);
}

/// Entries of others come back after we have lost them: those are no work of the device's.
Result<void> Relay::Impl::take_entry_share(const Session& session, ByteView entry) {
    if (session.kind != crypto::ProofKind::device) return {};
    TRELLIS_TRY(const auto parsed, crypto::parse_entry(entry));
    if (parsed.author != crypto::signer(session.device)) return {};
    return quota_.take_entry(session.who(), now_);
}

/// Whoever brings an organisation is let in once the log names it: with the first entry if it
/// founded it, later if a member builds up again what this relay has lost.
Result<void> Relay::Impl::admit_founder(Session& session, OrgLog& org) {
    const auto* device = org.membership->device(session.device);
    if (device == nullptr) return {};
    if (!device->is_active || device->sign != session.founder_key) {
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
                      .log_length = visible_length(session),
                      .log_head = visible_head(session)};
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
    for (const auto id : org.sessions) {
        auto* session = find(id);
        if (session == nullptr || session->stage != Session::Stage::ready) continue;
        follow_log(*session);
    }
}

/// Tells of the news, and acts on what it says of the session's own device. What may not be read
/// any more is closed; opened again it only takes what the device has sealed.
void Relay::Impl::follow_log(Session& session) {
    const bool is_courier = session.kind == crypto::ProofKind::courier;
    if (session.is_former || is_courier || !session.org->membership) return;
    const auto& membership = *session.org->membership;
    const bool is_device = session.kind == crypto::ProofKind::device;
    const auto* device = is_device ? membership.device(session.device) : nullptr;
    session.is_former = is_device && (device == nullptr || !device->is_active);
    send(session,
         EntryNews{.log_length = visible_length(session), .log_head = visible_head(session)});
    for (auto& channel : session.channels) {
        if (channel.stage == RelayChannel::Stage::closed || channel.is_push_only) continue;
        const auto rights = membership.rights(session.device, channel.open.space);
        channel.may_read = (rights & crypto::right_read) != 0;
        if (rights != 0) continue;
        refuse_open(session, channel, {Code::denied, "this device may not use the space any more"});
    }
}

}  // namespace trellis::sync
