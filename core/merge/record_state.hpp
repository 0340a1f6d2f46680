// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <variant>
#include <vector>

#include "core/merge/element_set.hpp"
#include "core/merge/presence.hpp"
#include "core/merge/register.hpp"
#include "core/merge/tally.hpp"
#include "core/merge/tokens.hpp"

namespace trellis::core {

/// What has been put into one field. Honest programs agree on a field's kind; where a faulty
/// one does not, each kind is kept side by side, and readers take the schema's.
struct FieldState {
    using Data = std::variant<Register, ElementSet, Tally, Tokens>;

    FieldId field = 0;
    Data data;
    bool operator==(const FieldState&) const = default;

    /// The place of T among the kinds of a field.
    template <class T>
    static constexpr std::size_t kind_of() {
        return kind_in<T>(static_cast<const Data*>(nullptr));
    }

private:
    template <class T, class... Kinds>
    static constexpr std::size_t kind_in(const std::variant<Kinds...>* /*unused*/) {
        constexpr bool matches[] = {std::is_same_v<T, Kinds>...};
        std::size_t kind = 0;
        while (!matches[kind]) ++kind;
        return kind;
    }
};

/// Everything merging knows of one record but the entries of its logs, which are a plain union
/// and are kept apart (they grow without bound). A pure function of the set of ops applied, in
/// any order that respects causality.
struct RecordState {
    std::optional<Dot> created;  ///< smallest creating dot, where a creating write was seen
    Stamp created_at;
    std::vector<FieldState> fields;      ///< ascending by field, then by kind
    VersionVector writes;                ///< highest write of each actor, log entries included
    std::vector<Tombstone> tombstones;   ///< ascending by dot
    std::vector<Dot> frozen_by;          ///< ops of unknown kind, ascending
    bool operator==(const RecordState&) const = default;

    /// Takes in one op. Requires: what happened before it has been taken in (see
    /// names_only_past()), and it has not been itself: the caller keeps a version vector. Taking
    /// in at once the op that was taken in last changes nothing but tallies.
    void apply(const Dot& dot, const Stamp& stamp, const Op& op);

    /// What is in a field, as a Register, ElementSet, Tally or Tokens; null where nothing was
    /// ever put into it that way.
    template <class T>
    [[nodiscard]] const T* find(FieldId field) const {
        const auto* data = data_of(field, FieldState::kind_of<T>());
        return data == nullptr ? nullptr : std::get_if<T>(data);
    }
    [[nodiscard]] Presence presence() const { return presence_of(tombstones, writes); }

private:
    [[nodiscard]] const FieldState::Data* data_of(FieldId field, std::size_t kind) const;
};

}  // namespace trellis::core
