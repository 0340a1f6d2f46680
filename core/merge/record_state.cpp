// SPDX-License-Identifier: Apache-2.0
#include "core/merge/record_state.hpp"

#include <algorithm>

namespace trellis::core {
namespace {

struct FieldKey {
    FieldId field = 0;
    std::size_t kind = 0;
};

bool before(const FieldState& state, const FieldKey& key) {
    if (state.field != key.field) return state.field < key.field;
    return state.data.index() < key.kind;
}

/// Where the field's state of this kind is, or belongs.
template <class Fields>
auto place_of(Fields& fields, const FieldKey& key) {
    return std::lower_bound(fields.begin(), fields.end(), key, before);
}

template <class Iterator>
bool is_at(const Iterator& at, const Iterator& end, const FieldKey& key) {
    return at != end && at->field == key.field && at->data.index() == key.kind;
}

/// The field's state of kind T; null where there is none.
template <class T>
T* existing(std::vector<FieldState>& fields, FieldId field) {
    const FieldKey key{field, FieldState::kind_of<T>()};
    const auto at = place_of(fields, key);
    return is_at(at, fields.end(), key) ? std::get_if<T>(&at->data) : nullptr;
}

/// The same, made empty where there is none.
template <class T>
T& made(std::vector<FieldState>& fields, FieldId field) {
    const FieldKey key{field, FieldState::kind_of<T>()};
    auto at = place_of(fields, key);
    if (!is_at(at, fields.end(), key)) at = fields.insert(at, FieldState{field, T{}});
    return *std::get_if<T>(&at->data);
}

/// One op on its way into a record.
struct Applying {
    RecordState& state;
    const Dot& dot;
    const Stamp& stamp;

    void operator()(const Write& write) const {
        if (write.create) note_creation();
        for (const auto& edit : write.fields) {
            std::visit([&](const auto& action) { put(edit.field, action); }, edit.action);
        }
    }
    void operator()(const Append& /*kept apart*/) const {}
    void operator()(const Raise& raise) const {
        made<Tokens>(state.fields, raise.field).raise(dot, stamp, raise.level);
    }
    void operator()(const Advance& advance) const {
        auto* tokens = existing<Tokens>(state.fields, advance.field);
        if (tokens != nullptr) tokens->advance(advance.token, advance.level);
    }
    void operator()(const CloseTokens& closing) const {
        auto* tokens = existing<Tokens>(state.fields, closing.field);
        if (tokens != nullptr) tokens->close(closing.tokens);
    }
    void operator()(const Delete& deletion) const { bury(state.tombstones, dot, stamp, deletion); }
    void operator()(const Restore& restore) const { unearth(state.tombstones, restore); }
    void operator()(const Link& /*see Links*/) const {}
    void operator()(const Unlink& /*see Links*/) const {}
    void operator()(const UnknownOp& /*its body is kept by the caller*/) const {
        auto& dots = state.frozen_by;
        const auto at = std::lower_bound(dots.begin(), dots.end(), dot);
        if (at == dots.end() || *at != dot) dots.insert(at, dot);
    }

private:
    // Two devices may create one keyed record.
    void note_creation() const {
        if (state.created && !(dot < *state.created)) return;
        state.created = dot;
        state.created_at = stamp;
    }
    void put(FieldId field, const Assign& assign) const {
        made<Register>(state.fields, field).apply(dot, stamp, assign);
    }
    void put(FieldId field, const EditSet& edit) const {
        auto* set = edit.add.empty() ? existing<ElementSet>(state.fields, field)
                                     : &made<ElementSet>(state.fields, field);
        if (set != nullptr) set->apply(dot, edit);
    }
    void put(FieldId field, const Increment& increment) const {
        made<Tally>(state.fields, field).apply(increment);
    }
};

}  // namespace

void RecordState::apply(const Dot& dot, const Stamp& stamp, const Op& op) {
    if (is_write(op)) writes.raise(dot.actor, dot.counter);
    std::visit(Applying{*this, dot, stamp}, op.action);
}

const FieldState::Data* RecordState::data_of(FieldId field, std::size_t kind) const {
    const FieldKey key{field, kind};
    const auto at = place_of(fields, key);
    return is_at(at, fields.end(), key) ? &at->data : nullptr;
}

}  // namespace trellis::core
