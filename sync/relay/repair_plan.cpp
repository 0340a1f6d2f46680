// SPDX-License-Identifier: Apache-2.0
#include "sync/relay/relay_session.hpp"

namespace trellis::sync {

RepairPlan plan_repair(const std::map<SpaceLog::ChainName, ChainHead>& heads,
                       SpaceLog& log,
                       const crypto::Membership& membership) {
    RepairPlan plan;
    for (const auto& [name, lane] : log.lanes()) {
        const auto& end = lane.durable();
        if (end.last == 0) continue;
        Repair::Piece piece{.device = name.first,
                            .incarnation = name.second,
                            .after = 0,
                            .until = end.last,
                            .before = std::nullopt};
        const auto found = heads.find(name);
        if (found == heads.end()) {
            plan.pieces.push_back(piece);
            continue;
        }
        const auto& head = found->second;
        if (head.last < end.last) {
            piece.after = head.last;
            if (head.last > 0) piece.before = head.chain;
            plan.pieces.push_back(piece);
        } else if (head.last > end.last) {
            plan.want.push_back({.device = name.first,
                                 .incarnation = name.second,
                                 .last = end.last,
                                 .chain = short_digest(end.chain)});
        } else if (head.chain != short_digest(end.chain)) {
            // From the start: where the two part is not known here.
            plan.forked.push_back(head);
            plan.pieces.push_back(piece);
        }
    }
    for (const auto& [name, head] : heads) {
        if (head.last == 0 || membership.device(name.first) == nullptr) continue;
        const auto found = log.lanes().find(name);
        if (found != log.lanes().end() && found->second.durable().last > 0) continue;
        plan.want.push_back(
            {.device = name.first, .incarnation = name.second, .last = 0, .chain = {}});
    }
    return plan;
}

}  // namespace trellis::sync
