// SPDX-License-Identifier: Apache-2.0
import type { Module } from './module.js';
import type { Json, JsonObject, Row, SyncEvent } from './types.js';

export type LibraryEvent = { event: 'rows'; watch: number } | ({ event: 'sync' } & SyncEvent);

const encode = (value: Json): Uint8Array => new TextEncoder().encode(JSON.stringify(value));
const decode = (bytes: Uint8Array): Json => JSON.parse(new TextDecoder().decode(bytes)) as Json;

/** One open database. For the worker that owns it. */
export class Replica {
    private readonly handle: number;

    constructor(
        private readonly module: Module, path: string, key: Uint8Array, schema: JsonObject | null,
        cacheKib = 0,
    ) {
        const text = schema === null ? new Uint8Array() : encode(schema);
        this.handle = module.open(path, key, text, cacheKib);
    }

    /** One verb of docs/scripting.md; a write is durable when this returns. */
    call(op: string, args: JsonObject): JsonObject {
        const request = encode({ ...args, op });
        return decode(this.module.take('trellis_call', this.handle, request)) as JsonObject;
    }

    watch(query: JsonObject): number {
        return this.module.number('trellis_watch', this.handle, encode(query));
    }

    unwatch(watch: number): void {
        this.module.unwatch(this.handle, BigInt(watch));
    }

    /** The rows of a watch as of now; later events start from these. */
    rows(watch: number): Row[] {
        return decode(this.module.take('trellis_rows', this.handle, BigInt(watch))) as Row[];
    }

    nextEvent(): LibraryEvent | null {
        const text = this.module.take('trellis_next_event', this.handle);
        return text.length === 0 ? null : (decode(text) as unknown as LibraryEvent);
    }

    /** Closes every file until `resume`. */
    suspend(): void {
        this.module.run('trellis_suspend', this.handle);
    }

    resume(): void {
        this.module.run('trellis_resume', this.handle);
    }

    /** Whatever becomes of it, the handle has ended. */
    close(): void {
        this.module.plain('trellis_close', this.handle);
    }

    /** Where a session for this request wants to be connected. */
    sessionUrl(request: JsonObject): string {
        const url = this.module.take('trellis_session_url', this.handle, encode(request));
        return new TextDecoder().decode(url);
    }

    /** The connection is up. */
    startSession(request: JsonObject): Session {
        const handle = this.module.number('trellis_session_start', this.handle, encode(request));
        return new Session(this.module, handle);
    }
}

/** One conversation with the relay: messages in, messages out. */
export class Session {
    constructor(private readonly module: Module, private readonly handle: number) {}

    get isOpen(): boolean {
        return this.module.plain('trellis_session_is_open', this.handle) !== 0;
    }

    receive(message: Uint8Array): void {
        this.module.run('trellis_session_receive', this.handle, message);
    }

    /** The next message to send, or an empty one. */
    nextFrame(): Uint8Array {
        return this.module.take('trellis_session_next_frame', this.handle);
    }

    tick(): void {
        this.module.run('trellis_session_tick', this.handle);
    }

    /** Milliseconds; -1: never again. */
    waitMs(): number {
        return this.module.number('trellis_session_wait_ms', this.handle);
    }

    hangUp(): void {
        this.module.run('trellis_session_hang_up', this.handle);
    }

    /** When to dial again: 0 at once, -1 not at all. */
    redialMs(): number {
        return this.module.number('trellis_session_redial_ms', this.handle);
    }

    result(): JsonObject {
        return decode(this.module.take('trellis_session_result', this.handle)) as JsonObject;
    }

    end(): void {
        this.module.plain('trellis_session_end', this.handle);
    }
}
