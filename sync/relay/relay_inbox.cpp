// SPDX-License-Identifier: Apache-2.0
#include "sync/relay/relay_impl.hpp"

#include <utility>

// What people without a device drop in. Nobody proves who they are here, so what costs least is
// checked first: the form, the work that was spent, the share of everybody, then the log.
namespace trellis::sync {
namespace {

constexpr Time hour_ms = 3'600'000;
/// Strangers whose organisation is being read; each may hold a whole submission.
constexpr std::size_t posts_waiting_max = 256;

Error no_inbox() {
    return {Code::not_found,
            "there is no such inbox here: check the address, or the poster it is from"};
}

Error closed() {
    return {Code::not_found, "this inbox is closed: ask the school where to turn to"};
}

Error overrun() {
    return {Code::busy,
            "more is being sent than this server takes: nothing is lost on your side, try again "
            "in a minute"};
}

}  // namespace

Ticket Relay::Impl::submit(const OrgId& org,
                           const crypto::InboxId& inbox,
                           Bytes submission,
                           std::optional<std::uint64_t> proof,
                           Time now) {
    now_ = now;
    const auto ticket = ++last_ticket_;
    if (auto good = check_post(org, inbox, submission, proof); !good) {
        answer_post(ticket, std::move(good).error());
    } else {
        post(org, {ticket, inbox, std::move(submission)});
    }
    return ticket;
}

Ticket Relay::Impl::find_inbox(const OrgId& org, const crypto::InboxId& inbox, Time now) {
    now_ = now;
    const auto ticket = ++last_ticket_;
    if (asks_.take(now)) {
        post(org, {ticket, inbox, {}});
    } else {
        answer_post(ticket, overrun());
    }
    return ticket;
}

Result<void> Relay::Impl::check_post(const OrgId& org,
                                     const crypto::InboxId& inbox,
                                     ByteView submission,
                                     std::optional<std::uint64_t> proof) {
    TRELLIS_TRY(const auto parts, crypto::parse_submission(submission));
    if (parts.header.inbox != inbox) {
        return Error{Code::invalid,
                     "the submission is sealed for another inbox than the one it was sent to: "
                     "send it there"};
    }
    if (options_.inbox_work_bits > 0) {
        const auto digest = crypto::submission_digest(submission);
        if (!proof || crypto::work_bits(org, digest, *proof) < options_.inbox_work_bits) {
            return Error{Code::denied,
                         "the proof of work is missing or too small: it takes " +
                             std::to_string(options_.inbox_work_bits) +
                             " zero bits, over this very submission"};
        }
    }
    if (!posts_.take(now_)) return overrun();
    return {};
}

void Relay::Impl::post(const OrgId& id, OrgLog::Post post) {
    auto& org = org_of(id);
    if (org.membership) return judge_post(org, std::move(post));
    if (org.posts.size() >= posts_waiting_max) return answer_post(post.ticket, overrun());
    org.posts.push_back(std::move(post));
    load_org(org);
}

void Relay::Impl::next_posts(OrgLog& org, const Result<void>& loaded) {
    for (auto& post : std::exchange(org.posts, {})) {
        if (loaded) {
            judge_post(org, std::move(post));
        } else {
            answer_post(post.ticket, loaded.error());
        }
    }
}

void Relay::Impl::judge_post(OrgLog& org, OrgLog::Post post) {
    auto place = place_of(org, post.inbox);
    if (!place) return answer_post(post.ticket, std::move(place).error());
    if (post.submission.empty()) return answer_post(post.ticket, *place);
    if (auto good = check_epoch(org, post.submission); !good) {
        return answer_post(post.ticket, std::move(good).error());
    }
    const auto digest = crypto::submission_digest(post.submission);
    const auto ticket = ask(
        &org,
        ForPost{.org = &org, .post = post.ticket, .inbox = post.inbox, .digest = digest});
    actions_.push_back(StoreSubmission{.ticket = ticket,
                                       .org = org.id,
                                       .inbox = post.inbox,
                                       .digest = digest,
                                       .hour = now_ / hour_ms * hour_ms,
                                       .bytes = std::move(post.submission)});
}

Result<InboxPlace> Relay::Impl::place_of(const OrgLog& org, const crypto::InboxId& id) const {
    const auto* inbox = org.membership ? org.membership->inbox(id) : nullptr;
    if (inbox == nullptr) return no_inbox();
    if (inbox->is_closed) return closed();
    const auto* key = org.membership->inbox_key(id, inbox->key_epoch);
    return InboxPlace{.inbox = id,
                      .key_epoch = inbox->key_epoch,
                      .key = key->key,
                      .work_bits = options_.inbox_work_bits};
}

/// A page that was opened before the key changed may still send, for a while: who could read
/// then is not given it any more, only the readers of now are.
Result<void> Relay::Impl::check_epoch(const OrgLog& org, ByteView submission) const {
    TRELLIS_TRY(const auto parts, crypto::parse_submission(submission));
    const auto& [kind, id, key_epoch] = parts.header;
    const auto newest = org.membership->inbox(id)->key_epoch;
    if (key_epoch == newest) return {};
    const auto* after = org.membership->inbox_key(id, key_epoch + 1);
    if (key_epoch == 0 || after == nullptr) {
        return Error{Code::conflict, "the submission is sealed to a key that this inbox does not "
                                     "have: load the page again and send it anew"};
    }
    TRELLIS_TRY(const auto entry,
                crypto::parse_entry(org.entries[static_cast<std::size_t>(after->made_at)]));
    if (now_ - entry.time <= limits::inbox_late_ms) return {};
    return Error{Code::conflict, "the inbox has had a newer key for too long: load the page again "
                                 "and send it anew"};
}

void Relay::Impl::submission_stored(Ticket ticket, const Result<void>& stored) {
    const auto request = answer<ForPost>(ticket);
    if (!request) return;
    if (!stored) return answer_post(request->post, stored.error());
    answer_post(request->post, request->digest);
    tell_filers(*request->org, request->inbox);
}

void Relay::Impl::answer_post(Ticket ticket, Result<std::variant<Digest, InboxPlace>> result) {
    actions_.push_back(PostAnswer{.ticket = ticket, .result = std::move(result)});
}

}  // namespace trellis::sync
