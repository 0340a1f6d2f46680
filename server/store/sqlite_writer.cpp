// SPDX-License-Identifier: Apache-2.0
#include "server/store/sqlite_writer.hpp"

#include "server/store/sqlite_schema.hpp"
#include "server/store/sqlite_shred.hpp"

namespace trellis::server {
namespace {

/// What the writer remembers of chains before it starts anew; some 100 bytes each.
constexpr std::size_t known_chains_max = 200'000;

Result<void> refused(Code code, std::string message) {
    return Error{code, std::move(message)};
}

}  // namespace

Result<std::unique_ptr<StoreWriter>> SqliteWriter::open(const StorePlace& place,
                                                        const StoreOptions& options) {
    TRELLIS_TRY(auto database, connect(place, false));
    std::unique_ptr<SqliteWriter> writer(new SqliteWriter(std::move(database), options));
    TRELLIS_DO(writer->prepare());
    return std::unique_ptr<StoreWriter>(std::move(writer));
}

Result<void> SqliteWriter::prepare() {
    TRELLIS_TRY(spaces_, SqliteSpaces::open(database_));
    TRELLIS_TRY(inboxes_, SqliteInboxWriter::open(database_));
    const std::pair<sqlite::Statement*, std::string_view> statements[] = {
        {&org_end_, "SELECT number, entries FROM org WHERE id = ?1"},
        {&add_org_, "INSERT INTO org(id, entries) VALUES(?1, 1)"},
        {&grow_org_, "UPDATE org SET entries = ?2 WHERE number = ?1"},
        {&add_entry_, "INSERT INTO entry(id, bytes) VALUES(?1, ?2)"},
        {&add_space_,
         "INSERT INTO space(org, id, incarnation, position, head, bytes) "
         "VALUES(?1, ?2, ?3, 0, zeroblob(32), 0)"},
        {&move_space_, "UPDATE space SET position = ?2, head = ?3, bytes = ?4 WHERE number = ?1"},
        {&find_chain_,
         "SELECT number, position FROM chain "
         "WHERE space = ?1 AND device = ?2 AND incarnation = ?3"},
        {&add_chain_,
         "INSERT INTO chain(number, last, epoch, position, hash, space, device, incarnation) "
         "VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)"},
        {&move_chain_,
         "UPDATE chain SET last = ?2, epoch = ?3, position = ?4, hash = ?5 WHERE number = ?1"},
        {&add_envelope_,
         "INSERT INTO envelope(id, chain, first, back, hash, head, bytes) "
         "VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7)"},
        {&set_seen_,
         "INSERT OR REPLACE INTO seen(space, device, incarnation, position, head, signature) "
         "VALUES(?1, ?2, ?3, ?4, ?5, ?6)"},
        {&probe_, "INSERT OR REPLACE INTO meta(name, value) VALUES('probe', zeroblob(4096))"},
        {&begin_, "BEGIN IMMEDIATE"},
    };
    for (const auto& [statement, sql] : statements) {
        TRELLIS_TRY(*statement, database_.prepare(sql));
    }
    TRELLIS_TRY(last_chain_, database_.integer("SELECT coalesce(max(number), 0) FROM chain"));
    return {};
}

Result<void> SqliteWriter::begin() {
    TRELLIS_DO(database_.usable());
    return begin_.run();
}

Result<void> SqliteWriter::commit() {
    auto result = database_.commit();
    if (!result) forget();
    // A reader may hold the old pages for a moment: then the next commit tries again.
    if (result && is_log_full_of_old_) is_log_full_of_old_ = !database_.checkpoint().has_value();
    return result;
}

void SqliteWriter::rollback() {
    database_.rollback();
    forget();
}

Result<void> SqliteWriter::probe() {
    TRELLIS_DO(begin());
    auto written = probe_.run();
    if (!written) {
        rollback();
        return written;
    }
    return commit();
}

void SqliteWriter::forget() {
    known_.clear();
    known_chains_ = 0;
}

Verdict<void> SqliteWriter::append_entry(const OrgId& org, std::uint64_t index, ByteView entry) {
    org_end_.bind_bytes(1, org.view());
    TRELLIS_TRY(const bool known, org_end_.step());
    std::int64_t number = known ? org_end_.integer(0) : 0;
    const auto length = static_cast<std::uint64_t>(known ? org_end_.integer(1) : 0);
    org_end_.reset();
    if (length != index) {
        return refused(Code::conflict, "the membership log has grown meanwhile: read it again");
    }
    if (index >> entry_bits != 0) return refused(Code::too_large, "the membership log is full");
    if (known) {
        TRELLIS_DO(grow_org_.bind(1, number).bind(2, static_cast<std::int64_t>(index) + 1).run());
    } else {
        TRELLIS_DO(add_org_.bind_bytes(1, org.view()).run());
        number = database_.last_row_id();
    }
    TRELLIS_DO(add_entry_.bind(1, entry_key(number, index)).bind_bytes(2, entry).run());
    return Result<void>();
}

Verdict<sync::LoadedSpace> SqliteWriter::create_space(const sync::LoadSpace& request) {
    using Loaded = Result<sync::LoadedSpace>;
    TRELLIS_TRY(const auto row, spaces_.row(request.org, request.space));
    if (row) {
        TRELLIS_TRY(auto loaded, spaces_.load(*row));
        return Loaded(std::move(loaded));
    }
    TRELLIS_TRY(const std::int64_t org, spaces_.org_number(request.org));
    if (org == 0) {
        return Loaded(Error{Code::not_found, "the store does not know this organisation"});
    }
    add_space_.bind(1, org).bind_bytes(2, request.space.view());
    TRELLIS_DO(add_space_.bind_bytes(3, request.fresh.view()).run());
    sync::LoadedSpace empty;
    empty.end.incarnation = request.fresh;
    return Loaded(std::move(empty));
}

Result<SqliteWriter::Space*> SqliteWriter::space(const OrgId& org, const SpaceId& id) {
    const auto found = known_.find({org, id});
    if (found != known_.end()) return &found->second;
    TRELLIS_TRY(const auto row, spaces_.row(org, id));
    if (!row) return static_cast<Space*>(nullptr);
    if (known_chains_ > known_chains_max) forget();
    ++known_chains_;
    Space& space = known_[{org, id}];
    space.row = *row;
    return &space;
}

Result<SqliteWriter::Chain*> SqliteWriter::chain(Space& space,
                                                 const sync::PlacedEnvelope& envelope) {
    const ChainName name{envelope.device, envelope.incarnation};
    const auto known = space.chains.find(name);
    if (known != space.chains.end()) return &known->second;
    find_chain_.bind(1, space.row.number).bind_bytes(2, envelope.device.view());
    find_chain_.bind_bytes(3, envelope.incarnation.view());
    TRELLIS_TRY(const bool found, find_chain_.step());
    Chain chain;
    if (found) {
        chain.number = find_chain_.integer(0);
        chain.position = find_chain_.integer(1);
        find_chain_.reset();
    } else {
        // Its row is written with the end of this append: once, not twice.
        chain.number = ++last_chain_;
        chain.is_new = true;
    }
    ++known_chains_;
    return &space.chains.emplace(name, chain).first->second;
}

Result<void> SqliteWriter::insert(Space& space, const sync::PlacedEnvelope& envelope) {
    TRELLIS_TRY(Chain* const chain, this->chain(space, envelope));
    add_envelope_.bind(1, envelope_key(space.row.number, envelope.position))
        .bind(2, chain->number)
        .bind(3, static_cast<std::int64_t>(envelope.first))
        .bind(4, chain->position)
        .bind_bytes(5, envelope.chain.view())
        .bind_bytes(6, envelope.head.view())
        .bind_bytes(7, envelope.envelope);
    TRELLIS_DO(add_envelope_.run());
    chain->position = static_cast<std::int64_t>(envelope.position);
    chain->newest = &envelope;
    return {};
}

/// What the space's envelopes will weigh together.
Result<std::int64_t> SqliteWriter::check_room(const Space& space,
                                              const sync::SpaceAppend& append) const {
    std::int64_t bytes = space.row.bytes;
    std::uint64_t position = append.after;
    for (const sync::PlacedEnvelope& envelope : append.envelopes) {
        TRELLIS_CHECK(envelope.position == ++position);
        bytes += static_cast<std::int64_t>(envelope.envelope.size());
    }
    if (position >> position_bits != 0) return Error{Code::no_space, "the space's log is full"};
    if (bytes <= options_.space_bytes_max) return bytes;
    return Error{Code::no_space,
                 "this space has used up its share of the server's disk; its "
                 "operator can raise space-bytes-max"};
}

Verdict<void> SqliteWriter::append(const sync::SpaceAppend& append) {
    TRELLIS_TRY(Space* const space, this->space(append.org, append.space));
    if (space == nullptr) {
        return refused(Code::conflict, "the store has no such space: load it again");
    }
    const Cursor& end = space->row.end;
    if (end.incarnation != append.incarnation || end.position != append.after) {
        return refused(Code::conflict, "the space's log has moved meanwhile: load it again");
    }
    const auto bytes = check_room(*space, append);
    if (!bytes) return Result<void>(bytes.error());
    for (const sync::PlacedEnvelope& envelope : append.envelopes) {
        TRELLIS_DO(insert(*space, envelope));
    }
    space->row.bytes = *bytes;
    TRELLIS_DO(move_ends(*space, append));
    return Result<void>();
}

Result<void> SqliteWriter::move_ends(Space& space, const sync::SpaceAppend& append) {
    for (const sync::PlacedEnvelope& envelope : append.envelopes) {
        Chain& chain = space.chains.find({envelope.device, envelope.incarnation})->second;
        if (chain.newest != &envelope) continue;
        chain.newest = nullptr;
        sqlite::Statement& statement = chain.is_new ? add_chain_ : move_chain_;
        statement.bind(1, chain.number)
            .bind(2, static_cast<std::int64_t>(envelope.last))
            .bind(3, static_cast<std::int64_t>(envelope.epoch))
            .bind(4, chain.position)
            .bind_bytes(5, envelope.chain.view());
        if (chain.is_new) {
            statement.bind(6, space.row.number).bind_bytes(7, envelope.device.view());
            statement.bind_bytes(8, envelope.incarnation.view());
        }
        chain.is_new = false;
        TRELLIS_DO(statement.run());
    }
    const sync::PlacedEnvelope& newest = append.envelopes.back();
    space.row.end.position = newest.position;
    space.row.end.head = newest.head;
    return move_space_.bind(1, space.row.number)
        .bind(2, static_cast<std::int64_t>(newest.position))
        .bind_bytes(3, newest.head.view())
        .bind(4, space.row.bytes)
        .run();
}

Result<void> SqliteWriter::save_seen(const sync::SaveSeen& save) {
    TRELLIS_TRY(Space* const space, this->space(save.org, save.space));
    if (space == nullptr) return {};
    return set_seen_.bind(1, space->row.number)
        .bind_bytes(2, save.seen.device.view())
        .bind_bytes(3, save.seen.incarnation.view())
        .bind(4, static_cast<std::int64_t>(save.seen.position))
        .bind_bytes(5, save.seen.head.view())
        .bind_bytes(6, save.seen.signature.view())
        .run();
}

Verdict<void> SqliteWriter::store_submission(const sync::StoreSubmission& request) {
    TRELLIS_TRY(const std::int64_t org, spaces_.org_number(request.org));
    if (org == 0) return refused(Code::not_found, "the store does not know this organisation");
    return inboxes_.store(org, request, options_);
}

Result<void> SqliteWriter::drop_submissions(const sync::DropSubmissions& request) {
    TRELLIS_TRY(const std::int64_t org, spaces_.org_number(request.org));
    return inboxes_.drop(org, request);
}

Result<void> SqliteWriter::shred(const sync::ShredSpace& request) {
    TRELLIS_TRY(const std::int64_t org, spaces_.org_number(request.org));
    TRELLIS_TRY(const auto row, spaces_.row(request.org, request.space));
    TRELLIS_DO(shred_rows(database_, org, row ? row->number : 0, request));
    forget();
    is_log_full_of_old_ = true;
    return {};
}

}  // namespace trellis::server
