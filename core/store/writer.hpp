// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/edit.hpp"
#include "core/store/applier.hpp"
#include "core/store/store.hpp"

namespace trellis::core {

/// Turns edits into the ops of one change, merging each at once, so that later edits of a batch
/// see earlier ones. Lives for one transaction of one space.
class Writer {
public:
    struct Start {
        ActorIndex actor = 0;
        Counter first = 0;
        Stamp stamp;
    };
    Writer(Store& store, const Start& start)
        : store_(store)
        , applier_(store.records, store.links, store.actors)
        , start_(start)
        , next_(start.first) {}

    /// `invalid`, `not_found`, `denied`, `conflict` or `unsupported`, with the field's name.
    Result<Written> write(const Edit& edit);
    /// Everything written, merged into rows.
    Result<Change> finish();
    [[nodiscard]] const std::set<TypeId>& touched() const { return applier_.touched(); }

private:
    struct Target {
        Place place;
        const Type* type = nullptr;
        RecordState state;
    };

    Result<Written> write_edit(const PutRecord& edit);
    Result<Written> write_edit(const SetFields& edit);
    Result<Written> write_edit(const ChangeSet& edit);
    Result<Written> write_edit(const IncrementField& edit);
    Result<Written> write_edit(const AppendEntry& edit);
    Result<Written> write_edit(const RaiseStatus& edit);
    Result<Written> write_edit(const AdvanceStatus& edit);
    Result<Written> write_edit(const CloseStatus& edit);
    Result<Written> write_edit(const ResolveField& edit);
    Result<Written> write_edit(const DeleteRecord& edit);
    Result<Written> write_edit(const RestoreRecord& edit);
    Result<Written> write_edit(const LinkRecords& edit);

    Result<Target> target(const RecordId& record);
    Result<const Field*> field(const Target& target, const std::string& name, FieldKind kind);
    Result<FieldEdit> edit_of(const Field& field, const Json& value, const RecordState& state,
                              bool creating);
    Result<Write> write_of(const Type& type, const Json& fields, const RecordState& state,
                           bool creating);
    Result<void> put_rest(const Type& type, const RecordId& record, const Json& fields);
    Result<Dot> perform(TypeId type, const RecordId& record, decltype(Op::action) action);
    [[nodiscard]] Dot next_dot() const;
    [[nodiscard]] SpaceIndex space() const { return store_.actors.at(start_.actor).space; }

    Store& store_;
    Applier applier_;
    Start start_;
    Counter next_;
    std::vector<Op> ops_;
};

}  // namespace trellis::core
