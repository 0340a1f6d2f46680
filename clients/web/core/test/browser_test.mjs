// SPDX-License-Identifier: Apache-2.0
// Real pages with real private storage: that nothing acknowledged is lost, whatever dies.
import assert from 'node:assert/strict';
import test from 'node:test';

import { Browser, newProfile } from './browser.mjs';
import { measure, sayFigures } from './measure.mjs';
import { newSite } from './site.mjs';

/** What the pages below begin with: an open database with an organisation and a space. */
const prepare = async (options = {}) => {
    const { open } = await import('/trellis/index.js');
    const db = globalThis.db = await open(options);
    if (!(await db.isMember())) {
        await db.orgCreate('District', 'ws://127.0.0.1:9/sync');
        await db.spaceCreate('School');
    }
    globalThis.space = (await db.spaces()).at(-1).space;
    globalThis.add = (method = 'phone') => db.put(space, 'check_in', { method });
    return db.isOwner;
};
const countRecords = async () => (await db.query('SELECT count(*) AS n FROM check_in'))[0].n;
const add = async () => globalThis.add();

async function openPage(t, profile) {
    const browser = await Browser.start(t, profile ?? await newProfile(t));
    const page = await browser.newPage(await newSite(t));
    return { browser, page };
}

/** Writes until `enough` was acknowledged, and goes on writing. */
async function writeUntil(page, acknowledged, enough) {
    await page.listen((rec) => acknowledged.push(rec));
    await page.run(async () => {
        void (async () => {
            for (;;) globalThis.said(await add());
        })();
    });
    while (acknowledged.length < enough) {
        await page.browser.event((event) => event.method === 'Runtime.bindingCalled');
    }
}

async function assertThere(page, acknowledged) {
    const there = new Set(await page.run(async () => (await db.query('SELECT rec FROM check_in'))
        .map((row) => row.rec)));
    assert.deepEqual(acknowledged.filter((rec) => !there.has(rec)), []);
    assert.deepEqual(await page.run(async () => (await db.call('check')).problems ?? []), []);
}

test('killed with SIGKILL while it writes, a browser has lost nothing that it acknowledged', async (t) => {
    const profile = await newProfile(t);
    const site = await newSite(t);
    const acknowledged = [];
    for (let round = 1; round <= 3; ++round) {
        const browser = await Browser.start(t, profile);
        const page = await browser.newPage(site);
        await page.run(prepare);
        await assertThere(page, acknowledged);
        await writeUntil(page, acknowledged, acknowledged.length + 10 + 7 * round);
        await browser.kill();
    }
    const page = await (await Browser.start(t, profile)).newPage(site);
    await page.run(prepare);
    await assertThere(page, acknowledged);
    assert.ok(acknowledged.length >= 72);
    t.diagnostic(`${acknowledged.length} acknowledged over 3 kills, none lost`);
});

test('killed while it writes, a tab has lost nothing that it acknowledged', async (t) => {
    const browser = await Browser.start(t, await newProfile(t));
    const site = await newSite(t);
    const acknowledged = [];
    for (let round = 1; round <= 3; ++round) {
        const page = await browser.newPage(site);
        await page.run(prepare);
        await assertThere(page, acknowledged);
        await writeUntil(page, acknowledged, acknowledged.length + 10 + 7 * round);
        await page.crash();
    }
    const page = await browser.newPage(site);
    await page.run(prepare);
    await assertThere(page, acknowledged);
    t.diagnostic(`${acknowledged.length} acknowledged over 3 crashes, none lost`);
});

test('two tabs share one database, and one takes over when the other dies', async (t) => {
    const { browser, page } = await openPage(t);
    assert.equal(await page.run(prepare), true);
    const second = await browser.newPage(await page.run(async () => location.href));
    assert.equal(await second.run(prepare), false);

    // A list of the second tab is kept true by the first, through writes of either.
    await second.run(async () => {
        globalThis.rows = [];
        db.watch({ type: 'check_in' }).subscribe((now) => {
            globalThis.rows = now;
            globalThis.moved?.();
        });
        globalThis.until = (count) => new Promise((there) => {
            globalThis.moved = () => rows.length === count && there();
            globalThis.moved();
        });
    });
    await page.run(add);
    await second.run(add);
    await second.run(async () => until(2));

    await page.crash();
    await second.run(add); // waits for the new owner
    await second.run(async () => until(3));
    assert.equal(await second.run(async () => db.isOwner), true);
});

