// SPDX-License-Identifier: Apache-2.0
#include "tests/sim/truth.hpp"

#include <algorithm>
#include <utility>

namespace trellis::sim {

void Truth::add(Deed deed) {
    auto& given = given_[deed.dot.actor];
    deed.has_namesake = deed.dot.counter <= given;
    given = std::max(given, deed.last);
    auto& list = by_actor_[deed.dot.actor];
    // A database that was copied, or went back in time, may give the same name again: the name
    // means the later one from now on, and the other is to be found by its serial, if at all.
    while (!list.empty() && deeds_[list.back()].last >= deed.dot.counter) {
        Deed& other = deeds_[list.back()];
        if (!other.is_marked) other.is_gone = true;
        list.pop_back();
    }
    list.push_back(deeds_.size());
    deeds_.push_back(std::move(deed));
}

Counter Truth::raise(const ActorId& actor, Counter last, core::Ack level) {
    auto& known = (level == core::Ack::stored ? stored_ : seen_)[actor];
    if (last <= known) return 0;
    known = last;
    if (level == core::Ack::stored) promised_[actor] = last;
    const auto found = by_actor_.find(actor);
    if (found == by_actor_.end()) return last;
    for (auto at = found->second.rbegin(); at != found->second.rend(); ++at) {
        Deed& deed = deeds_[*at];
        if (deed.last > last) continue;
        if (deed.level >= level) break;
        deed.level = level;
    }
    return last;
}

void Truth::limit_relay_promise(const ActorId& actor, Counter held) {
    const auto found = promised_.find(actor);
    if (found != promised_.end()) found->second = std::min(found->second, held);
}

const Deed* Truth::find(const Dot& dot) const {
    const auto found = by_actor_.find(dot.actor);
    if (found == by_actor_.end()) return nullptr;
    const auto& list = found->second;
    const auto at = std::lower_bound(
        list.begin(), list.end(), dot.counter,
        [this](std::size_t deed, Counter counter) { return deeds_[deed].last < counter; });
    if (at == list.end() || deeds_[*at].dot.counter > dot.counter) return nullptr;
    return &deeds_[*at];
}

Counter Truth::saved(const ActorId& actor) const {
    const auto found = by_actor_.find(actor);
    if (found == by_actor_.end() || found->second.empty()) return 0;
    return deeds_[found->second.back()].last;
}

Counter Truth::stored(const ActorId& actor) const {
    const auto found = stored_.find(actor);
    return found == stored_.end() ? 0 : found->second;
}

}  // namespace trellis::sim
