// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/store/ledger.hpp"
#include "core/store/sealed_store.hpp"

namespace trellis::core {

/// Whether an envelope that ends at (`last`, `chain`) counts: by the membership log alone, so
/// that all who hold the same envelopes and the same log say the same, whatever came when.
bool counts(const crypto::Membership& membership, const SpaceId& space, const Actor& actor,
            Counter last, const Digest& chain);
/// The same for what the actor has not sealed yet.
bool counts_unsealed(const crypto::Membership& membership, const SpaceId& space,
                     const Actor& actor);
/// The membership log vouches for another history of this actor: it says where its work ends,
/// and ours has another chain hash there.
bool contradicts_cutoff(const crypto::Membership& membership, const SpaceId& space,
                        const Actor& actor, Counter last, const Digest& chain);

/// What the rows of this database leave out: kept envelopes that do not count. It is written
/// with the rows, so that after a change of the log, or a crash, it tells whether they fit it.
class Aside {
public:
    Aside(Store& store, const Ledger& ledger, SealedStore& sealed)
        : store_(store), ledger_(ledger), sealed_(sealed) {}

    /// One more, set aside as it came in. In the caller's transaction.
    Result<void> keep(RowId envelope);
    Result<void> drop(RowId envelope);
    /// What rows leave out, ascending. A row id with counter 0 stands for unsealed changes.
    Result<std::vector<RowId>> load(SpaceIndex space);
    /// What they should leave out now.
    Result<std::vector<RowId>> judge(const SpaceState& space);
    /// Writes down that rows leave out what judge() says. In the caller's transaction.
    Result<void> renew(const SpaceState& space);

private:
    Result<bool> has_unsealed(ActorIndex actor);

    Store& store_;
    const Ledger& ledger_;
    SealedStore& sealed_;
};

}  // namespace trellis::core
