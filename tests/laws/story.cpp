// SPDX-License-Identifier: Apache-2.0
#include "tests/laws/story.hpp"

#include <array>

namespace trellis::laws {

ActorId actor_of(std::size_t replica) {
    ActorId id;
    // Within what the names of records carry of an actor.
    id.bytes.front() = static_cast<std::uint8_t>(replica + 1);
    return id;
}

RecordId linked_record(int number) {
    RecordId id;
    id.bytes.front() = static_cast<std::uint8_t>(number + 1);
    return id;
}

std::pair<RecordId, RecordId> pair_of(int what) {
    return {linked_record(what % 5), linked_record((what + 1) % 5)};
}

core::Value value_of(int what) {
    if (what >= a_reference) return core::Value(linked_record(what - a_reference));
    return core::Value(std::int64_t{what});
}

Dot Story::dot(std::size_t e) const { return {actor_of(event(e).replica), event(e).number}; }

std::string to_string(const Story& story) {
    static constexpr std::array verbs{"assign", "add",   "remove", "increment", "append",
                                      "raise",  "advance", "close",  "erase",     "restore",
                                      "link",   "unlink",  "unknown"};
    static constexpr std::array names{"", " (naming the oldest)", " (naming none)"};
    std::string text;
    for (std::size_t e = 0; e < story.size(); ++e) {
        const auto& event = story.event(e);
        text += "\n" + std::to_string(e) + ": replica " + std::to_string(event.replica);
        text += " at " + std::to_string(story.stamps[e].time) + " having seen {";
        for (std::size_t p = 0; p < e; ++p) {
            if (event.past[p]) text += " " + std::to_string(p);
        }
        text += " }:";
        for (const auto& deed : story.act(e)) {
            text += " " + std::string(verbs[static_cast<std::size_t>(deed.verb)]);
            text += " f" + std::to_string(deed.field) + " " + std::to_string(deed.what);
            text += names[static_cast<std::size_t>(deed.names)];
        }
    }
    return text;
}

}  // namespace trellis::laws
