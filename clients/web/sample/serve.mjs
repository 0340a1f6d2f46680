// SPDX-License-Identifier: Apache-2.0
// serve.mjs [PORT]: a relay that also serves the sample, and an office that has founded a district there
// and stays connected, so that whoever joins gets the keys. All of it is forgotten at the end.
import { spawn } from 'node:child_process';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const { TRELLIS, TRELLISD, TRELLIS_PACKAGE } = process.env;
const port = process.argv[2] ?? '8080';
const here = fileURLToPath(new URL('.', import.meta.url));
const folder = await mkdtemp(join(tmpdir(), 'trellis-sample-'));
const programs = [];

async function end() {
    for (const program of programs) program.kill('SIGTERM');
    await rm(folder, { recursive: true, force: true });
    process.exit();
}
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, end);

function start(program, args, errors) {
    const child = spawn(program, args, { stdio: ['pipe', 'pipe', errors] });
    child.on('error', (why) => console.error(`${program}: ${why.message}`));
    child.on('exit', end);
    programs.push(child);
    return { input: child.stdin, lines: createInterface(child.stdout)[Symbol.asyncIterator]() };
}

await cp(join(here, 'index.html'), join(folder, 'site/index.html'), { recursive: true });
for (const name of ['sample.css', 'sample.js']) await cp(join(here, name), join(folder, 'site', name));
await cp(TRELLIS_PACKAGE, join(folder, 'site/trellis'), { recursive: true });
const relay = start(TRELLISD, ['--store', `sqlite:${join(folder, 'relay.db')}`,
    '--listen', `127.0.0.1:${port}`, '--static', join(folder, 'site'), '--log-level', 'warn'], 'inherit');
const ready = JSON.parse((await relay.lines.next()).value);

const office = start(TRELLIS, ['repl', '--db', join(folder, 'office.db')], 'inherit');
let asked = 0;
async function ask(op, args = {}) {
    const id = ++asked;
    office.input.write(`${JSON.stringify({ ...args, op, id })}\n`);
    for (;;) {
        const reply = JSON.parse((await office.lines.next()).value);
        if (reply.id !== id) continue; // an event
        if (!reply.ok) throw new Error(reply.message);
        return reply;
    }
}
await ask('org_create', { name: 'Sample district', url: `ws://localhost:${ready.port}/sync` });
const { space } = await ask('space_create', { name: 'Sample school' });
await ask('put', { space, type: 'check_in', fields: { method: 'phone' } });
await ask('sync');
for (const browser of ['first', 'second']) {
    const { invite } = await ask('invite', {
        role: 'member', spaces: [{ space, rights: ['read', 'write'] }] });
    const address = `http://localhost:${ready.port}/#${encodeURIComponent(invite)}`;
    console.log(`Open in a ${browser} browser, or in a private window of it:\n${address}\n`);
}
await ask('sync');
await ask('sync_start');
console.log('Ctrl-C ends it.');
for await (const _ of office.lines); // events
