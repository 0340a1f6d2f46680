// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <vector>

#include "core/merge/links.hpp"
#include "core/merge/record_state.hpp"
#include "core/merge/resolver.hpp"
#include "tests/laws/story.hpp"

namespace trellis::laws {

/// The place that a deed puts itself into, or takes others out of: a register, one element of
/// one set, the tokens of a field, the deletes, the links of one pair.
struct Slot {
    Verb put = Verb::assign;
    core::FieldId field = 0;
    int what = 0;
    bool operator==(const Slot&) const = default;
    bool operator<(const Slot& other) const;
};

/// What must be seen after a set of events: said from the history and happens-before alone.
/// Only the value types are those of core/merge; none of its functions is called.
class Spec {
public:
    /// Borrows the story. Each event is to be noted, after those it has seen, before anything is
    /// asked about it, and again when its author does something else.
    explicit Spec(const Story& story) : story_(story), effects_(story.size()) {}
    void note(std::size_t e);

    /// The events of `seen` that put something into the slot which no event of `seen` that knew
    /// of it has taken away.
    [[nodiscard]] EventSet live(const EventSet& seen, const Slot& slot) const;

    [[nodiscard]] core::RecordState record(const EventSet& seen) const;
    [[nodiscard]] core::Presence presence(const EventSet& seen) const;
    [[nodiscard]] core::Links links(const EventSet& seen) const;
    /// For each of the five linked records, its whole class.
    [[nodiscard]] std::vector<std::vector<RecordId>> classes(const EventSet& seen) const;
    /// The value that a register of this description shows.
    [[nodiscard]] core::Value shown(const EventSet& seen, const core::Field& field) const;
    [[nodiscard]] bool is_conflict(const EventSet& seen, core::FieldId field) const;
    [[nodiscard]] std::optional<std::uint32_t> level(const EventSet& seen,
                                                     core::FieldId field) const;

    /// The token that an advance is about: for `oldest` the first raise its author ever saw,
    /// closed or not; for `all` the last one still open; nothing where there is none.
    [[nodiscard]] std::optional<std::size_t> target(std::size_t e, const Deed& deed) const;
    [[nodiscard]] bool is_write(std::size_t e) const;
    [[nodiscard]] bool creates(std::size_t e) const;
    /// Each replica's last write.
    [[nodiscard]] VersionVector writes(const EventSet& seen) const;
    [[nodiscard]] const Story& story() const { return story_; }

    static std::optional<Slot> put_slot(const Deed& deed);
    static std::optional<Slot> take_slot(const Deed& deed);

private:
    [[nodiscard]] std::optional<std::size_t> oldest(const EventSet& events) const;
    [[nodiscard]] std::vector<std::size_t> by_dot(const EventSet& events) const;
    [[nodiscard]] core::FieldState field_state(const EventSet& seen, const Slot& slot) const;
    [[nodiscard]] core::ElementSet elements(const EventSet& seen, core::FieldId field) const;
    [[nodiscard]] core::Tokens tokens(const EventSet& seen, const Slot& slot) const;
    [[nodiscard]] std::uint32_t token_level(const EventSet& seen, std::size_t token) const;

    struct Effect {
        std::optional<Slot> put;
        std::optional<Slot> take;
        EventSet taken;  ///< what it takes away, and more that lies elsewhere
    };

    const Story& story_;
    std::vector<std::vector<Effect>> effects_;  ///< by event and deed
};

}  // namespace trellis::laws
