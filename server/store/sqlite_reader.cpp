// SPDX-License-Identifier: Apache-2.0
#include "server/store/sqlite_reader.hpp"

#include "server/store/sqlite_schema.hpp"

#include <algorithm>

namespace trellis::server {
namespace {

/// What we wrote ourselves has the width we gave it, unless the file was damaged.
template <class IdType>
Result<IdType> read_id(const sqlite::Statement& statement, int column) {
    const ByteView bytes = statement.bytes(column);
    if (bytes.size() == IdType::size) return IdType::from(bytes);
    return Error{Code::corrupt,
                 "the store is damaged: an identifier has the wrong size; run trellisd check"};
}

/// However a function ends, its statement is ready for the next use.
class Use {
public:
    explicit Use(sqlite::Statement& statement) : statement_(statement) {}
    Use(const Use&) = delete;
    Use& operator=(const Use&) = delete;
    ~Use() { statement_.reset(); }

private:
    sqlite::Statement& statement_;
};

Error missing_envelope() {
    return {Code::corrupt, "the store is damaged: an envelope is missing; run trellisd check"};
}

}  // namespace

Result<SqliteSpaces> SqliteSpaces::open(sqlite::Database& database) {
    SqliteSpaces spaces;
    TRELLIS_TRY(spaces.org_, database.prepare("SELECT number FROM org WHERE id = ?1"));
    TRELLIS_TRY(spaces.space_,
                database.prepare("SELECT space.number, bytes, incarnation, position, head "
                                 "FROM space JOIN org ON org.number = space.org "
                                 "WHERE org.id = ?1 AND space.id = ?2"));
    TRELLIS_TRY(spaces.chains_,
                database.prepare("SELECT device, incarnation, last, hash, epoch "
                                 "FROM chain WHERE space = ?1"));
    TRELLIS_TRY(spaces.seen_,
                database.prepare("SELECT device, incarnation, position, head, signature "
                                 "FROM seen WHERE space = ?1"));
    return spaces;
}

Result<std::int64_t> SqliteSpaces::org_number(const OrgId& org) {
    const Use use(org_);
    org_.bind_bytes(1, org.view());
    TRELLIS_TRY(const bool found, org_.step());
    return found ? org_.integer(0) : std::int64_t{0};
}

Result<std::optional<SpaceRow>> SqliteSpaces::row(const OrgId& org, const SpaceId& space) {
    const Use use(space_);
    space_.bind_bytes(1, org.view()).bind_bytes(2, space.view());
    TRELLIS_TRY(const bool found, space_.step());
    if (!found) return std::optional<SpaceRow>();
    SpaceRow row;
    row.number = space_.integer(0);
    row.bytes = space_.integer(1);
    TRELLIS_TRY(row.end.incarnation, read_id<LogIncarnation>(space_, 2));
    row.end.position = static_cast<std::uint64_t>(space_.integer(3));
    TRELLIS_TRY(row.end.head, read_id<Digest>(space_, 4));
    return std::optional<SpaceRow>(row);
}

Result<sync::LoadedSpace> SqliteSpaces::load(const SpaceRow& row) {
    const Use use_chains(chains_);
    const Use use_seen(seen_);
    sync::LoadedSpace loaded;
    loaded.end = row.end;
    chains_.bind(1, row.number);
    for (;;) {
        TRELLIS_TRY(const bool more, chains_.step());
        if (!more) break;
        sync::ChainState& chain = loaded.chains.emplace_back();
        TRELLIS_TRY(chain.device, read_id<DeviceId>(chains_, 0));
        TRELLIS_TRY(chain.incarnation, read_id<Incarnation>(chains_, 1));
        chain.last = static_cast<Counter>(chains_.integer(2));
        TRELLIS_TRY(chain.chain, read_id<Digest>(chains_, 3));
        chain.epoch = static_cast<std::uint32_t>(chains_.integer(4));
    }
    seen_.bind(1, row.number);
    for (;;) {
        TRELLIS_TRY(const bool more, seen_.step());
        if (!more) return loaded;
        sync::Seen& seen = loaded.seen.emplace_back();
        TRELLIS_TRY(seen.device, read_id<DeviceId>(seen_, 0));
        TRELLIS_TRY(seen.incarnation, read_id<LogIncarnation>(seen_, 1));
        seen.position = static_cast<std::uint64_t>(seen_.integer(2));
        TRELLIS_TRY(seen.head, read_id<Digest>(seen_, 3));
        TRELLIS_TRY(seen.signature, read_id<crypto::Signature>(seen_, 4));
    }
}

Result<std::unique_ptr<StoreReader>> SqliteReader::open(const StorePlace& place) {
    TRELLIS_TRY(auto database, connect(place, false));
    std::unique_ptr<SqliteReader> reader(new SqliteReader(std::move(database)));
    TRELLIS_DO(reader->prepare());
    return std::unique_ptr<StoreReader>(std::move(reader));
}

Result<void> SqliteReader::prepare() {
    TRELLIS_DO(database_.run("PRAGMA query_only = 1"));
    TRELLIS_TRY(spaces_, SqliteSpaces::open(database_));
    TRELLIS_TRY(entries_,
                database_.prepare("SELECT bytes FROM entry WHERE id >= ?1 AND id < ?2 "
                                  "ORDER BY id"));
    TRELLIS_TRY(
        page_,
        database_.prepare("SELECT device, incarnation, first, head, bytes FROM envelope "
                          "JOIN chain ON chain.number = envelope.chain "
                          "WHERE envelope.id > ?1 AND envelope.id < ?2 ORDER BY envelope.id"));
    TRELLIS_TRY(chain_,
                database_.prepare("SELECT number, position FROM chain WHERE space = ?1 "
                                  "AND device = ?2 AND incarnation = ?3"));
    TRELLIS_TRY(step_back_, database_.prepare("SELECT first, back FROM envelope WHERE id = ?1"));
    TRELLIS_TRY(envelope_, database_.prepare("SELECT back, bytes FROM envelope WHERE id = ?1"));
    TRELLIS_TRY(hash_, database_.prepare("SELECT hash FROM envelope WHERE id = ?1"));
    TRELLIS_TRY(head_, database_.prepare("SELECT head FROM envelope WHERE id = ?1"));
    TRELLIS_TRY(submissions_,
                database_.prepare("SELECT submission.number, hour, submission.bytes FROM submission "
                                  "WHERE inbox = (SELECT inbox.number FROM inbox JOIN org "
                                  "ON org.number = inbox.org WHERE org.id = ?1 AND inbox.id = ?2) "
                                  "AND submission.number > ?3 ORDER BY submission.number"));
    return {};
}

Result<std::vector<Bytes>> SqliteReader::entries(const OrgId& org) {
    std::vector<Bytes> entries;
    TRELLIS_TRY(const std::int64_t number, spaces_.org_number(org));
    if (number == 0) return entries;
    const Use use(entries_);
    entries_.bind(1, entry_key(number, 0)).bind(2, entry_key(number + 1, 0));
    for (;;) {
        TRELLIS_TRY(const bool more, entries_.step());
        if (!more) return entries;
        entries.push_back(to_bytes(entries_.bytes(0)));
    }
}

Result<std::optional<sync::LoadedSpace>> SqliteReader::space(const OrgId& org,
                                                             const SpaceId& space) {
    // One snapshot: the end of the log must fit the ends of its chains.
    TRELLIS_DO(database_.run("BEGIN"));
    auto row = spaces_.row(org, space);
    Result<std::optional<sync::LoadedSpace>> result = std::optional<sync::LoadedSpace>();
    if (!row) {
        result = row.error();
    } else if (row->has_value()) {
        auto loaded = spaces_.load(**row);
        if (loaded) {
            result = std::optional<sync::LoadedSpace>(std::move(*loaded));
        } else {
            result = loaded.error();
        }
    }
    database_.rollback();
    return result;
}

Result<SpaceRow> SqliteReader::known_space(const OrgId& org, const SpaceId& space) {
    TRELLIS_TRY(const auto row, spaces_.row(org, space));
    if (!row) return Error{Code::not_found, "the store has no such space"};
    return *row;
}

Result<sync::LogPage> SqliteReader::page(const sync::CatchUp& request) {
    TRELLIS_TRY(const SpaceRow row, known_space(request.org, request.space));
    const Use use(page_);
    sync::LogPage page;
    std::size_t bytes = 0;
    page_.bind(1, envelope_key(row.number, request.after)).bind(2, envelope_key(row.number + 1, 0));
    while (page.envelopes.size() < request.max_envelopes) {
        TRELLIS_TRY(const bool more, page_.step());
        if (!more) break;
        const ByteView envelope = page_.bytes(4);
        bytes += envelope.size();
        if (!page.envelopes.empty() && bytes > request.max_bytes) break;
        sync::LoggedEnvelope& logged = page.envelopes.emplace_back();
        TRELLIS_TRY(logged.device, read_id<DeviceId>(page_, 0));
        TRELLIS_TRY(logged.incarnation, read_id<Incarnation>(page_, 1));
        logged.first = static_cast<Counter>(page_.integer(2));
        TRELLIS_TRY(page.head, read_id<Digest>(page_, 3));
        logged.envelope = to_bytes(envelope);
    }
    if (page.envelopes.empty() && request.after > 0) {
        TRELLIS_TRY(page.head, head_at({0, request.org, request.space, request.after}));
    }
    return page;
}

/// Fills walk_ with the chain's envelopes after the counter. Pages of one repair follow each
/// other, so the last walk is kept and need not be taken again for each.
Result<void> SqliteReader::walk_back(std::int64_t space,
                                     std::int64_t chain,
                                     std::int64_t tip,
                                     Counter after) {
    if (walk_.chain == chain && walk_.tip == tip && walk_.after <= after) return {};
    Walk walk{chain, tip, after, {}};
    const Use use(step_back_);
    for (std::int64_t position = tip; position != 0;) {
        step_back_.bind(1, envelope_key(space, static_cast<std::uint64_t>(position)));
        TRELLIS_TRY(const bool found, step_back_.step());
        if (!found) return missing_envelope();
        const auto first = static_cast<Counter>(step_back_.integer(0));
        const std::int64_t back = step_back_.integer(1);
        step_back_.reset();
        if (first <= after || back >= position) break;
        walk.found.emplace_back(first, position);
        position = back;
    }
    walk_ = std::move(walk);
    return {};
}

Result<Digest> SqliteReader::hash_of(std::int64_t key) {
    const Use use(hash_);
    hash_.bind(1, key);
    TRELLIS_TRY(const bool found, hash_.step());
    if (!found) return missing_envelope();
    return read_id<Digest>(hash_, 0);
}

Result<sync::ChainPage> SqliteReader::chain(const sync::FetchChain& request) {
    TRELLIS_TRY(const SpaceRow row, known_space(request.org, request.space));
    sync::ChainPage page;
    const Use use_chain(chain_);
    chain_.bind(1, row.number).bind_bytes(2, request.device.view());
    chain_.bind_bytes(3, request.incarnation.view());
    TRELLIS_TRY(const bool known, chain_.step());
    if (!known) return page;
    TRELLIS_DO(walk_back(row.number, chain_.integer(0), chain_.integer(1), request.after));
    std::size_t bytes = 0;
    for (auto found = walk_.found.rbegin(); found != walk_.found.rend(); ++found) {
        if (found->first <= request.after) continue;
        if (found->first > request.until) break;
        const Use use(envelope_);
        envelope_.bind(1, envelope_key(row.number, static_cast<std::uint64_t>(found->second)));
        TRELLIS_TRY(const bool is_there, envelope_.step());
        if (!is_there) return missing_envelope();
        bytes += envelope_.bytes(1).size();
        if (!page.envelopes.empty() && bytes > request.max_bytes) break;
        const auto back = static_cast<std::uint64_t>(envelope_.integer(0));
        if (page.envelopes.empty() && back != 0) {
            TRELLIS_TRY(page.previous, hash_of(envelope_key(row.number, back)));
        }
        page.envelopes.push_back({found->first, to_bytes(envelope_.bytes(1))});
    }
    return page;
}

Result<Digest> SqliteReader::head_at(const sync::HeadAt& request) {
    TRELLIS_TRY(const SpaceRow row, known_space(request.org, request.space));
    const Use use(head_);
    head_.bind(1, envelope_key(row.number, request.position));
    TRELLIS_TRY(const bool found, head_.step());
    if (!found) return Error{Code::not_found, "the log has no such position"};
    return read_id<Digest>(head_, 0);
}

Result<StoreStats> SqliteReader::stats() {
    StoreStats stats;
    TRELLIS_TRY(stats.orgs, database_.integer("SELECT count(*) FROM org"));
    TRELLIS_TRY(stats.entries, database_.integer("SELECT coalesce(sum(entries), 0) FROM org"));
    TRELLIS_TRY(stats.spaces, database_.integer("SELECT count(*) FROM space"));
    TRELLIS_TRY(stats.chains, database_.integer("SELECT count(*) FROM chain"));
    TRELLIS_TRY(stats.envelopes, database_.integer("SELECT coalesce(sum(position), 0) FROM space"));
    TRELLIS_TRY(stats.envelope_bytes,
                database_.integer("SELECT coalesce(sum(bytes), 0) FROM space"));
    TRELLIS_TRY(const std::int64_t pages, database_.integer("PRAGMA page_count"));
    TRELLIS_TRY(const std::int64_t page_size, database_.integer("PRAGMA page_size"));
    stats.store_bytes = pages * page_size;
    return stats;
}

Result<std::vector<sync::SubmissionItem>> SqliteReader::submissions(
    const sync::LoadSubmissions& request) {
    std::vector<sync::SubmissionItem> items;
    const Use use(submissions_);
    submissions_.bind_bytes(1, request.org.view()).bind_bytes(2, request.inbox.view());
    submissions_.bind(3, static_cast<std::int64_t>(request.after));
    std::size_t bytes = 0;
    while (items.size() < request.max_items) {
        TRELLIS_TRY(const bool more, submissions_.step());
        if (!more) break;
        bytes += submissions_.bytes(2).size();
        if (!items.empty() && bytes > request.max_bytes) break;
        items.push_back({static_cast<std::uint64_t>(submissions_.integer(0)),
                         submissions_.integer(1),
                         to_bytes(submissions_.bytes(2))});
    }
    return items;
}

}  // namespace trellis::server