test('a tab that is suspended lets another write, and comes back', async (t) => {
    const { browser, page } = await openPage(t);
    await page.run(prepare);
    const second = await browser.newPage(await page.run(async () => location.href));
    await second.run(prepare);
    await page.run(async () => db.suspend());
    await second.run(add);
    assert.equal(await second.run(async () => db.isOwner), true);
    await page.run(async () => db.resume());
    await page.run(add);
    assert.equal(await page.run(countRecords), 2);
});

test('a page that is left seals and closes, and another opens at once', async (t) => {
    const { page } = await openPage(t);
    await page.run(prepare);
    await page.run(add);
    await page.go(await page.run(async () => location.href));
    await page.run(prepare);
    assert.equal(await page.run(countRecords), 1);
    await page.run(async () => db.close());
    await assert.rejects(page.run(add), { code: 'closed' });
});

test('records that the browser has deleted are missed, and one may start again', async (t) => {
    const { browser, page } = await openPage(t);
    const site = await page.run(async () => location.origin);
    await page.run(prepare);
    await page.run(add);
    await page.run(async () => db.close());
    await page.close();
    const after = await browser.newPage(site);
    await after.send('Storage.clearDataForOrigin',
        { origin: site, storageTypes: 'file_systems,indexeddb,local_storage,cache_storage' });
    await assert.rejects(after.run(prepare), { code: 'evicted', message: /join with a new invite/ });
    await after.run(prepare, { startAgain: true });
    assert.equal(await after.run(countRecords), 0);
});

test('another key opens nothing, and harms nothing', async (t) => {
    const { page } = await openPage(t);
    const withKey = async (byte) => {
        const { open } = await import('/trellis/index.js');
        globalThis.db = await open({ key: new Uint8Array(32).fill(byte) });
        return db.call('hello');
    };
    await page.run(withKey, 1);
    await page.run(async () => db.close());
    await assert.rejects(page.run(withKey, 2), { code: 'wrong_key' });
    await page.run(withKey, 1);
});

test('a full storage refuses the write, keeps what was there and goes on when there is room', async (t) => {
    const { page } = await openPage(t);
    const origin = await page.run(async () => location.origin);
    await page.run(prepare);
    await page.run(add);
    await page.send('Storage.overrideQuotaForOrigin', { origin, quotaSize: 1 });
    const fill = async () => {
        const ops = Array.from({ length: 500 }, () => (
            { op: 'put', space, type: 'check_in', fields: { method: 'phone' } }));
        for (;;) await db.batch(ops);
    };
    await assert.rejects(page.run(fill), { code: 'no_space' });
    const count = await page.run(countRecords);
    assert.equal(count % 500, 1);
    await page.send('Storage.overrideQuotaForOrigin', { origin });
    await page.run(add);
    assert.equal(await page.run(countRecords), count + 1);
});

test('it says how safely the records lie', async (t) => {
    const { page } = await openPage(t);
    await page.run(prepare);
    const state = await page.run(async () => {
        await db.persist();
        return db.storageState();
    });
    assert.ok(state.used > 4096);
    assert.equal(typeof state.persisted, 'boolean');
    assert.equal(state.advice === null, state.persisted);
});

test('a hundred thousand records are written, found, counted and there again', async (t) => {
    const { page } = await openPage(t);
    const count = Number(process.env.TRELLIS_RECORDS ?? 100_000);
    const figures = await measure(page, count);
    assert.equal(figures.records, count + figures.singles);
    assert.equal(figures.firstList, 100);
    assert.deepEqual(figures.problems, []);
    t.diagnostic(sayFigures(figures));
});
