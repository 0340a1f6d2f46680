// SPDX-License-Identifier: Apache-2.0
// Pages that sync through a real relay.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import test from 'node:test';
import { fileURLToPath } from 'node:url';

import { Browser, newProfile } from './browser.mjs';
import { Relay } from './site.mjs';

const open = async (name) => {
    const trellis = await import('/trellis/index.js');
    globalThis[name] = await trellis.open({ name });
};

/** Founds with a page's database `first`, and gives an invite to it. */
const found = async (url) => {
    await first.orgCreate('District', url);
    globalThis.space = await first.spaceCreate('School');
    await first.sync();
    const invite = await first.invite('member', [{ space, rights: ['read', 'write'] }]);
    await first.sync();
    return invite;
};

/** Calls back when a list has so many rows. */
const rowsOf = async (name, count) => new Promise((there, failed) => {
    const stop = globalThis[name].watch({ type: 'check_in' }).subscribe((rows) => {
        if (rows.length < count) return;
        queueMicrotask(() => stop());
        there(rows.map((row) => row.rec));
    }, failed);
});

/** The texts of a page's list, once it has so many. */
const itemsOf = async (count) => new Promise((there) => {
    const look = () => {
        const items = [...document.querySelectorAll('li')];
        if (items.length >= count) there(items.map((item) => item.textContent));
        return items.length >= count;
    };
    if (look()) return;
    const observer = new MutationObserver(() => look() && observer.disconnect());
    observer.observe(document.body, { childList: true, subtree: true });
});

async function newScene(t, pages) {
    const relay = await Relay.start(t, pages);
    const browser = await Browser.start(t, await newProfile(t));
    const page = await browser.newPage(`${relay.site}/empty.html`);
    return { relay, browser, page };
}

test('two devices agree, and one hears at once what the other writes', async (t) => {
    const { relay, page } = await newScene(t);
    await page.run(open, 'first');
    await page.run(open, 'second');
    const invite = await page.run(found, relay.url);
    const joined = await page.run(async (text) => second.join(text, 'tablet'), invite);
    assert.equal(joined.org, (await page.run(async () => first.call('hello'))).org);
    await page.run(async () => first.sync()); // a join is followed by a new key
    await page.run(async () => second.sync());

    await page.run(async () => second.syncStart());
    const rec = await page.run(async () => first.put(space, 'check_in', { method: 'phone' }));
    const report = await page.run(async () => first.sync());
    assert.equal(report.complete, true);
    assert.deepEqual(await page.run(rowsOf, 'second', 1), [rec]);

    // What is written while it is connected leaves by itself.
    await page.run(async () => first.syncStart());
    await page.run(async () => second.put(space, 'check_in', { method: 'phone' }));
    assert.equal((await page.run(rowsOf, 'first', 2)).length, 2);
    const digests = await page.run(async () => Promise.all([first, second].map((db) => db.call('digest'))));
    assert.deepEqual(digests[0].digest, digests[1].digest);
});

test('without a network all goes on, and what was written leaves when there is one', async (t) => {
    const { relay, page } = await newScene(t);
    await page.run(open, 'first');
    await page.run(found, relay.url);
    await relay.stop();
    await page.run(async () => first.put(space, 'check_in', { method: 'phone' }));
    await assert.rejects(page.run(async () => first.sync()), { code: 'offline' });
    await page.run(async () => first.syncStart());
    await page.run(async () => new Promise((gone) => {
        first.syncState.subscribe((state) => state.connected || gone());
    }));
    await relay.start();
    await page.run(async () => new Promise((back) => {
        first.syncState.subscribe((state) => state.connected && state.pending === 0 && back());
        dispatchEvent(new Event('online'));
    }));
});

test('what the browser has deleted comes back from the relay, with a new invite', async (t) => {
    const { relay, browser, page: office } = await newScene(t);
    await office.run(open, 'first');
    const invite = await office.run(found, relay.url);
    await office.run(async () => first.syncStart());
    const tablet = await browser.newPage(`${relay.site}/empty.html`);
    const joinAndRead = async (invite, options) => {
        const trellis = await import('/trellis/index.js');
        globalThis.db = await trellis.open({ name: 'tablet', ...options });
        if (!(await db.isMember())) await db.join(invite, 'tablet');
        await db.sync();
        globalThis.space = (await db.spaces()).find((one) => one.rights.includes('write'))?.space;
        return (await db.list('check_in')).map((row) => row.rec);
    };
    await tablet.run(joinAndRead, invite, {});
    const rec = await tablet.run(async () => db.put(space, 'check_in', { method: 'phone' }));
    await tablet.run(async () => db.sync());
    assert.deepEqual(await office.run(rowsOf, 'first', 1), [rec]);
    await tablet.run(async () => db.close());
    await tablet.run(async () => {
        const all = await (await navigator.storage.getDirectory()).getDirectoryHandle('trellis');
        await all.removeEntry('tablet', { recursive: true });
    });
    const fresh = await office.run(async () => {
        const text = await first.invite('member', [{ space, rights: ['read', 'write'] }]);
        await first.sync();
        return text;
    });
    await assert.rejects(tablet.run(joinAndRead, fresh, {}), { code: 'evicted' });
    assert.deepEqual(await tablet.run(joinAndRead, fresh, { startAgain: true }), [rec]);
});

