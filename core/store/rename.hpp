// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/record/change.hpp"

namespace trellis::core {

/// Ops of `from` after counter `after` become those of `to`, counted from `offset` + 1.
struct Renaming {
    ActorId from;
    Counter after = 0;
    ActorId to;
    Counter offset = 0;
};

/// Renames the change and everything in it that names one of those ops: its records, the
/// values it replaces, tokens, deletes, links, references.
void rename(Change& change, const Renaming& renaming);
/// The same for a change of another actor than `from`, which keeps its own name.
void rename_mentions(Change& change, const Renaming& renaming);

}  // namespace trellis::core
