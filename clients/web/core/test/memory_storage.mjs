// SPDX-License-Identifier: Apache-2.0
const { Status } = await import(`${process.env.TRELLIS_PACKAGE}/errors.js`);

/** Files in memory, which grow as SQLite writes them. */
export class MemoryStorage {
    /** Path -> { bytes, size }: what lies behind `size` is room to grow. */
    files = new Map();
    names = new Map();
    next = 0;
    /** No file may grow beyond it. */
    limit = Infinity;

    /** Files whose bytes are already there, as [path, bytes]. */
    static holding(files) {
        const storage = new MemoryStorage();
        for (const [path, bytes] of files) storage.files.set(path, { bytes, size: bytes.length });
        return storage;
    }

    open(path, create) {
        if (!this.files.has(path)) {
            if (!create) return -Status.notFound;
            this.files.set(path, { bytes: new Uint8Array(), size: 0 });
        }
        this.names.set(++this.next, path);
        return this.next;
    }

    close(file) {
        this.names.delete(file);
        return Status.ok;
    }

    read(file, to, offset) {
        const part = this.content(this.names.get(file)).subarray(offset, offset + to.length);
        to.set(part);
        return part.length;
    }

    write(file, from, offset) {
        const end = offset + from.length;
        if (end > this.limit) return Status.noSpace;
        const one = this.files.get(this.names.get(file));
        if (one === undefined) return Status.invalid;
        if (end > one.size) this.truncate(file, end);
        one.bytes.set(from, offset);
        return Status.ok;
    }

    truncate(file, size) {
        const one = this.files.get(this.names.get(file));
        if (one === undefined) return Status.invalid;
        if (size > one.bytes.length) {
            const roomier = new Uint8Array(2 * size);
            roomier.set(one.bytes.subarray(0, one.size));
            one.bytes = roomier;
        }
        one.bytes.fill(0, Math.min(size, one.size), one.size);
        one.size = size;
        return Status.ok;
    }

    sync() {
        return Status.ok;
    }

    size(file) {
        return this.content(this.names.get(file)).length;
    }

    remove(path) {
        return this.files.delete(path) ? Status.ok : Status.notFound;
    }

    exists(path) {
        return this.files.has(path) ? 1 : 0;
    }

    /** What a path holds now; nothing where there is no such file. */
    content(path) {
        const one = this.files.get(path);
        return one === undefined ? new Uint8Array() : one.bytes.subarray(0, one.size);
    }
}