test('a used invite is refused in a sentence', async (t) => {
    const { relay, page } = await newScene(t);
    for (const name of ['first', 'second', 'third']) await page.run(open, name);
    const invite = await page.run(found, relay.url);
    await page.run(async (text) => second.join(text, 'tablet'), invite);
    await assert.rejects(page.run(async (text) => third.join(text, 'tablet'), invite),
        (why) => why.code !== 'internal' && why.message.length > 20);
});

test('the page of the README joins, and shows a list that lives', async (t) => {
    const readme = await readFile(new URL('../README.md', import.meta.url), 'utf8');
    const [, html] = /```html\n(.*?)```/s.exec(readme);
    const [, js] = /```js\n(.*?)```/s.exec(readme);
    assert.ok((html + js).trim().split('\n').length < 40);
    await runPage(t, { 'index.html': html, 'app.js': js });
});

test('the sample serves itself to two browsers, which see what the other adds', async (t) => {
    const sample = fileURLToPath(new URL('../../sample/serve.mjs', import.meta.url));
    const serving = spawn(process.execPath, [sample, '0'], { stdio: ['ignore', 'pipe', 'inherit'] });
    t.after(async () => {
        serving.kill('SIGTERM');
        if (serving.exitCode === null) await once(serving, 'exit');
    });
    const addresses = [];
    for await (const line of createInterface(serving.stdout)) {
        if (line.startsWith('http')) addresses.push(line);
        if (line.startsWith('Ctrl-C')) break;
    }
    assert.equal(addresses.length, 2);
    const browser = await Browser.start(t, await newProfile(t));
    const [first, second] = [await browser.newPage(addresses[0]), await browser.newPage(addresses[1], true)];
    for (const page of [first, second]) assert.deepEqual(await page.run(itemsOf, 1), ['Phone call']);
    await first.run(async () => {
        document.querySelector('[name=method]').value = 'home_visit';
        document.querySelector('#add button').click();
    });
    for (const page of [first, second]) {
        assert.deepEqual((await page.run(itemsOf, 2)).sort(), ['Home visit', 'Phone call']);
    }
    assert.match(await second.run(async () => document.querySelector('#sync').textContent), /^Connected/);
});

test('what docs/embedding.md shows counts check-ins, as another tab writes them', async (t) => {
    const guide = await readFile('docs/embedding.md', 'utf8');
    const [, js] = /## A browser\n.*?```js\n(.*?)```/s.exec(guide);
    const { relay, browser, page: office } = await newScene(t, {
        'index.html': '<!doctype html><script type="module" src="app.js"></script>', 'app.js': js,
    });
    await office.run(async () => {
        const { open } = await import('/trellis/index.js');
        globalThis.db = await open();
        await db.orgCreate('District', 'ws://127.0.0.1:9/sync');
        globalThis.space = await db.spaceCreate('School');
    });
    const page = await browser.newPage('about:blank');
    const said = [];
    browser.on((event) => {
        const isOurs = event.method === 'Runtime.consoleAPICalled' && event.sessionId === page.sessionId;
        if (isOurs) said.push(event.params.args.map((one) => one.value).join(' '));
    });
    const hear = async (text) => {
        while (!said.includes(text)) {
            await browser.event((event) => event.method === 'Runtime.consoleAPICalled');
        }
    };
    await page.go(`${relay.site}/index.html`);
    await hear('0 check-ins');
    await office.run(async () => db.put(space, 'check_in', { method: 'phone' }));
    await hear('1 check-ins');
});

/** A page that joins with the invite of its address, has a button to add, and a list. */
async function runPage(t, pages) {
    const { relay, browser, page: office } = await newScene(t, pages);
    await office.run(open, 'first');
    const invite = await office.run(found, relay.url);
    await office.run(async () => first.syncStart());
    await office.run(async () => first.put(space, 'check_in', { method: 'phone' }));
    const page = await browser.newPage(`${relay.site}/#${encodeURIComponent(invite)}`);
    assert.match((await page.run(itemsOf, 1))[0], /phone/i);
    await page.run(async () => [...document.querySelectorAll('button')].at(-1).click());
    assert.equal((await page.run(itemsOf, 2)).length, 2);
    assert.equal((await office.run(rowsOf, 'first', 2)).length, 2);
}
