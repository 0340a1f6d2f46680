// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <utility>
#include <variant>
#include <vector>

#include "core/merge/record_state.hpp"
#include "core/merge/resolver.hpp"

namespace trellis::core {

inline Dot dot_of(std::uint8_t person, Counter counter) {
    Dot dot;
    dot.actor.bytes.front() = person;
    dot.counter = counter;
    return dot;
}
inline Dot alice(Counter counter) { return dot_of(1, counter); }
inline Dot bob(Counter counter) { return dot_of(2, counter); }
inline Dot carol(Counter counter) { return dot_of(3, counter); }

inline Stamp at(Time time, ClockQuality quality = ClockQuality::precise) { return {time, quality}; }

inline Value text(const char* words) { return Value(std::string(words)); }
inline Value number(std::int64_t n) { return Value(n); }

/// A write of one field.
inline Op put(FieldId field, std::vector<Dot> seen, Value value) {
    Op op;
    op.action = Write{false, {{field, Assign{std::move(seen), std::move(value)}}}};
    return op;
}
inline Op edit(FieldId field, std::vector<Value> add, std::vector<EditSet::Removal> remove) {
    Op op;
    op.action = Write{false, {{field, EditSet{std::move(add), std::move(remove)}}}};
    return op;
}
template <class Action>
Op op_of(Action action) {
    Op op;
    op.action = std::move(action);
    return op;
}

inline VersionVector seen(const std::vector<Dot>& dots) {
    VersionVector vector;
    for (const auto& dot : dots) vector.raise(dot.actor, dot.counter);
    return vector;
}

/// One op of a story told in a test.
struct Said {
    Dot dot;
    Stamp stamp;
    Op op;
};

/// The state after the ops in the order given.
inline RecordState told(const std::vector<Said>& ops) {
    RecordState state;
    for (const auto& said : ops) state.apply(said.dot, said.stamp, said.op);
    return state;
}

inline Field field_with(Resolver resolver, std::vector<Value> order = {}) {
    Field field;
    field.id = 1;
    field.resolver = resolver;
    field.protect_order = std::move(order);
    return field;
}

/// The value that a register shows. Requires: it was written.
inline Value shown(const RecordState& state, const Field& field) {
    const auto& heads = state.find<Register>(field.id)->heads;
    return heads[shown_head(heads, field)].value;
}

}  // namespace trellis::core
