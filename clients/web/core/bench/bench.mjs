// SPDX-License-Identifier: Apache-2.0
// What the package weighs, how fast it starts and how fast it writes: in Node with files in memory, and
// in Chromium with its private storage. Prints one JSON object a line.
import { readFile } from 'node:fs/promises';
import { brotliCompressSync, gzipSync } from 'node:zlib';

import { Browser, newProfile } from '../test/browser.mjs';
import { measure } from '../test/measure.mjs';
import { MemoryStorage } from '../test/memory_storage.mjs';
import { newSite } from '../test/site.mjs';

const from = (name) => `${process.env.TRELLIS_PACKAGE}/${name}`;
const { Module } = await import(from('module.js'));
const { Replica } = await import(from('replica.js'));
const bytes = await readFile(from('trellis.wasm'));
const say = (what, figures) => console.log(JSON.stringify({ what, ...figures }));

const rounded = (figures) => Object.fromEntries(Object.entries(figures).map(
    ([name, value]) => [name, typeof value === 'number' ? Math.round(value * 10) / 10 : value]));

function inNode(compiled, compile) {
    const storage = new MemoryStorage();
    const key = new Uint8Array(32).fill(7);
    const timed = (body) => {
        const begun = performance.now();
        body();
        return performance.now() - begun;
    };
    let replica;
    const open = () => {
        replica = new Replica(new Module(compiled, storage, () => {}), 'db', key, null);
    };
    const first = timed(open);
    replica.close();
    const start = timed(open);
    replica.call('org_create', { name: 'District', url: 'ws://127.0.0.1:9/sync' });
    const { space } = replica.call('space_create', { name: 'School' });
    const op = { op: 'put', space, type: 'check_in', fields: { method: 'phone' } };
    const count = 20_000;
    const batches = timed(() => {
        for (let i = 0; i < count; i += 500) replica.call('batch', { ops: Array(500).fill(op) });
    });
    return { compile, first, start, perSecond: count / batches * 1000 };
}

say('trellis.wasm, bytes', { raw: bytes.length, gzip: gzipSync(bytes, { level: 9 }).length,
    brotli: brotliCompressSync(bytes).length });
const begun = performance.now();
const compiled = await WebAssembly.compile(bytes);
say('Node, files in memory, ms', rounded(inNode(compiled, performance.now() - begun)));

if (!process.env.CHROMIUM || process.env.CHROMIUM.endsWith('NOTFOUND')) {
    console.log('There is no Chromium here (cmake/install.sh browser): pages are not measured.');
    process.exit();
}
const ends = [];
const scope = { after: (end) => ends.unshift(end) }; // as a test's
try {
    const browser = await Browser.start(scope, await newProfile(scope));
    const page = await browser.newPage(await newSite(scope));
    const figures = await measure(page, Number(process.env.TRELLIS_RECORDS ?? 100_000));
    say('Chromium, private storage, ms', rounded({
        ...figures,
        perSecond: figures.written / figures.batches * 1000,
        singlesPerSecond: figures.singles / figures.single * 1000,
        bytesPerRecord: figures.used / figures.records,
    }));
} finally {
    for (const end of ends) await end();
}
