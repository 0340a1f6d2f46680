// SPDX-License-Identifier: Apache-2.0
// The first bytes of a slot: whose it is. An empty slot is free.
//
//     "TRLSLOT1"   8 bytes
//     length       2 bytes, little-endian: of the name in UTF-8, 1 to 512
//     name
//     check        4 bytes, little-endian: FNV-1a over all before it
//     zeros        up to 4,096 bytes; the file's own bytes begin there

import { TrellisError } from './errors.js';

export const headerSize = 4096;
const magic = new TextEncoder().encode('TRLSLOT1');
const nameAt = magic.length + 2;
const nameMost = 512;

/** Makes a free slot one of this name; durable when it returns. */
export function writeHeader(handle: FileSystemSyncAccessHandle, name: string): void {
    const text = new TextEncoder().encode(name);
    if (text.length === 0 || text.length > nameMost) {
        throw new TrellisError('invalid', 'a name is 1 to 512 bytes');
    }
    const header = new Uint8Array(headerSize);
    const view = new DataView(header.buffer);
    header.set(magic);
    view.setUint16(magic.length, text.length, true);
    header.set(text, nameAt);
    view.setUint32(nameAt + text.length, checkOf(header.subarray(0, nameAt + text.length)), true);
    try {
        handle.truncate(0);
        if (handle.write(header, { at: 0 }) !== headerSize) {
            throw new TrellisError('no_space', 'the browser gives this page no more room');
        }
        handle.flush();
    } catch (why) {
        handle.truncate(0);
        throw why;
    }
}

/** Whose the slot is; null: free. Where the page died while it was made, nothing lies in it yet.
 *  @throws TrellisError `corrupt` where something does, and nobody knows what. */
export function nameOf(handle: FileSystemSyncAccessHandle): string | null {
    const header = new Uint8Array(headerSize);
    const view = new DataView(header.buffer);
    const got = handle.read(header, { at: 0 });
    const length = Math.min(view.getUint16(magic.length, true), nameMost);
    const isOurs = got === headerSize && magic.every((byte, i) => header[i] === byte) && length > 0 &&
        view.getUint32(nameAt + length, true) === checkOf(header.subarray(0, nameAt + length));
    if (isOurs) return new TextDecoder().decode(header.subarray(nameAt, nameAt + length));
    if (handle.getSize() <= headerSize) {
        handle.truncate(0);
        return null;
    }
    throw new TrellisError('corrupt', 'a file of this page is damaged at its beginning');
}

function checkOf(bytes: Uint8Array): number {
    let sum = 0x811c9dc5;
    for (const byte of bytes) sum = Math.imul(sum ^ byte, 0x01000193) >>> 0;
    return sum;
}
