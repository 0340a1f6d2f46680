// SPDX-License-Identifier: Apache-2.0
// A real Chromium, driven over the pipe of its DevTools protocol: nothing to install but it.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const flags = ['--headless=new', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
    '--disable-background-networking', '--disable-component-update', '--disable-sync',
    '--disable-dev-shm-usage', '--remote-debugging-pipe', 'about:blank'];

/** A profile is a device: what a page stores lies in it. */
export async function newProfile(t) {
    const folder = await mkdtemp(join(tmpdir(), 'trellis-web-'));
    t.after(() => rm(folder, { recursive: true, force: true, maxRetries: 10 }));
    return folder;
}

export class Browser {
    #waiting = new Map();
    #listeners = new Set();
    #next = 1;
    #text = '';

    static async start(t, profile) {
        const browser = new Browser();
        // A group of its own, so that all its processes can be killed at once.
        browser.process = spawn(process.env.CHROMIUM || 'chromium', [`--user-data-dir=${profile}`, ...flags],
            { detached: true, stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'] });
        browser.process.stdio[4].setEncoding('utf8').on('data', (text) => browser.#receive(text));
        browser.process.stdio[3].on('error', () => {}); // it was killed
        t.after(() => browser.kill());
        await browser.send('Target.setDiscoverTargets', { discover: true });
        return browser;
    }

    /** All of it, in the middle of whatever it does. */
    async kill() {
        if (this.process.exitCode !== null || this.process.signalCode !== null) return;
        process.kill(-this.process.pid, 'SIGKILL');
        await once(this.process, 'exit');
    }

    /** @param apart in a private window, with a storage of its own. */
    async newPage(url, apart = false) {
        const { browserContextId } = apart ? await this.send('Target.createBrowserContext') : {};
        const { targetId } = await this.send('Target.createTarget', { url: 'about:blank', browserContextId });
        const { sessionId } = await this.send('Target.attachToTarget', { targetId, flatten: true });
        const page = new Page(this, targetId, sessionId);
        await page.send('Page.enable');
        await page.send('Runtime.enable');
        await page.send('Inspector.enable');
        await page.go(url);
        return page;
    }

    send(method, params = {}, sessionId = undefined) {
        const id = this.#next++;
        return new Promise((answered, refused) => {
            this.#waiting.set(id, { answered, refused, method });
            this.process.stdio[3].write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
        });
    }

    /** The next event that fits. */
    event(fits) {
        return new Promise((found) => {
            const listener = (event) => {
                if (!fits(event)) return;
                this.#listeners.delete(listener);
                found(event.params);
            };
            this.#listeners.add(listener);
        });
    }

    on(listener) {
        this.#listeners.add(listener);
    }

    #receive(text) {
        const parts = (this.#text + text).split('\0');
        this.#text = parts.pop();
        for (const part of parts) {
            const message = JSON.parse(part);
            const one = this.#waiting.get(message.id);
            this.#waiting.delete(message.id);
            if (one === undefined) for (const listener of [...this.#listeners]) listener(message);
            else if (message.error) one.refused(new Error(`${one.method}: ${message.error.message}`));
            else one.answered(message.result);
        }
    }
}

class Page {
    constructor(browser, targetId, sessionId) {
        Object.assign(this, { browser, targetId, sessionId });
    }

    send(method, params) {
        return this.browser.send(method, params, this.sessionId);
    }

    async go(url) {
        const loaded = this.browser.event((event) =>
            event.sessionId === this.sessionId && event.method === 'Page.loadEventFired');
        await this.send('Page.navigate', { url });
        await loaded;
    }

    /** Runs a function in the page; what it takes and gives is JSON. A refusal keeps its code. */
    async run(body, ...args) {
        const expression = `(${body})(...${JSON.stringify(args)}).then((value) => ({ value }),
            (why) => ({ code: why.code, message: String(why.message ?? why) }))`;
        const { result, exceptionDetails } = await this.send('Runtime.evaluate',
            { expression, awaitPromise: true, returnByValue: true });
        if (exceptionDetails) throw new Error(exceptionDetails.exception?.description ?? 'the page failed');
        if ('message' in result.value) {
            throw Object.assign(new Error(result.value.message), { code: result.value.code });
        }
        return result.value.value;
    }

    /** Everything the page says with `globalThis.said(text)`, as it comes. */
    async listen(heard) {
        await this.send('Runtime.addBinding', { name: 'said' });
        this.browser.on((event) => {
            const isOurs = event.sessionId === this.sessionId && event.method === 'Runtime.bindingCalled';
            if (isOurs) heard(event.params.payload);
        });
    }

    /** Its process ends in the middle of whatever it does. */
    async crash() {
        const crashed = this.browser.event((event) =>
            event.sessionId === this.sessionId && event.method === 'Inspector.targetCrashed');
        void this.send('Page.crash'); // is never answered
        await crashed;
    }

    async close() {
        await this.browser.send('Target.closeTarget', { targetId: this.targetId });
    }
}
