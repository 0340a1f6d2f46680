// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/base/cursor.hpp"
#include "core/base/version_vector.hpp"
#include "sync/relay/action.hpp"

/// The promises, each with the moment at which it is looked at. Numbers are those of
/// docs/simulation.md; who finds one broken calls World::fail().
namespace trellis::sim {

class Fleet;
class Device;

/// C3, C18: a database was opened again; what was saved is there, and nothing is damaged.
void check_recovered(Fleet& fleet, Device& device);

/// C2, C5, C6: a device shows more of a space than before.
void check_news(Fleet& fleet, Device& device, const SpaceId& space, const VersionVector& before);

/// C4: a device was told that the relay has stored its chain up to here.
void check_confirmed(Fleet& fleet, const Dot& last);

/// C11, C15: the relay has stored envelopes.
void check_stored(Fleet& fleet, const sync::SpaceAppend& append);

/// C16: a device has read the relay's log up to here.
void check_cursor(Fleet& fleet, Device& device, const SpaceId& space, const Cursor& cursor);

/// C4, C16: everybody follows the relay's log, and it holds what anybody holds.
void check_logs(Fleet& fleet);

/// C4, C16: the relay's store was opened again.
void check_relay(Fleet& fleet);

/// C1, C2, C15: everybody has everything, so everybody shows the same.
void check_convergence(Fleet& fleet);

/// C3, C4: everything that was acknowledged is there; C11: what came too late is not shown.
void check_nothing_lost(Fleet& fleet);

/// C7, C8, C9, C10: what is shown is what the history says.
void check_spec(Fleet& fleet);

/// C11: what was written from this deed on has not reached anybody whose rights had ended.
void check_closed_doors(Fleet& fleet, std::size_t from);

/// C12: no word of a record lies on the server, and nothing of a size that tells.
void check_blindness(Fleet& fleet);

/// C13, C14: what is kept beside the records is bounded, and to sync again moves nothing.
void check_bounds(Fleet& fleet);

}  // namespace trellis::sim
