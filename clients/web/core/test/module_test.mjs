// SPDX-License-Identifier: Apache-2.0
// The module by itself, in Node, with files in memory: what it needs, what it weighs, and that it is
// the same library as everywhere.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import test from 'node:test';
import { gzipSync } from 'node:zlib';

import { MemoryStorage } from './memory_storage.mjs';

const from = (name) => `${process.env.TRELLIS_PACKAGE}/${name}`;
const { Module } = await import(from('module.js'));
const { Replica } = await import(from('replica.js'));

const bytes = await readFile(from('trellis.wasm'));
const compiled = await WebAssembly.compile(bytes);
const key = new Uint8Array(32).fill(7);

const load = (storage = new MemoryStorage()) => new Module(compiled, storage, () => {});
const open = (storage, withKey = key) => new Replica(load(storage), 'db', withKey, null);

function found(replica) {
    replica.call('org_create', { name: 'District', url: 'ws://127.0.0.1/sync' });
    return replica.call('space_create', { name: 'School' }).space;
}

function put(replica, space, method = 'phone') {
    return replica.call('put', { space, type: 'check_in', fields: { method } }).rec;
}

test('it is small enough to download', (t) => {
    const packed = gzipSync(bytes, { level: 9 }).length;
    t.diagnostic(`trellis.wasm: ${bytes.length} bytes, ${packed} bytes with gzip`);
    // The aim. What grows it beyond has to make room elsewhere: docs/embedding.md, "What it weighs".
    assert.ok(packed <= 800_000);
});

test('the lock file names no host', async () => {
    const lock = await readFile(new URL('../package-lock.json', import.meta.url), 'utf8');
    assert.ok(!lock.includes('://'));
});

test('it asks for nothing but what is written down', (t) => {
    const asked = WebAssembly.Module.imports(compiled);
    const system = asked.filter((one) => one.module === 'wasi_snapshot_preview1');
    t.diagnostic(system.map((one) => one.name).sort().join(' '));
    assert.deepEqual(new Set(asked.map((one) => one.module)),
        new Set(['wasi_snapshot_preview1', 'trellis']));
    assert.equal(asked.filter((one) => one.module === 'trellis').length, 13);
});

test('what was written is there after the page died', () => {
    const storage = new MemoryStorage();
    const first = open(storage);
    const rec = put(first, found(first));
    // Not closed: a page that dies does not say so.
    const second = open(storage);
    assert.equal(second.call('get', { rec }).fields.method, 'phone');
    second.close();
});

test('the files hold no word of it, and another key opens nothing', () => {
    const storage = new MemoryStorage();
    const replica = open(storage);
    put(replica, found(replica), 'phone');
    replica.close();
    for (const path of storage.files.keys()) {
        const content = Buffer.from(storage.content(path));
        assert.ok(!content.includes('phone'));
        assert.ok(!content.includes('SQLite format'));
    }
    assert.throws(() => open(storage, new Uint8Array(32)), { code: 'wrong_key' });
});

test('a watch tells what changed', () => {
    const replica = open(new MemoryStorage());
    const space = found(replica);
    const watch = replica.watch({ type: 'check_in' });
    assert.deepEqual(replica.rows(watch), []);
    const rec = put(replica, space);
    const event = replica.nextEvent();
    assert.equal(event.watch, watch);
    assert.equal(replica.nextEvent(), null);
    assert.deepEqual(replica.rows(watch).map((row) => row.rec), [rec]);
    replica.unwatch(watch);
    replica.close();
});

test('refusals are errors with a code, and do no harm', () => {
    const replica = open(new MemoryStorage());
    assert.throws(() => replica.call('no_such_verb', {}), { name: 'TrellisError' });
    assert.throws(() => replica.call('sync', {}), { code: 'invalid', message: /no organisation/ });
    found(replica);
    assert.throws(() => replica.call('sync', {}), { code: 'unsupported' });
    assert.throws(() => replica.rows(99), { code: 'not_found' });
    assert.equal(replica.call('hello', {}).ok, true);
    replica.close();
    assert.throws(() => replica.call('hello', {}), { code: 'closed' });
});

test('a full disk is said, and work goes on when there is room', () => {
    const storage = new MemoryStorage();
    const replica = open(storage);
    const space = found(replica);
    const rec = put(replica, space);
    storage.limit = 0;
    assert.throws(() => put(replica, space), { code: 'no_space' });
    assert.equal(replica.call('get', { rec }).fields.method, 'phone');
    storage.limit = Infinity;
    put(replica, space);
    assert.equal(replica.call('list', { type: 'check_in' }).rows.length, 2);
});

test('it sleeps and wakes', () => {
    const replica = open(new MemoryStorage());
    const space = found(replica);
    replica.suspend();
    assert.throws(() => put(replica, space), { code: 'suspended' });
    replica.resume();
    put(replica, space);
    replica.close();
});

test('it starts and writes in a time that people can wait for', (t) => {
    const begun = performance.now();
    const replica = open(new MemoryStorage());
    const opened = performance.now();
    const space = found(replica);
    const count = 1000;
    const ops = Array.from({ length: 100 }, () => (
        { op: 'put', space, type: 'check_in', fields: { method: 'phone' } }));
    const writing = performance.now();
    for (let i = 0; i < count; i += ops.length) replica.call('batch', { ops });
    const seconds = (performance.now() - writing) / 1000;
    t.diagnostic(`start ${(opened - begun).toFixed(0)} ms, ${(count / seconds).toFixed(0)} records/s`);
    assert.equal(replica.call('list', { type: 'check_in', limit: 10 }).rows.length, 10);
});
