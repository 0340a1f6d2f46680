// SPDX-License-Identifier: Apache-2.0
// Join once, then add check-ins and see everybody's, with or without a network.
import { open } from './trellis/index.js';

const at = (selector) => document.querySelector(selector);
const methods = new Map([...at('select').options].map((option) => [option.value, option.text]));

/** Shows what went wrong instead of losing it. */
const attempt = (work) => async (event) => {
    event?.preventDefault();
    at('#error').textContent = '';
    try {
        await work(event);
    } catch (why) {
        at('#error').textContent = why.message;
        if (why.code === 'evicted') db = await open({ startAgain: true });
        if (db !== undefined && !(await db.isMember())) at('#join').hidden = false;
    }
};

const show = (rows) => at('ul').replaceChildren(...rows.map((row) => {
    const item = document.createElement('li');
    const { method } = row.fields;
    item.textContent = methods.get(method) ?? method;
    return item;
}));

async function begin() {
    at('#join').hidden = true;
    at('#add').hidden = false;
    db.watch({ type: 'check_in', limit: 100 }).subscribe(show, (why) => {
        at('#error').textContent = why.message;
    });
    db.syncState.subscribe(({ connected, pending }) => {
        const waiting = pending > 0 ? `, ${pending} waiting to be sent` : '';
        at('#sync').textContent = (connected ? 'Connected' : 'Not connected') + waiting;
    });
    await db.syncStart();
    at('#advice').textContent = (await db.storageState()).advice ?? '';
}

async function join(invite) {
    await db.join(invite, 'my browser');
    await db.persist();
    await begin();
}

let db;
at('#join').onsubmit = attempt(({ target }) => join(new FormData(target).get('invite')));
at('#add').onsubmit = attempt(async ({ target }) => {
    const space = (await db.spaces()).find((one) => one.rights.includes('write'));
    await db.put(space.space, 'check_in', { method: new FormData(target).get('method') });
});

await attempt(async () => {
    db = await open();
    const invite = decodeURIComponent(location.hash.slice(1));
    if (await db.isMember()) await begin();
    else if (invite !== '') await join(invite);
    else at('#join').hidden = false;
})();
