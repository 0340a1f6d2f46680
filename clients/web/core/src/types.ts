// SPDX-License-Identifier: Apache-2.0

export type Json = null | boolean | number | string | Json[] | JsonObject;
export interface JsonObject {
    [name: string]: Json;
}

/** One row: of a query its columns by name, of a list `rec, type, space, state, fields, conflicts`. */
export type Row = JsonObject;

/** What a list takes: docs/scripting.md, `list`. */
export interface List extends JsonObject {
    type: string;
}

/** Read-only SQL over one view a type. */
export interface Query extends JsonObject {
    sql: string;
}

export type Rights = 'read' | 'write' | 'steward';

export interface Grant {
    space: string;
    rights: Rights[];
}

export interface Space {
    space: string;
    name: string;
    epoch: number;
    rights: Rights[];
}

export interface Organisation {
    org: string;
    device: string;
    spaces: Space[];
}

/** A founded or recovered organisation. Print the sheets: nothing else brings it back. */
export interface Recovered {
    org: string;
    device: string;
    recovery: string[];
}

export interface SyncReport {
    /** Whether all was said in both directions. */
    complete: boolean;
    sent: number;
    received: number;
    changes: number;
    pending: number;
    bytes_up: number;
    bytes_down: number;
}

/** How the connection that stays is doing. */
export interface SyncEvent {
    connected: boolean;
    pending?: number;
    [more: string]: Json | undefined;
}

/** Where this device's records lie, and how safely. */
export interface StorageState {
    /** What the browser answered when it was asked not to delete them: while `false`, it may, when
     *  the disk is short or the page was not visited for long. Sync often, then. */
    persisted: boolean;
    /** Bytes of our own files. */
    used: number;
    /** Bytes that the browser allows this page, as far as it says. */
    quota: number | null;
    /** A sentence to show where there is something to worry about. */
    advice: string | null;
}

/** A value that changes; as a Svelte store. */
export interface Live<T> {
    /** Calls back now where the value is known, and whenever it changes, until the function that
     *  this returns is called. */
    subscribe(
        changed: (value: T) => void, failed?: (why: Error) => void,
    ): () => void;
}
