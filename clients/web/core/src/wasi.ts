// SPDX-License-Identifier: Apache-2.0
// What the C library of the module asks of its system (WASI preview 1): time, dice, and a place for
// last words. It has no files here: those are in the imports of module.ts.
import type { Memory } from './memory.js';

const badFile = 8;
const notSupported = 58;

/** Fills bytes that may be more than the browser gives at once. */
export function fillRandom(bytes: Uint8Array): void {
    const most = 65_536;
    for (let at = 0; at < bytes.length; at += most) {
        crypto.getRandomValues(bytes.subarray(at, at + most) as Uint8Array<ArrayBuffer>);
    }
}

/** The functions by name; one the module does not import is never asked for. */
export function wasiImports(memory: Memory): Record<string, (...args: never[]) => number> {
    const writeWords = (_: number, vectors: number, count: number, written: number): number => {
        let text = '';
        let size = 0;
        for (let i = 0; i < count; ++i) {
            const part = memory.bytes(memory.word(vectors + 8 * i), memory.word(vectors + 8 * i + 4));
            text += new TextDecoder().decode(part.slice());
            size += part.length;
        }
        memory.setWord(written, size);
        if (text.trim() !== '') console.error(text.trim());
        return 0;
    };
    return {
        environ_sizes_get(count: number, size: number): number {
            memory.setWord(count, 0);
            memory.setWord(size, 0);
            return 0;
        },
        environ_get: () => 0,
        clock_time_get(clock: number, _precision: bigint, time: number): number {
            const now = clock === 0 ? Date.now() : performance.now();
            memory.view().setBigUint64(time, BigInt(Math.round(now * 1e6)), true);
            return 0;
        },
        random_get(at: number, size: number): number {
            fillRandom(memory.bytes(at, size));
            return 0;
        },
        proc_exit(code: number): never {
            throw new Error(`the module stopped itself (${code})`);
        },
        fd_write: writeWords,
        fd_close: () => badFile,
        fd_seek: () => badFile,
        fd_read: () => badFile,
        fd_fdstat_get: () => badFile,
        fd_fdstat_set_flags: () => badFile,
        // Ends the C library's look for folders it was given: there are none.
        fd_prestat_get: () => badFile,
        fd_prestat_dir_name: () => badFile,
        path_open: () => notSupported,
        path_rename: () => notSupported,
    };
}
