// SPDX-License-Identifier: Apache-2.0

/** The codes of docs/scripting.md, and five of a browser's own. */
export type Code =
    | 'invalid' | 'not_found' | 'denied' | 'conflict' | 'corrupt' | 'wrong_key' | 'no_space'
    | 'busy' | 'offline' | 'timeout' | 'fork' | 'rolled_back' | 'unsupported' | 'too_large'
    | 'internal'
    /** This database, or its replica, is closed. */
    | 'closed'
    /** The browser has deleted what this device had kept: see `TrellisOptions.startAgain`. */
    | 'evicted'
    /** The tab that keeps the records ended before it answered: look whether it was saved. */
    | 'owner_gone'
    /** A mistake of this package in using the library. */
    | 'wrong_thread' | 'reentered' | 'suspended';

/** A refusal: a code for programs and a sentence for people. */
export class TrellisError extends Error {
    constructor(readonly code: Code, message: string) {
        super(message);
        this.name = 'TrellisError';
    }
}

/** What any thrown thing is to the caller of this package. */
export function toError(why: unknown): TrellisError {
    if (why instanceof TrellisError) return why;
    return new TrellisError('internal', why instanceof Error ? why.message : String(why));
}

/** The numbers of trellis.h that storage answers with. */
export const Status = {
    ok: 0,
    invalid: 1,
    notFound: 2,
    noSpace: 7,
    internal: 15,
} as const;
