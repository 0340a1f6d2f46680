// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "core/base/stamp.hpp"
#include "core/record/op.hpp"
#include "tests/laws/history.hpp"

namespace trellis::laws {

/// What somebody does, said without naming any op. `assign` … `advance` concern a field;
/// `link` and `unlink` a pair of records.
enum class Verb : std::uint8_t {
    assign, add, remove, increment,              // the edits of one write
    append, raise, advance, close, erase, restore, link, unlink, unknown,
};

/// How much of what the author has seen an op that takes something away names. Honest
/// programs name all; merging must agree with itself for any.
enum class Names : std::uint8_t { all, oldest, none };

struct Deed {
    Verb verb = Verb::assign;
    core::FieldId field = 1;
    int what = 0;  ///< a value, an amount, a level, a pair of records
    Names names = Names::all;
};

/// One op: one deed, or several edits of different fields in one write.
using Act = std::vector<Deed>;

/// From here on `what` stands for a reference to a linked record, before it for a number.
inline constexpr int a_reference = 100;
core::Value value_of(int what);

/// A history, and what is done by each of its events, and when by the author's clock.
struct Story {
    const History* history = nullptr;
    std::vector<const Act*> acts;
    std::vector<Stamp> stamps;

    [[nodiscard]] std::size_t size() const { return history->size(); }
    [[nodiscard]] const Event& event(std::size_t e) const { return (*history)[e]; }
    [[nodiscard]] const Act& act(std::size_t e) const { return *acts[e]; }
    [[nodiscard]] Dot dot(std::size_t e) const;
};

ActorId actor_of(std::size_t replica);
RecordId linked_record(int number);
/// The two records of a pair: 0 is (0, 1), 1 is (1, 2), and so on around five.
std::pair<RecordId, RecordId> pair_of(int what);

/// For people: what happened, line by line.
std::string to_string(const Story& story);

}  // namespace trellis::laws
