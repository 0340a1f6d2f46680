// SPDX-License-Identifier: Apache-2.0
#include "sync/relay/org_log.hpp"

#include "sync/wire/frame.hpp"

#include <algorithm>

namespace trellis::sync {
namespace {

/// "2026-03-01" of a time after 1970 (civil calendar, days counted from 1 March of year 0).
std::string date_of(Time time) {
    const std::int64_t days = time / (std::int64_t{24} * 3600 * 1000) + 719'468;
    const std::int64_t era = days / 146'097;
    const std::int64_t day_of_era = days % 146'097;
    const std::int64_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36'524 - day_of_era / 146'096) / 365;
    const std::int64_t day_of_year =
        day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    const std::int64_t shifted = (5 * day_of_year + 2) / 153;
    const std::int64_t day = day_of_year - (153 * shifted + 2) / 5 + 1;
    const std::int64_t month = shifted < 10 ? shifted + 3 : shifted - 9;
    const std::int64_t year = year_of_era + era * 400 + (month <= 2 ? 1 : 0);
    const auto two = [](std::int64_t n) { return (n < 10 ? "-0" : "-") + std::to_string(n); };
    return std::to_string(year) + two(month) + two(day);
}

/// By our clock. An entry that we had and lost is judged by its own time, as everybody else
/// judges it.
Result<void> check_joins(const PutContext& context, const crypto::Entry& entry) {
    const bool is_returned =
        context.kind != crypto::ProofKind::invite && entry.index < context.claimed_length;
    if (is_returned || !context.org.membership) return {};
    for (const auto& op : entry.ops) {
        const auto* add = std::get_if<crypto::AddDeviceOp>(&op);
        if (add == nullptr || add->invite.is_zero()) continue;
        const auto* invite = context.org.membership->invite(add->invite);
        if (invite != nullptr && context.now > invite->expiry) {
            return invite_expired(invite->expiry);
        }
    }
    return {};
}

}  // namespace

bool OrgLog::is_idle() const {
    return sessions.empty() && greeting.empty() && puts.empty() && posts.empty() && !put_out && !is_loading &&
           requests == 0 && std::none_of(spaces.begin(), spaces.end(), [](const auto& entry) {
               return entry.second.is_append_queued;
           });
}

Result<crypto::Membership> replay(const std::vector<Bytes>& entries) {
    TRELLIS_CHECK(!entries.empty());
    TRELLIS_TRY(auto membership, crypto::Membership::found(entries.front()));
    for (std::size_t i = 1; i < entries.size(); ++i)
        TRELLIS_DO(membership.extend(entries[i]));
    return membership;
}

Result<std::optional<crypto::Membership>> judge_put(const PutContext& context, ByteView entry) {
    if (entry.size() > wire_entry_max) {
        return Error{Code::too_large,
                     "an entry of the membership log over " + std::to_string(wire_entry_max) +
                         " bytes is not carried by this version"};
    }
    TRELLIS_TRY(const auto parsed, crypto::parse_entry(entry));
    const auto& org = context.org;
    if (!org.membership) {
        if (parsed.index != 0) {
            return Error{Code::invalid, "an organisation begins with its first entry"};
        }
        TRELLIS_TRY(auto founded, crypto::Membership::found(entry));
        return std::optional(std::move(founded));
    }
    if (parsed.index < org.length() && org.membership->entry_hash(parsed.index) == parsed.hash) {
        return std::optional<crypto::Membership>();
    }
    if (parsed.index != org.length() || parsed.previous != org.head()) {
        return Error{Code::conflict,
                     "somebody else has changed the membership first; read it "
                     "again and retry"};
    }
    if (context.kind == crypto::ProofKind::invite &&
        parsed.author != crypto::signer(context.invite)) {
        return Error{Code::denied, "with an invite one can only join"};
    }
    TRELLIS_DO(check_joins(context, parsed));
    auto next = *org.membership;
    TRELLIS_DO(next.extend(entry));
    return std::optional(std::move(next));
}

Error space_is_over() {
    return {Code::denied,
            "this space was shredded: nothing of it is kept, and it takes nothing in"};
}

Error invite_expired(Time expiry) {
    return {Code::denied, "this invite expired on " + date_of(expiry) + ": ask for a new one"};
}

}  // namespace trellis::sync
