// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/replica.hpp"

/// Everything that this device holds about one family or person, to be handed out by a
/// custodian (docs/decisions/0016).
namespace trellis::core {

/// One record that is part of it, and whether it names people or families that are not.
struct FamilyPart {
    Place place;
    bool names_others = false;
};

/// What belongs to `root`, ascending by type, name and space: the root, what is the same as it,
/// where it is a family its people, and every record about them, in every space that this device
/// reads. A record that names families or people is theirs; one that names none is where what it
/// points at is. `invalid` where `root` is no family and no person.
Result<std::vector<FamilyPart>> family_parts(Replica& replica, const RecordId& root);

/// The same as one document: records with their values, conflicts and history, deletions with
/// their reasons, the spaces it was gathered from, signs of what this device cannot read, and
/// who the devices in it are. Equal for equal states. Writes nothing.
Result<Json> family_document(Replica& replica, const RecordId& root);

/// Why, to whom and by whose hand it leaves.
struct FamilyExport {
    RecordId root;
    std::string reason;
    std::string to_whom;  ///< empty: the device's own person
};
/// Writes down that it leaves, where the root lives, then gives the document. `denied` unless
/// this device is an administrator's, central staff's or the space's steward's and may write
/// there; `invalid` without a reason.
Result<Json> export_family(Replica& replica, const FamilyExport& order);

}  // namespace trellis::core
