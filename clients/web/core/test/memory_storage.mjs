// SPDX-License-Identifier: Apache-2.0
const { Status } = await import(`${process.env.TRELLIS_PACKAGE}/errors.js`);

/** Files in memory, which grow as SQLite writes them. */
export class MemoryStorage {
    files = new Map();
    names = new Map();
    next = 0;
    /** No file may grow beyond it. */
    limit = Infinity;

    open(path, create) {
        if (!this.files.has(path)) {
            if (!create) return -Status.notFound;
            this.files.set(path, new Uint8Array());
        }
        this.names.set(++this.next, path);
        return this.next;
    }

    close(file) {
        this.names.delete(file);
        return Status.ok;
    }

    read(file, to, offset) {
        const part = this.content(file).subarray(offset, offset + to.length);
        to.set(part);
        return part.length;
    }

    write(file, from, offset) {
        const end = offset + from.length;
        if (end > this.limit) return Status.noSpace;
        if (end > this.content(file).length) this.truncate(file, end);
        this.content(file).set(from, offset);
        return Status.ok;
    }

    truncate(file, size) {
        const name = this.names.get(file);
        if (name === undefined) return Status.invalid;
        const fresh = new Uint8Array(size);
        fresh.set(this.content(file).subarray(0, size));
        this.files.set(name, fresh);
        return Status.ok;
    }

    sync() {
        return Status.ok;
    }

    size(file) {
        return this.content(file).length;
    }

    remove(path) {
        return this.files.delete(path) ? Status.ok : Status.notFound;
    }

    exists(path) {
        return this.files.has(path) ? 1 : 0;
    }

    content(file) {
        return this.files.get(this.names.get(file) ?? '') ?? new Uint8Array();
    }
}
