// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/record/change.hpp"

#include <random>

namespace trellis::core {

/// Made-up changes of every shape, the same for the same seed on every machine.
class RandomBody final : public ActorLookup {
public:
    explicit RandomBody(std::uint64_t seed);

    /// A number from 0 to `below` - 1.
    std::uint64_t number(std::uint64_t below);
    bool chance(unsigned percent) { return number(100) < percent; }
    /// A value that is short to write beside a change of time `stamp` by the op `own`.
    Value value(Time stamp, Counter own);
    Op op(Time stamp, Counter own);
    Change change(Counter first, Time time);
    /// Consecutive changes from `first`, with the actors they need introduced.
    Body body(Counter first);

    const ActorTable& table() const { return table_; }
    const ActorId* find(const RecordId::ActorPrefix& prefix) const override;

private:
    ActorId actor();
    std::string text();
    Bytes bytes(std::size_t below);
    Dot dot(Counter own);
    std::vector<Dot> dots(Counter own, const RecordId* created);
    RecordId record(Counter own);
    RecordId reference(Counter own);
    std::int64_t integer(Time stamp);
    FieldEdit edit(FieldId field, const RecordId& record, Time stamp, Counter own);
    Op later_op(Op op, Time stamp, Counter own);

    std::mt19937_64 engine_;
    std::vector<ActorId> others_;
    ActorTable table_;
};

}  // namespace trellis::core
