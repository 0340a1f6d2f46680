// SPDX-License-Identifier: Apache-2.0
#include "core/merge/past.hpp"

#include <algorithm>

namespace trellis::core {
namespace {

struct Checking {
    const VersionVector& past;

    bool operator()(const Write& write) const {
        return std::all_of(write.fields.begin(), write.fields.end(), [this](const FieldEdit& edit) {
            return std::visit(*this, edit.action);
        });
    }
    bool operator()(const Assign& assign) const { return covers(assign.seen); }
    bool operator()(const EditSet& edit) const {
        return std::all_of(edit.remove.begin(), edit.remove.end(),
                           [this](const auto& removal) { return covers(removal.seen); });
    }
    bool operator()(const Increment& /*unused*/) const { return true; }
    bool operator()(const Append& /*unused*/) const { return true; }
    bool operator()(const Raise& /*unused*/) const { return true; }
    bool operator()(const Advance& advance) const { return past.covers(advance.token); }
    bool operator()(const CloseTokens& closing) const { return covers(closing.tokens); }
    bool operator()(const Delete& deletion) const { return past.covers(deletion.seen); }
    bool operator()(const Restore& restore) const { return covers(restore.deletes); }
    bool operator()(const Link& /*unused*/) const { return true; }
    bool operator()(const Unlink& unlink) const { return covers(unlink.links); }
    bool operator()(const UnknownOp& /*unused*/) const { return true; }

private:
    [[nodiscard]] bool covers(const std::vector<Dot>& dots) const {
        return std::all_of(dots.begin(), dots.end(),
                           [this](const Dot& dot) { return past.covers(dot); });
    }
};

}  // namespace

bool names_only_past(const Op& op, const VersionVector& past) {
    return std::visit(Checking{past}, op.action);
}

}  // namespace trellis::core
