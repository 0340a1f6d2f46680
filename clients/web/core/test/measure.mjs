// SPDX-License-Identifier: Apache-2.0
// What a page's database does with many records, and how long a person waits for it.

/** Fills the database of an empty page, opens it again, and looks for what is in it. */
export async function measure(page, count) {
    const opened = await page.run(async () => {
        const { open } = await import('/trellis/index.js');
        const begun = performance.now();
        globalThis.db = await open();
        const first = performance.now() - begun;
        await db.orgCreate('District', 'ws://127.0.0.1:9/sync');
        globalThis.space = await db.spaceCreate('School');
        return first;
    });
    const written = await page.run(async (records) => {
        const fields = { method: 'phone', notes: 'Called about the bus pass.' };
        const op = { op: 'put', space, type: 'check_in', fields };
        const begun = performance.now();
        for (let left = records; left > 0; left -= 500) {
            await db.batch(Array(Math.min(500, left)).fill(op));
        }
        const batched = performance.now();
        const singles = 200;
        for (let i = 0; i < singles; ++i) await db.put(space, 'check_in', { method: 'home_visit' });
        return { batches: batched - begun, singles, single: performance.now() - batched };
    }, count);
    const again = await page.run(async () => {
        await db.close();
        const { open } = await import('/trellis/index.js');
        const begun = performance.now();
        globalThis.db = await open();
        const start = performance.now() - begun;
        const listed = performance.now();
        const firstList = (await db.list('check_in', { limit: 100 })).length;
        const list = performance.now() - listed;
        const counted = performance.now();
        const [{ n }] = await db.query('SELECT count(*) AS n FROM check_in');
        const count = performance.now() - counted;
        const { used } = await db.storageState();
        const { problems } = await db.call('check');
        return { start, firstList, list, records: n, count, used, problems: problems ?? [] };
    });
    return { first: opened, ...written, ...again, written: count };
}

export function sayFigures(figures) {
    const perSecond = (count, ms) => (count / ms * 1000).toFixed(0);
    return `first start ${figures.first.toFixed(0)} ms; start with ${figures.records} records ` +
        `${figures.start.toFixed(0)} ms; ${perSecond(figures.written, figures.batches)} records/s in ` +
        `batches of 500; ${perSecond(figures.singles, figures.single)} single writes/s; a list of 100 ` +
        `${figures.list.toFixed(1)} ms; a count of all ${figures.count.toFixed(1)} ms; ` +
        `${(figures.used / figures.records).toFixed(0)} bytes a record`;
}
