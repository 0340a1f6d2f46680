// SPDX-License-Identifier: Apache-2.0
#include "crypto/public/envelope.hpp"
#include "crypto/public/inbox.hpp"
#include "crypto/public/log_roll.hpp"
#include "crypto/public/membership.hpp"
#include "server/store/sqlite_care.hpp"
#include "server/store/sqlite_schema.hpp"
#include "sync/relay/action.hpp"

#include <map>
#include <utility>

namespace trellis::server {
namespace {

constexpr std::size_t problems_max = 100;

template <class IdType>
IdType id_of(const sqlite::Statement& statement, int column) {
    const ByteView bytes = statement.bytes(column);
    return bytes.size() == IdType::size ? IdType::from(bytes) : IdType();
}

/// A chain as its row says it ends, and as its envelopes say.
struct CheckedChain {
    DeviceId device;
    ActorId actor;
    sync::ChainState said;
    std::int64_t said_position = 0;
    Counter last = 0;
    std::int64_t position = 0;
    Digest hash;
    bool is_genuine = true;
};

class Checker {
public:
    explicit Checker(sqlite::Database& database) : database_(database) {}

    Result<std::vector<std::string>> run();

private:
    struct SpaceName {
        std::int64_t number = 0;
        std::int64_t org_number = 0;
        OrgId org;
        SpaceId id;
    };

    Result<void> check_orgs();
    Result<void> check_entries(std::int64_t number, const OrgId& org, std::uint64_t length);
    Result<void> check_spaces();
    Result<void> check_space(const SpaceName& space, const Cursor& end);
    Result<std::map<std::int64_t, CheckedChain>> chains_of(const SpaceName& space);
    Result<Cursor> walk(const SpaceName& space, std::map<std::int64_t, CheckedChain>& chains);
    void check_envelope(const SpaceName& space,
                        const sqlite::Statement& row,
                        Cursor& at,
                        CheckedChain& chain);
    void check_tips(const SpaceName& space, const std::map<std::int64_t, CheckedChain>& chains);
    Result<void> check_inboxes();
    void problem(const SpaceName& space, std::uint64_t position, std::string_view what);
    void problem(std::string text);

