// SPDX-License-Identifier: Apache-2.0
// The same files everywhere: what the command line has written a page opens, and the other way round.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';

import { Browser, newProfile } from './browser.mjs';
import { MemoryStorage } from './memory_storage.mjs';
import { newSite } from './site.mjs';

const from = (name) => `${process.env.TRELLIS_PACKAGE}/${name}`;
const { Module } = await import(from('module.js'));
const { Replica } = await import(from('replica.js'));
const compiled = await WebAssembly.compile(await readFile(from('trellis.wasm')));

const key = Buffer.alloc(32, 7);
const put = (space, method) => ({ op: 'put', space, type: 'check_in', fields: { method } });

/** A folder with a database of the command line in it. */
class Desk {
    static async start(t, profile) {
        const desk = new Desk();
        desk.profile = profile;
        desk.folder = await mkdtemp(join(tmpdir(), 'trellis-desk-'));
        t.after(() => rm(desk.folder, { recursive: true, force: true }));
        desk.path = join(desk.folder, 'trellis.db');
        await writeFile(`${desk.path}.key`, key);
        return desk;
    }

    /** Runs requests in one process, and gives their replies. */
    async run(...requests) {
        const program = spawn(process.env.TRELLIS,
            ['repl', '--db', this.path, '--key-file', `${this.path}.key`, '--profile', this.profile],
            { stdio: ['pipe', 'pipe', 'inherit'] });
        program.stdin.end(requests.map((one, id) => `${JSON.stringify({ ...one, id })}\n`).join(''));
        const [text] = await Promise.all([program.stdout.toArray(), once(program, 'exit')]);
        const replies = Buffer.concat(text).toString().trim().split('\n').map((line) => JSON.parse(line));
        for (const reply of replies) assert.equal(reply.ok, true, reply.message);
        return replies;
    }

    async found() {
        await this.run({ op: 'org_create', name: 'District', url: 'ws://127.0.0.1:9/sync' });
        const [{ space }] = await this.run({ op: 'space_create', name: 'School' });
        await this.run(put(space, 'phone'));
        return space;
    }

    async look() {
        const [{ rows }, { digest }, { problems }] = await this.run(
            { op: 'query', sql: 'SELECT method FROM check_in ORDER BY method', params: [] },
            { op: 'digest' }, { op: 'check' });
        assert.deepEqual(problems, []);
        return { methods: rows.map((row) => row.method), digest };
    }
}

for (const profile of ['web', 'native']) {
    test(`a database of the profile ${profile} goes into the module and back`, async (t) => {
        const desk = await Desk.start(t, profile);
        const space = await desk.found();
        const before = await desk.look();
        assert.deepEqual(before.methods, ['phone']);

        const storage = MemoryStorage.holding([['trellis.db', await readFile(desk.path)]]);
        const replica = new Replica(new Module(compiled, storage, () => {}), 'trellis.db', key, null);
        assert.deepEqual(replica.call('digest', {}).digest, before.digest);
        const { op, ...fields } = put(space, 'home_visit');
        replica.call(op, fields);
        const { digest } = replica.call('digest', {});
        replica.close();
        assert.deepEqual([...storage.files.keys()], ['trellis.db']); // its log has gone into it

        await writeFile(desk.path, storage.content('trellis.db'));
        assert.deepEqual(await desk.look(), { methods: ['home_visit', 'phone'], digest });
    });
}

/** A slot as docs/format.md says it. */
function slotHeader(name) {
    const header = Buffer.alloc(4096);
    const size = header.write('TRLSLOT1') + 2 + header.write(name, 10);
    header.writeUInt16LE(name.length, 8);
    let sum = 0x811c9dc5;
    for (const byte of header.subarray(0, size)) sum = Math.imul(sum ^ byte, 0x01000193) >>> 0;
    header.writeUInt32LE(sum, size);
    return header;
}

test('a slot of a page holds a native database as it is, and the other way round', async (t) => {
    const desk = await Desk.start(t, 'web');
    const space = await desk.found();
    const before = await desk.look();
    const page = await (await Browser.start(t, await newProfile(t))).newPage(await newSite(t));
    const native = await readFile(desk.path);
    await page.run(async (slot, key) => {
        const root = await navigator.storage.getDirectory();
        const all = await root.getDirectoryHandle('trellis', { create: true });
        globalThis.folder = await all.getDirectoryHandle('records', { create: true });
        for (const [name, text] of [['slot-0', slot], ['key', key]]) {
            const file = await folder.getFileHandle(name, { create: true });
            const stream = await file.createWritable();
            await stream.write(Uint8Array.from(atob(text), (one) => one.charCodeAt(0)));
            await stream.close();
        }
    }, Buffer.concat([slotHeader('trellis.db'), native]).toString('base64'), key.toString('base64'));
    const inPage = await page.run(async ({ space, type, fields }) => {
        const { open } = await import('/trellis/index.js');
        const db = await open();
        const before = (await db.call('digest')).digest;
        await db.put(space, type, fields);
        const after = (await db.call('digest')).digest;
        await db.close();
        return { before, after };
    }, put(space, 'home_visit'));
    assert.deepEqual(inPage.before, before.digest);

    const slot = Buffer.from(await page.run(async () => {
        const file = await (await folder.getFileHandle('slot-0')).getFile();
        const bytes = new Uint8Array(await file.arrayBuffer());
        let text = '';
        for (const byte of bytes) text += String.fromCharCode(byte);
        return btoa(text);
    }), 'base64');
    assert.deepEqual(slot.subarray(0, 4096), slotHeader('trellis.db'));
    await writeFile(desk.path, slot.subarray(4096));
    const after = await desk.look();
    assert.deepEqual(after, { methods: ['home_visit', 'phone'], digest: inPage.after });
});
