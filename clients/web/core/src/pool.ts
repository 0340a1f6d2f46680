// SPDX-License-Identifier: Apache-2.0
import { Status, TrellisError } from './errors.js';
import { headerSize, nameOf, writeHeader } from './slot.js';
import type { Storage } from './storage.js';

const slotCount = 12;
/** A tab that was reloaded or killed lets go of its files a little later. */
const patienceMs = 10_000;

interface Slot {
    handle: FileSystemSyncAccessHandle;
    /** Of the file that lies in it; null: free. */
    name: string | null;
}

/** Files in the browser's private storage. A file cannot be opened while the library waits for it, so
 *  that a fixed number of them is opened beforehand; which of the library's files lies in which stands
 *  at its beginning. For one worker at a time. */
export class Pool implements Storage {
    private constructor(
        private readonly folder: FileSystemDirectoryHandle, private readonly slots: Slot[],
    ) {}

    /** Opens or makes the pool of this name.
     *  @throws TrellisError `busy` where somebody else holds it, `no_space`, `unsupported`. */
    static async open(name: string): Promise<Pool> {
        const folder = await folderOf(name, true);
        const pool = new Pool(folder, []);
        try {
            for (let i = 0; i < slotCount; ++i) {
                const file = await folder.getFileHandle(`slot-${i}`, { create: true });
                const handle = await openPatiently(file);
                const slot: Slot = { handle, name: null };
                pool.slots.push(slot);
                slot.name = nameOf(handle);
            }
            return pool;
        } catch (why) {
            pool.release();
            throw refusal(why);
        }
    }

    /** Deletes all that lies under this name. Nobody may hold it. */
    static async erase(name: string): Promise<void> {
        const root = await folderOf('', false).catch(() => null);
        await root?.removeEntry(name, { recursive: true }).catch((why: DOMException) => {
            if (why.name !== 'NotFoundError') throw refusal(why);
        });
    }

    /** The key that lies beside the files, made where there is none: fine for trying out, and no
     *  protection where the whole disk is stolen. */
    async keyBeside(): Promise<Uint8Array> {
        const file = await this.folder.getFileHandle('key', { create: true });
        const handle = await openPatiently(file);
        try {
            const key = new Uint8Array(32);
            if (handle.read(key, { at: 0 }) === key.length) return key;
            if (this.names().length > 0) {
                throw new TrellisError('wrong_key',
                    'the key beside the records is gone: give the key');
            }
            crypto.getRandomValues(key);
            // Whole and durable before the first page is written under it.
            if (handle.write(key, { at: 0 }) !== key.length) throw full();
            handle.flush();
            return key;
        } finally {
            handle.close();
        }
    }

    /** Lets go of all files, so that another worker may open the pool. */
    release(): void {
        for (const slot of this.slots) slot.handle.close();
        this.slots.length = 0;
    }

    names(): string[] {
        return this.slots.flatMap((slot) => (slot.name === null ? [] : [slot.name]));
    }

    /** Bytes of all files. */
    used(): number {
        return this.slots.reduce((sum, slot) => sum + slot.handle.getSize(), 0);
    }

    open(path: string, create: boolean): number {
        const found = this.find(path);
        if (found >= 0) return found;
        if (!create) return -Status.notFound;
        const free = this.slots.findIndex((slot) => slot.name === null);
        if (free < 0) return -Status.noSpace;
        const slot = this.slots[free]!;
        return -guard(() => writeHeader(slot.handle, path)) || this.take(free, path);
    }

    close(): number {
        return Status.ok; // the slot stays open
    }

    read(file: number, to: Uint8Array, offset: number): number {
        let count = 0;
        const failed = guard(() => {
            count = this.handle(file).read(to as Uint8Array<ArrayBuffer>, { at: headerSize + offset });
        });
        return failed === Status.ok ? count : -failed;
    }

    write(file: number, from: Uint8Array, offset: number): number {
        return guard(() => {
            const at = { at: headerSize + offset };
            if (this.handle(file).write(from as Uint8Array<ArrayBuffer>, at) < from.length) throw full();
        });
    }

    truncate(file: number, size: number): number {
        return guard(() => this.handle(file).truncate(headerSize + size));
    }

    sync(file: number): number {
        return guard(() => this.handle(file).flush());
    }

    size(file: number): number {
        let size = 0;
        const failed = guard(() => {
            size = Math.max(0, this.handle(file).getSize() - headerSize);
        });
        return failed === Status.ok ? size : -failed;
    }

    remove(path: string): number {
        const found = this.find(path);
        if (found < 0) return Status.notFound;
        const slot = this.slots[found]!;
        return guard(() => {
            slot.handle.truncate(0); // the header goes in the same step
            slot.handle.flush();
            slot.name = null;
        });
    }

    exists(path: string): number {
        return this.find(path) >= 0 ? 1 : 0;
    }

    private find(path: string): number {
        return this.slots.findIndex((slot) => slot.name === path);
    }

    private take(index: number, path: string): number {
        this.slots[index]!.name = path;
        return index;
    }

    private handle(file: number): FileSystemSyncAccessHandle {
        const slot = this.slots[file];
        if (slot === undefined) throw new Error('there is no such file');
        return slot.handle;
    }
}

/** Where the pools of this origin lie; `NotFoundError` where they do not. */
async function folderOf(name: string, create: boolean): Promise<FileSystemDirectoryHandle> {
    if (navigator.storage?.getDirectory === undefined) {
        throw new TrellisError('unsupported',
            'this page has no private storage: it needs https, or a newer browser');
    }
    const root = await navigator.storage.getDirectory();
    const all = await root.getDirectoryHandle('trellis', { create });
    return name === '' ? all : all.getDirectoryHandle(name, { create });
}

async function openPatiently(file: FileSystemFileHandle): Promise<FileSystemSyncAccessHandle> {
    const end = performance.now() + patienceMs;
    for (let pause = 20; ; pause = Math.min(2 * pause, 500)) {
        try {
            return await file.createSyncAccessHandle();
        } catch (why) {
            const isHeld = why instanceof DOMException && why.name === 'NoModificationAllowedError';
            if (!isHeld || performance.now() > end) throw why;
            await new Promise((later) => setTimeout(later, pause));
        }
    }
}

function full(): TrellisError {
    return new TrellisError('no_space', 'the browser gives this page no more room');
}

function refusal(why: unknown): TrellisError {
    if (why instanceof TrellisError) return why;
    if (!(why instanceof DOMException)) throw why;
    if (why.name === 'QuotaExceededError') return full();
    if (why.name === 'NoModificationAllowedError') {
        return new TrellisError('busy', 'another page holds the records: close it first');
    }
    return new TrellisError('internal', `the browser's private storage failed: ${why.message}`);
}

/** Runs what may throw, and answers a status of trellis.h. */
function guard(body: () => void): number {
    try {
        body();
        return Status.ok;
    } catch (why) {
        if (why instanceof TrellisError && why.code === 'no_space') return Status.noSpace;
        if (why instanceof DOMException && why.name === 'QuotaExceededError') return Status.noSpace;
        return Status.internal;
    }
}
