// SPDX-License-Identifier: Apache-2.0
#include "core/merge/resolver.hpp"

#include <algorithm>

#include "core/merge/same_value.hpp"

namespace trellis::core {
namespace {

bool is_later(const Head& a, const Head& b) {
    bool tie = false;
    const bool loses = loses_to(a.stamp, b.stamp, tie);
    if (!tie) return !loses;
    if (a.dot.counter != b.dot.counter) return b.dot.counter < a.dot.counter;
    return b.dot.actor < a.dot.actor;
}

/// Place in the schema's order, counted from 1; null before and unknown values after all others.
std::size_t rank(const Value& value, const std::vector<Value>& order) {
    const auto at = std::find_if(order.begin(), order.end(), [&](const Value& listed) {
        return same_value(listed, value);
    });
    if (at == order.end() && value.is_null()) return 0;
    return static_cast<std::size_t>(at - order.begin()) + 1;
}

/// True where `a` is shown rather than `b` by their values alone.
bool is_preferred(const Value& a, const Value& b, const Field& field) {
    switch (field.resolver) {
        case Resolver::latest:
        case Resolver::manual:
            return false;
        case Resolver::max:
            return b < a;  // null is the least of all values
        case Resolver::min:
            if (a.is_null() || b.is_null()) return !a.is_null() && b.is_null();
            return a < b;
        case Resolver::protect:
            return rank(b, field.protect_order) < rank(a, field.protect_order);
    }
    return false;
}

}  // namespace

std::size_t shown_head(const std::vector<Head>& heads, const Field& field) {
    TRELLIS_CHECK(!heads.empty());
    std::size_t shown = 0;
    for (std::size_t i = 1; i < heads.size(); ++i) {
        const auto& challenger = heads[i];
        const auto& holder = heads[shown];
        if (is_preferred(holder.value, challenger.value, field)) continue;
        if (is_preferred(challenger.value, holder.value, field) || is_later(challenger, holder)) {
            shown = i;
        }
    }
    return shown;
}

bool is_conflict(const std::vector<Head>& heads) {
    return std::any_of(heads.begin(), heads.end(), [&](const Head& head) {
        return !same_value(head.value, heads.front().value);
    });
}

}  // namespace trellis::core