    sqlite::Database& database_;
    std::vector<std::string> problems_;
    std::map<std::int64_t, crypto::Membership> memberships_;
};

void Checker::problem(std::string text) {
    if (problems_.size() < problems_max) problems_.push_back(std::move(text));
}

void Checker::problem(const SpaceName& space, std::uint64_t position, std::string_view what) {
    problem("space " + space.id.hex() + ", position " + std::to_string(position) + ": " +
            std::string(what));
}

Result<std::vector<std::string>> Checker::run() {
    TRELLIS_TRY(problems_, database_.integrity_problems());
    // One snapshot, also while a server writes.
    TRELLIS_DO(database_.run("BEGIN"));
    TRELLIS_DO(check_orgs());
    TRELLIS_DO(check_spaces());
    TRELLIS_DO(check_inboxes());
    database_.rollback();
    return std::move(problems_);
}

/// What lies in inboxes names itself by its bytes, and their counts are right.
Result<void> Checker::check_inboxes() {
    TRELLIS_TRY(const auto tables,
                database_.integer("SELECT count(*) FROM sqlite_schema WHERE name = 'submission'"));
    if (tables == 0) return {};  // a copy of an earlier version
    TRELLIS_TRY(auto rows, database_.prepare("SELECT number, digest, bytes FROM submission"));
    for (;;) {
        TRELLIS_TRY(const bool more, rows.step());
        if (!more) break;
        if (crypto::submission_digest(rows.bytes(2)) == id_of<Digest>(rows, 1)) continue;
        problem("submission " + std::to_string(rows.integer(0)) + ": its bytes have changed");
    }
    TRELLIS_TRY(const auto wrong,
                database_.integer("SELECT count(*) FROM inbox WHERE (submissions, bytes) <> "
                                  "(SELECT count(*), coalesce(sum(length(bytes)), 0) "
                                  "FROM submission WHERE inbox = inbox.number)"));
    if (wrong != 0) problem(std::to_string(wrong) + " inboxes do not say how much they hold");
    return {};
}

Result<void> Checker::check_orgs() {
    TRELLIS_TRY(auto orgs, database_.prepare("SELECT number, id, entries FROM org"));
    for (;;) {
        TRELLIS_TRY(const bool more, orgs.step());
        if (!more) return {};
        TRELLIS_DO(check_entries(
            orgs.integer(0), id_of<OrgId>(orgs, 1), static_cast<std::uint64_t>(orgs.integer(2))));
    }
}

Result<void> Checker::check_entries(std::int64_t number, const OrgId& org, std::uint64_t length) {
    TRELLIS_TRY(auto entries,
                database_.prepare("SELECT id, bytes FROM entry "
                                  "WHERE id >= ?1 AND id < ?2 ORDER BY id"));
    entries.bind(1, entry_key(number, 0)).bind(2, entry_key(number + 1, 0));
    const std::string name = "organisation " + org.hex();
    std::uint64_t index = 0;
    for (;; ++index) {
        TRELLIS_TRY(const bool more, entries.step());
        if (!more) break;
        const std::string where = name + ", entry " + std::to_string(index) + ": ";
        if (entries.integer(0) != entry_key(number, index)) {
            problem(where + "is missing");
            return {};
        }
        if (index == 0) {
            auto founded = crypto::Membership::found(entries.bytes(1));
            if (!founded || founded->org() != org) {
                problem(where + "does not found this organisation");
                return {};
            }
            memberships_.emplace(number, std::move(*founded));
            continue;
        }
        const auto extended = memberships_.at(number).extend(entries.bytes(1));
        if (!extended) {
            problem(where + extended.error().message);
            return {};
        }
    }
    if (index != length) {
        problem(name + ": has " + std::to_string(index) + " entries and says " +
                std::to_string(length));
    }
    return {};
}

Result<void> Checker::check_spaces() {
    TRELLIS_TRY(auto spaces,
                database_.prepare("SELECT space.number, org.number, org.id, space.id, position, "
                                  "head FROM space LEFT JOIN org ON org.number = space.org"));
    for (;;) {
        TRELLIS_TRY(const bool more, spaces.step());
        if (!more) return {};
        const SpaceName name{spaces.integer(0),
                             spaces.integer(1),
                             id_of<OrgId>(spaces, 2),
                             id_of<SpaceId>(spaces, 3)};
        const Cursor end{
            {}, static_cast<std::uint64_t>(spaces.integer(4)), id_of<Digest>(spaces, 5)};
        TRELLIS_DO(check_space(name, end));
    }
}

Result<void> Checker::check_space(const SpaceName& space, const Cursor& end) {
    TRELLIS_TRY(auto chains, chains_of(space));
    TRELLIS_TRY(const Cursor at, walk(space, chains));
    if (at.position != end.position) {
        problem(space,
                at.position,
                "the log ends here and should end at " + std::to_string(end.position));
    } else if (at.head != end.head) {
        problem(space, at.position, "the space's head is not the log's");
    }
    check_tips(space, chains);
    return {};
}

Result<std::map<std::int64_t, CheckedChain>> Checker::chains_of(const SpaceName& space) {
    TRELLIS_TRY(auto rows,
                database_.prepare("SELECT number, device, incarnation, last, hash, "
                                  "position FROM chain WHERE space = ?1"));
    rows.bind(1, space.number);
    std::map<std::int64_t, CheckedChain> chains;
    for (;;) {
        TRELLIS_TRY(const bool more, rows.step());
        if (!more) return chains;
        CheckedChain& chain = chains[rows.integer(0)];
        chain.device = id_of<DeviceId>(rows, 1);
        chain.actor = crypto::actor_id(space.id, chain.device, id_of<Incarnation>(rows, 2));
        chain.said.last = static_cast<Counter>(rows.integer(3));
        chain.said.chain = id_of<Digest>(rows, 4);
        chain.said_position = rows.integer(5);
    }
}

Result<Cursor> Checker::walk(const SpaceName& space, std::map<std::int64_t, CheckedChain>& chains) {
    TRELLIS_TRY(auto rows,
                database_.prepare("SELECT id, chain, first, back, hash, head, bytes FROM envelope "
                                  "WHERE id > ?1 AND id < ?2 ORDER BY id"));
    rows.bind(1, envelope_key(space.number, 0)).bind(2, envelope_key(space.number + 1, 0));
    Cursor at;
    for (;;) {
        TRELLIS_TRY(const bool more, rows.step());
        if (!more) return at;
        if (rows.integer(0) != envelope_key(space.number, at.position + 1)) {
            problem(space, at.position + 1, "the envelope is missing");
            return at;
        }
        ++at.position;
        const auto chain = chains.find(rows.integer(1));
        if (chain == chains.end()) {
            problem(space, at.position, "the envelope's chain is not known");
            at.head = id_of<Digest>(rows, 5);
            continue;
        }
        check_envelope(space, rows, at, chain->second);
    }
}

void Checker::check_envelope(const SpaceName& space,
                             const sqlite::Statement& row,
                             Cursor& at,
                             CheckedChain& chain) {
    const ByteView bytes = row.bytes(6);
    const auto first = static_cast<Counter>(row.integer(2));
    const auto header = crypto::parse_envelope(bytes);
    const auto hash = id_of<Digest>(row, 4);
    const auto head = id_of<Digest>(row, 5);
    if (!header) {
        problem(space, at.position, "the envelope's bytes are damaged");
    } else if (first != chain.last + 1 || row.integer(3) != chain.position) {
        problem(space, at.position, "the envelope does not follow its chain");
    } else if (crypto::chain_hash({space.org, space.id, chain.actor, first, chain.hash}, bytes) !=
               hash) {
        problem(space, at.position, "the envelope does not have the chain hash that was stored");
    }
    if (crypto::next_head(at.head, at.position, hash) != head) {
        problem(space, at.position, "the rolling head does not follow");
    }
    // One signature vouches for all of the chain before it; the last one is in the end asked.
    const auto org = memberships_.find(space.org_number);
    const bool is_tip = static_cast<std::int64_t>(at.position) == chain.said_position;
    if (is_tip && header && org != memberships_.end()) {
        const auto* const device = org->second.device(chain.device);
        chain.is_genuine =
            device != nullptr && crypto::verify_envelope(device->sign, space.org, hash, bytes);
    }
    // Go on from what the file says, so that one fault is told once.
    at.head = head;
    chain.last = header ? first + header->ops - 1 : first;
    chain.position = static_cast<std::int64_t>(at.position);
    chain.hash = hash;
}

void Checker::check_tips(const SpaceName& space,
                         const std::map<std::int64_t, CheckedChain>& chains) {
    for (const auto& [number, chain] : chains) {
        const auto position = static_cast<std::uint64_t>(chain.position);
        if (chain.last != chain.said.last || chain.hash != chain.said.chain ||
            chain.position != chain.said_position) {
            problem(space, position, "the chain's row does not say where it ends");
        }
        if (!chain.is_genuine) {
            problem(space, position, "the signature at the end of the chain is not genuine");
        }
    }
}

}  // namespace

Result<std::vector<std::string>> check_store(sqlite::Database& database) {
    return Checker(database).run();
}

}  // namespace trellis::server
