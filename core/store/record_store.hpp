// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <optional>

#include "core/store/record_row.hpp"
#include "core/store/search.hpp"

namespace trellis::core {

/// Where a record lies in this database.
struct Place {
    TypeId type = 0;
    SpaceIndex space = 0;
    RowId row = 0;
    RecordId record;
};

/// One entry of a log field.
struct LogEntry {
    RowId row = 0;  ///< where it is kept
    Dot dot;
    Stamp stamp;
    std::vector<std::pair<FieldId, Value>> values;  ///< ascending by field
};

/// Records as rows of ordinary typed tables. Every call is part of the caller's transaction.
/// Types that the schema does not know are kept whole in a table of their own.
class RecordStore {
public:
    RecordStore(sqlite::Database& database, const Schema& schema, Actors& actors)
        : database_(database), schema_(schema), actors_(actors), search_(database) {}

    /// The row of a record, made up (but not written) where it is new.
    Result<RowId> locate(SpaceIndex space, const RecordId& record);
    /// The row of a record that may not exist; nothing where it surely does not.
    Result<std::optional<RowId>> find_row(SpaceIndex space, const RecordId& record);
    /// True where the record has a row of this type.
    Result<bool> has(const Place& place);
    /// A record by name alone, in whatever space and type it is.
    Result<std::optional<Place>> find(const RecordId& record, const std::vector<SpaceIndex>& spaces);
    /// The name of the record in a row; `keyed` is the row's column k.
    [[nodiscard]] RecordId record_of(RowId row, ByteView keyed) const;

    Result<std::optional<RecordState>> load(const Place& place);
    /// Writes the state over what is there (`exists`), or as a new row.
    Result<void> save(const Place& place, const RecordState& state, bool exists);
    /// A record that the op named by its row creates, straight into a new row: the hot path of
    /// a first sync. False, and nothing done, where it is not that simple, or a row is there.
    Result<bool> insert_created(const Place& place, const Stamp& stamp, const Write& write);

    /// True where the row exists and a delete of it stands.
    Result<bool> has_tombstones(const Place& place);
    Result<void> append(const Place& place, FieldId field, const LogEntry& entry);
    Result<std::vector<LogEntry>> entries(const Place& place, FieldId field);
    /// Adds to `writes` what was appended to the record's logs.
    Result<void> join_log_writes(const Place& place, VersionVector& writes);

    /// Forgets every row of a space, links and log entries included.
    Result<void> clear(SpaceIndex space);
    /// The same and the names of its records, so that no table has a trace of them, the full-text
    /// indexes included.
    Result<void> shred(SpaceIndex space);

    /// Moves what a narrower schema had to keep aside into the tables that now exist.
    Result<void> adopt(const SchemaChanges& changes);

    [[nodiscard]] Search& search() { return search_; }
    [[nodiscard]] const Schema& schema() const { return schema_; }

private:
    struct Tables {
        const Type* type = nullptr;
        std::vector<const Field*> columns;
        sqlite::Statement probe;
        sqlite::Statement select;
        sqlite::Statement insert;
        sqlite::Statement update;
        std::vector<bool> searched;  ///< by column
        bool has_search = false;
    };
    struct CreatedColumn {
        const Value* value = nullptr;  ///< null: not given
        Value made;
        std::string scratch;
    };
    struct LogTable {
        sqlite::Statement insert;
        sqlite::Statement select;
        const Field* field = nullptr;
    };

    Result<Tables*> tables(TypeId type);
    static bool created_column(const Field& field, const FieldEdit& edit,
                               std::vector<CreatedSet>& sets, CreatedColumn& column);
    Result<std::vector<LogEntry>> read_entries(sqlite::Statement& select, const Field* field);
    Result<LogTable*> log(TypeId type, FieldId field);
    Result<std::optional<RecordState>> load_other(const Place& place);
    Result<void> save_other(const Place& place, const RecordState& state);
    Result<void> index_text(const Tables& tables, RowId row, const std::vector<Value>& columns,
                            bool exists);
    Result<void> adopt_type(TypeId type);
    Result<void> adopt_entries(TypeId type, const Field& field);
    Result<void> widen_type(TypeId type);

    sqlite::Database& database_;
    const Schema& schema_;
    Actors& actors_;
    Search search_;
    std::map<TypeId, Tables> tables_;
    std::map<std::pair<TypeId, FieldId>, LogTable> logs_;
    sqlite::Statement find_keyed_;
    std::vector<CreatedColumn> created_columns_;  ///< of the row being inserted
};

}  // namespace trellis::core
