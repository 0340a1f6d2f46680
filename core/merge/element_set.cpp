// SPDX-License-Identifier: Apache-2.0
#include "core/merge/element_set.hpp"

#include <algorithm>
#include <iterator>

#include "core/merge/same_value.hpp"

namespace trellis::core {
namespace {

using Element = ElementSet::Element;

bool before(const Element& element, const Value& value) { return element.value < value; }

/// Where the element with this value is, or end.
template <class Elements>
auto find_in(Elements& elements, const Value& value) {
    const auto at = std::lower_bound(elements.begin(), elements.end(), value, before);
    return at != elements.end() && same_value(at->value, value) ? at : elements.end();
}

void insert(std::vector<Dot>& dots, const Dot& dot) {
    const auto at = std::lower_bound(dots.begin(), dots.end(), dot);
    if (at == dots.end() || *at != dot) dots.insert(at, dot);
}

}  // namespace

void ElementSet::apply(const Dot& dot, const EditSet& edit) {
    remove(edit.remove);
    add(dot, edit.add);
}

const Element* ElementSet::find(const Value& value) const {
    const auto at = find_in(elements, value);
    return at == elements.end() ? nullptr : &*at;
}

void ElementSet::remove(const std::vector<EditSet::Removal>& removals) {
    bool emptied = false;
    for (const auto& removal : removals) {
        const auto at = find_in(elements, removal.element);
        if (at == elements.end()) continue;
        std::erase_if(at->adds, [&](const Dot& add) {
            return std::binary_search(removal.seen.begin(), removal.seen.end(), add);
        });
        emptied = emptied || at->adds.empty();
    }
    if (emptied) {
        std::erase_if(elements, [](const Element& element) { return element.adds.empty(); });
    }
}

void ElementSet::add(const Dot& dot, const std::vector<Value>& values) {
    std::vector<Element> fresh;
    for (const auto& value : values) {
        const auto at = find_in(elements, value);
        if (at == elements.end()) {
            fresh.push_back({value, {dot}});
        } else {
            insert(at->adds, dot);
        }
    }
    if (fresh.empty()) return;
    if (fresh.size() == 1) {
        const auto at = std::lower_bound(elements.begin(), elements.end(), fresh[0].value, before);
        elements.insert(at, std::move(fresh[0]));
        return;
    }
    // One merge, not one insertion each: an op may bring thousands of elements.
    std::vector<Element> merged;
    merged.reserve(elements.size() + fresh.size());
    std::merge(std::make_move_iterator(elements.begin()), std::make_move_iterator(elements.end()),
               std::make_move_iterator(fresh.begin()), std::make_move_iterator(fresh.end()),
               std::back_inserter(merged),
               [](const Element& a, const Element& b) { return a.value < b.value; });
    elements = std::move(merged);
}

}  // namespace trellis::core
