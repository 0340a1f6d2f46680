// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>

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
        bool in_compartment = false;  ///< what is for named people only may be written
    };
    /// The sign that something about a family or a person lies in a compartment (writer_sign.cpp).
    struct Sign {
        RecordId about;
        std::set<std::string> ask;  ///< who must be named; empty: this device has no reason for it
        bool may_lower = false;     ///< `ask` is all this device knows of, so the rest can go
        DeviceId self;
        std::function<bool(const DeviceId&)> is_keeper;  ///< whose signs still count
    };
    Writer(Store& store, const Start& start)
        : store_(store)
        , applier_(store.records, store.links, store.actors)
        , start_(start)
        , next_(start.first) {}

    /// `invalid`, `not_found`, `denied`, `conflict` or `unsupported`, with the field's name.
    Result<Written> write(const Edit& edit);
    /// Brings the sign in line with the order; false where it is already. Touches what other
    /// keepers have said only to add to it. Requires: the schema has a sign.
    Result<bool> keep_sign(const Sign& sign);
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
    Result<bool> lower_sign(const Sign& sign, const Type& type, const RecordId& record);
    [[nodiscard]] Result<void> check_class(const std::string& what, DataClass data_class) const;
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
