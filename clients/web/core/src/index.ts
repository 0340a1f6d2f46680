// SPDX-License-Identifier: Apache-2.0
import { unmark } from './marker.js';
import { Pool } from './pool.js';
import { Trellis, type TrellisOptions } from './trellis.js';

export { TrellisError, type Code } from './errors.js';
export { Trellis, type TrellisOptions } from './trellis.js';
export type * from './types.js';

/** Forgets all that this device keeps under a name, sent or not. Close it in every tab before. */
export async function erase(name = 'records'): Promise<void> {
    await Pool.erase(name);
    unmark(name);
}

/** Opens this origin's database, or makes it; see `TrellisOptions`. */
export function open(options: TrellisOptions = {}): Promise<Trellis> {
    return Trellis.open(options);
}
