// SPDX-License-Identifier: Apache-2.0
// The first bytes of a slot: as they were written by every version, and torn at any place.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import test from 'node:test';

const { headerSize, nameOf, writeHeader } = await import(`${process.env.TRELLIS_PACKAGE}/slot.js`);

/** A file that takes only so many bytes. */
class Handle {
    bytes = Buffer.alloc(0);
    constructor(room = Infinity) {
        this.room = room;
    }
    read(to, { at }) {
        return this.bytes.copy(to, 0, at);
    }
    write(from, { at }) {
        const taken = from.subarray(0, Math.max(0, this.room - at));
        this.bytes = Buffer.concat([this.bytes.subarray(0, at), taken]);
        return taken.length;
    }
    truncate(size) {
        this.bytes = this.bytes.subarray(0, size);
    }
    getSize() {
        return this.bytes.length;
    }
    flush() {}
}

function slotOf(name, more = 0) {
    const handle = new Handle();
    writeHeader(handle, name);
    handle.bytes = Buffer.concat([handle.bytes, Buffer.alloc(more, 1)]);
    return handle;
}

test('the bytes are those of the fixture', async () => {
    const hex = (await readFile('fixtures/slot/v1/trellis.db-wal.hex', 'utf8')).replace(/\s/g, '');
    const kept = Buffer.from(hex, 'hex');
    const { bytes } = slotOf('trellis.db-wal');
    assert.deepEqual(bytes.subarray(0, kept.length), kept);
    assert.deepEqual(bytes.subarray(kept.length), Buffer.alloc(headerSize - kept.length));
});

test('every name comes back, up to 512 bytes', () => {
    for (const name of ['a', 'trellis.db', 'grüße/漢字', 'x'.repeat(512)]) {
        assert.equal(nameOf(slotOf(name, 100)), name);
    }
    for (const name of ['', 'x'.repeat(513)]) {
        assert.throws(() => writeHeader(new Handle(), name), { code: 'invalid' });
    }
});

test('a slot that was torn while it was made is free', () => {
    const whole = slotOf('trellis.db').bytes;
    for (let size = 0; size < whole.length; ++size) {
        const torn = new Handle();
        torn.bytes = whole.subarray(0, size);
        assert.equal(nameOf(torn), null);
        assert.equal(torn.getSize(), 0);
    }
});

test('a slot that is damaged and holds something is not given away', () => {
    for (let at = 0; at < 'TRLSLOT1'.length + 2 + 'trellis.db'.length + 4; ++at) {
        const handle = slotOf('trellis.db', 1);
        handle.bytes[at] ^= 1;
        assert.throws(() => nameOf(handle), { code: 'corrupt' });
    }
});

test('where there is no room for a slot, none is left behind', () => {
    for (const room of [0, 1, headerSize - 1]) {
        const handle = new Handle(room);
        assert.throws(() => writeHeader(handle, 'trellis.db'), { code: 'no_space' });
        assert.equal(handle.getSize(), 0);
    }
});
