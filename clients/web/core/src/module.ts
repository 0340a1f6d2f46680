// SPDX-License-Identifier: Apache-2.0
import { TrellisError, type Code } from './errors.js';
import { Memory } from './memory.js';
import type { Storage } from './storage.js';
import { fillRandom, wasiImports } from './wasi.js';

export type Log = (event: string, detail: string) => void;

type Call = (...args: (number | bigint)[]) => number;

const abi = 1;
const errorSize = 256;

/** The library as it is: functions of trellis.h by name, and the few structs they take. Nothing is
 *  decided here. */
export class Module {
    private readonly memory = new Memory();
    private readonly functions: Record<string, Call>;
    private isStopped = false;
    /** Room for one error, one answer and two borrowed texts; there is one call at a time. */
    private readonly error: number;
    private readonly answer: number;
    private readonly texts: [number, number];

    /** @param module compiled from trellis.wasm. @param stopped called once where a failed check or a
     *  lack of memory has stopped the library; from then on every call is refused. */
    constructor(
        module: WebAssembly.Module, storage: Storage, log: Log, private readonly stopped = () => {},
    ) {
        const instance = new WebAssembly.Instance(module, {
            wasi_snapshot_preview1: wasiImports(this.memory),
            trellis: browserImports(this.memory, storage, log),
        });
        this.memory.attach(instance.exports['memory'] as WebAssembly.Memory);
        this.functions = instance.exports as unknown as Record<string, Call>;
        this.invoke('_initialize');
        const spoken = this.invoke('trellis_abi');
        if (spoken !== abi) {
            throw new TrellisError('unsupported',
                `trellis.wasm speaks ABI ${spoken}, this package ${abi}`);
        }
        this.error = this.allocate(errorSize + 8 + 16);
        this.answer = this.error + errorSize;
        this.texts = [this.answer + 8, this.answer + 16];
    }

    version(): string {
        return this.memory.text(this.invoke('trellis_version'));
    }

    /** Opens a database; an empty path: in memory. The handle. */
    open(path: string, key: Uint8Array, schema: Uint8Array, cacheKib: number): number {
        const name = new TextEncoder().encode(`${path}\0`);
        return this.lend([name, key, schema], ([at, keyAt, schemaAt]) => {
            this.setBytes(this.texts[0], keyAt!, key.length);
            this.setBytes(this.texts[1], schemaAt!, schema.length);
            this.check(this.invoke('trellis_browser_open', at!, this.texts[0], this.texts[1],
                cacheKib, this.answer, this.error));
            return this.memory.word(this.answer);
        });
    }

    /** A function that takes a handle, perhaps bytes, and an error. */
    run(name: string, handle: number, bytes?: Uint8Array): void {
        this.with(bytes, (args) => {
            this.check(this.invoke(name, handle, ...args, this.error));
        });
    }

    /** The same for one whose answer is a handle or a number of 64 bits. */
    number(name: string, handle: number, bytes?: Uint8Array): number {
        return this.with(bytes, (args) => {
            this.memory.view().setBigInt64(this.answer, 0n, true);
            this.check(this.invoke(name, handle, ...args, this.answer, this.error));
            return this.memory.number(this.answer);
        });
    }

    /** The same for one whose answer is a buffer. A refusal's reply is left out: the error says it. */
    take(name: string, handle: number, more?: Uint8Array | bigint): Uint8Array {
        const [bytes, first] = typeof more === 'bigint' ? [undefined, [more]] : [more, []];
        return this.with(bytes, (args) => {
            this.setBytes(this.answer, 0, 0);
            try {
                this.check(this.invoke(name, handle, ...first, ...args, this.answer, this.error));
                const at = this.memory.word(this.answer);
                return this.memory.bytes(at, this.memory.word(this.answer + 4)).slice();
            } finally {
                if (!this.isStopped) this.invoke('trellis_buffer_free', this.answer);
            }
        });
    }

    /** `trellis_unwatch`. */
    unwatch(handle: number, watch: bigint): void {
        this.check(this.invoke('trellis_unwatch', handle, watch, this.error));
    }

    /** A function that cannot fail. */
    plain(name: string, handle: number): number {
        return this.invoke(name, handle);
    }

    private with<T>(bytes: Uint8Array | undefined, body: (args: number[]) => T): T {
        if (bytes === undefined) return body([]);
        return this.lend([bytes], ([at]) => {
            this.setBytes(this.texts[0], at!, bytes.length);
            return body([this.texts[0]]);
        });
    }

    /** Copies into the module for one call; wiped after it, for there may be keys among them. */
    private lend<T>(parts: Uint8Array[], body: (at: number[]) => T): T {
        const size = parts.reduce((sum, part) => sum + part.length, 1);
        const block = this.allocate(size);
        const at: number[] = [];
        let next = block;
        for (const part of parts) {
            this.memory.bytes(next, part.length).set(part);
            at.push(next);
            next += part.length;
        }
        try {
            return body(at);
        } finally {
            this.memory.bytes(block, size).fill(0);
            if (!this.isStopped) this.invoke('free', block);
        }
    }

    private allocate(size: number): number {
        const at = this.invoke('malloc', size);
        if (at === 0) throw new TrellisError('internal', 'there is no memory left');
        return at;
    }

    private invoke(name: string, ...args: (number | bigint)[]): number {
        if (this.isStopped) throw new TrellisError('internal', 'the library has stopped: open it again');
        try {
            return this.functions[name]!(...args);
        } catch (why) {
            this.isStopped = true;
            this.stopped();
            throw new TrellisError('internal', `the library stopped itself: ${String(why)}`);
        }
    }

    private setBytes(struct: number, at: number, size: number): void {
        this.memory.setWord(struct, at);
        this.memory.setWord(struct + 4, size);
    }

    private check(status: number): void {
        if (status === 0) return;
        const name = this.memory.text(this.invoke('trellis_status_name', status));
        throw new TrellisError(name as Code, this.memory.text(this.error + 4) || name);
    }
}

/** The functions of module/browser.h. */
function browserImports(memory: Memory, storage: Storage, log: Log): WebAssembly.ModuleImports {
    return {
        wall_ms: () => Date.now(),
        monotonic_ms: () => performance.now(),
        random: (at: number, size: number) => fillRandom(memory.bytes(at, size)),
        log: (event: number, detail: number) => log(memory.text(event), memory.text(detail)),
        open: (path: number, create: number) => storage.open(memory.text(path), create !== 0),
        close: (file: number) => storage.close(file),
        read: (file: number, at: number, size: number, offset: number) =>
            storage.read(file, memory.bytes(at, size), offset),
        write: (file: number, at: number, size: number, offset: number) =>
            storage.write(file, memory.bytes(at, size), offset),
        truncate: (file: number, size: number) => storage.truncate(file, size),
        sync: (file: number) => storage.sync(file),
        size: (file: number) => storage.size(file),
        remove: (path: number) => storage.remove(memory.text(path)),
        exists: (path: number) => storage.exists(memory.text(path)),
    };
}
