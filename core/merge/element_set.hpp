// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "core/record/op.hpp"

namespace trellis::core {

/// Observed-remove set: an element is present while one of its adds is.
struct ElementSet {
    struct Element {
        Value value;
        std::vector<Dot> adds;  ///< ascending, never empty
        bool operator==(const Element&) const = default;
    };
    std::vector<Element> elements;  ///< ascending by value
    bool operator==(const ElementSet&) const = default;

    /// Takes away exactly the adds that the removals name, then adds.
    void apply(const Dot& dot, const EditSet& edit);
    [[nodiscard]] const Element* find(const Value& value) const;

private:
    void remove(const std::vector<EditSet::Removal>& removals);
    void add(const Dot& dot, const std::vector<Value>& values);
};

}  // namespace trellis::core
