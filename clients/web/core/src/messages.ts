// SPDX-License-Identifier: Apache-2.0
// What pages and workers say to each other. Every tab has a worker; one of them owns the records.
import type { Code } from './errors.js';
import type { Json, JsonObject, Row, SyncEvent } from './types.js';

/** How to open a database; what a page says to its worker first. */
export interface Settings {
    name: string;
    /** null: it lies beside the records. */
    key: Uint8Array | null;
    schema: JsonObject | null;
    /** There was an organisation here before: an empty place means that the browser has cleared it. */
    expectsRecords: boolean;
}

/** What the owner is asked to do. */
export type Ask =
    | { do: 'call'; op: string; args: JsonObject }
    | { do: 'watch'; watch: number; query: JsonObject }
    | { do: 'unwatch'; watch: number }
    | { do: 'talk'; request: JsonObject; deadlineMs: number }
    | { do: 'live'; on: boolean }
    | { do: 'used' };

export interface Refusal {
    code: Code;
    message: string;
}

export type Answer = { id: number; value: Json } | { id: number; refusal: Refusal };

/** What the owner says of itself to a tab: the rows of a watch, or how syncing goes. */
export type News =
    | { kind: 'rows'; watch: number; rows: Row[] }
    | { kind: 'failed'; watch: number; refusal: Refusal }
    | { kind: 'sync'; sync: SyncEvent };

export type ToWorker =
    | { kind: 'open'; settings: Settings }
    | { kind: 'ask'; id: number; ask: Ask }
    | { kind: 'sleep' }
    | { kind: 'wake' }
    | { kind: 'online' }
    | { kind: 'close' };

export type ToPage =
    | { kind: 'answer'; answer: Answer }
    | { kind: 'owner'; isHere: boolean }
    | { kind: 'closed' }
    | News;

/** Between workers; `from` and `to` are tabs. What may not be asked twice is offered first, and asked
 *  once the owner has said that it is there. */
export type BetweenTabs =
    | { kind: 'who' }
    | { kind: 'owner'; from: string }
    | { kind: 'offer'; from: string; to: string; id: number }
    | { kind: 'ready'; from: string; to: string; id: number }
    | { kind: 'ask'; from: string; to: string; id: number; ask: Ask }
    | { kind: 'answer'; to: string; answer: Answer }
    | { kind: 'news'; to: string; news: News };

/** Verbs that only read: asked again where the owner died before it answered. */
const readers = new Set(['hello', 'spaces', 'members', 'quarantine', 'alarms', 'inbox_info', 'get',
    'list', 'query', 'conflicts', 'reviews', 'history', 'acks', 'version', 'export', 'digest', 'check',
    'stats']);

export function mayRepeat(ask: Ask): boolean {
    switch (ask.do) {
        case 'call': return readers.has(ask.op);
        case 'talk': return ask.request['op'] === 'sync';
        default: return true;
    }
}
