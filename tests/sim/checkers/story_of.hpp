// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "tests/laws/spec.hpp"
#include "tests/sim/truth.hpp"

namespace trellis::sim {

/// One record's accepted history in the words of the laws' oracle (tests/laws), which shares no
/// function with core/merge. What happened before what is the simulation's own knowledge, not
/// what the ops say.
class RecordStory {
public:
    /// Nothing where the oracle has no words for it: too long, a change of unknown author, an
    /// advance of a token that its author did not see as the last.
    static std::optional<RecordStory> of(const std::vector<core::Replica::Past>& history,
                                         const RecordId& record, const Truth& truth);

    /// What must be seen, in the product's own types.
    [[nodiscard]] core::RecordState expected() const;
    [[nodiscard]] core::Presence presence() const;
    /// The value that a register shows. Requires: it has a value, and no order of its own.
    [[nodiscard]] core::Value shown(const core::Field& field) const;
    [[nodiscard]] std::size_t size() const { return history_.size(); }

private:
    struct Event {
        Dot dot;
        Stamp stamp;
        const core::Op* op = nullptr;
        const Deed* deed = nullptr;
    };

    bool collect(const std::vector<core::Replica::Past>& history, const RecordId& record,
                 const Truth& truth, std::vector<Event>& events);
    void number(const std::vector<Event>& events);
    bool tell(const std::vector<Event>& events);
    std::optional<laws::Act> act_of(const core::Op& op) const;
    [[nodiscard]] int place_of(const core::Value& value) const;
    bool fits(const std::vector<Event>& events) const;
    [[nodiscard]] laws::Story story() const;
    [[nodiscard]] Dot real(const Dot& dot) const;
    void make_real(core::FieldState& field) const;

    laws::History history_;
    std::vector<laws::Act> acts_;
    std::vector<Stamp> stamps_;
    std::vector<ActorId> actors_;        ///< ascending: the oracle's replicas
    std::vector<core::Value> values_;    ///< ascending: the oracle's values
};

}  // namespace trellis::sim
