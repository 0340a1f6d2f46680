// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/record/change.hpp"

#include <map>
#include <random>
#include <string>
#include <vector>

namespace trellis::core {

/// Made-up work of a school liaison, to train the dictionary on: no word of it was ever said
/// by a family. The same for the same seed on every machine.
class MadeUp {
public:
    /// `phrases` is the text of phrases.txt.
    MadeUp(Schema schema, std::string_view phrases, std::uint64_t seed);

    /// The encoded body of one envelope with `changes` changes.
    Bytes body(std::size_t changes);

private:
    std::uint64_t number(std::uint64_t below) { return engine_() % below; }
    bool chance(unsigned percent) { return number(100) < percent; }
    /// A number below `below`, small ones more often.
    std::uint64_t skewed(std::uint64_t below) { return number(1 + number(below)); }
    const std::string& pick(const std::string& list);

    std::string note();
    Change change(Counter first, Time time);
    Op creation(Counter own, Time time);
    Op update(Counter own, Time time);
    Value value(const Field& field, Counter own, Time time);
    std::variant<Assign, EditSet, Increment> edit(const Field& field, Counter own, Time time);
    RecordId record(const Field& field, Counter own);
    const Type& type();

    Schema schema_;
    std::map<std::string, std::vector<std::string>> lists_;
    std::mt19937_64 engine_;
    ActorTable table_;
    std::string language_;
    std::vector<std::pair<const Type*, RecordId>> created_;
};

}  // namespace trellis::core
