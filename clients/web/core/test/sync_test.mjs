// SPDX-License-Identifier: Apache-2.0
// Pages that sync through a real relay.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import test from 'node:test';

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

test('so does the sample', async (t) => {
    const pages = {};
    for (const name of ['index.html', 'sample.css', 'sample.js']) {
        pages[name] = await readFile(new URL(`../../sample/${name}`, import.meta.url), 'utf8');
    }
    await runPage(t, pages);
});

/** A page that joins with the invite of its address, has a button to add, and a list. */
async function runPage(t, pages) {
    const { relay, browser, page: office } = await newScene(t, pages);
    await office.run(open, 'first');
    const invite = await office.run(found, relay.url);
    await office.run(async () => first.syncStart());
    await office.run(async () => first.put(space, 'check_in', { method: 'phone' }));
    const page = await browser.newPage(`${relay.site}/#${encodeURIComponent(invite)}`);
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
    assert.match((await page.run(itemsOf, 1))[0], /phone/i);
    await page.run(async () => [...document.querySelectorAll('button')].at(-1).click());
    assert.equal((await page.run(itemsOf, 2)).length, 2);
    assert.equal((await office.run(rowsOf, 'first', 2)).length, 2);
}
