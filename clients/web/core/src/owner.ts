// SPDX-License-Identifier: Apache-2.0
import { TrellisError } from './errors.js';
import { LiveSync } from './live_sync.js';
import type { Ask, News, Settings } from './messages.js';
import { Module } from './module.js';
import { Pool } from './pool.js';
import { Replica } from './replica.js';
import { Talk } from './talk.js';
import type { Json, JsonObject } from './types.js';

const file = 'trellis.db';
const log = (event: string, detail: string): void => console.debug('trellis:', event, detail);

interface Watch {
    tab: string;
    /** The tab's own number for it. */
    number: number;
}

/** Holds the records, and does what any tab asks. At most one in a browser profile at a time. */
export class Owner {
    private readonly watches = new Map<number, Watch>();
    private readonly liveTabs = new Set<string>();
    private readonly live: LiveSync;
    private talks: Promise<unknown> = Promise.resolve();
    private talk: Talk | undefined;

    private constructor(
        private readonly pool: Pool, private readonly replica: Replica,
        private readonly tell: (tab: string | null, news: News) => void,
    ) {
        this.live = new LiveSync(replica, () => this.spread(),
            (sync) => this.tell(null, { kind: 'sync', sync }));
    }

    /** @param tell gives news to one tab, or to all. @param stopped called where the library has
     *  stopped itself: then abandon() this. */
    static async open(
        settings: Settings, wasm: WebAssembly.Module,
        tell: (tab: string | null, news: News) => void, stopped: () => void,
    ): Promise<Owner> {
        const pool = await Pool.open(settings.name);
        try {
            if (settings.expectsRecords && pool.exists(file) === 0) throw evicted();
            const key = settings.key ?? (await pool.keyBeside());
            const module = new Module(wasm, pool, log, stopped);
            return new Owner(pool, new Replica(module, file, key, settings.schema), tell);
        } catch (why) {
            pool.release();
            throw why;
        }
    }

    async answer(tab: string, ask: Ask): Promise<Json> {
        switch (ask.do) {
            case 'call': {
                const reply = this.replica.call(ask.op, ask.args);
                this.spread();
                return reply;
            }
            case 'watch': return this.watch(tab, ask.watch, ask.query);
            case 'unwatch': return this.unwatch((one) => one.tab === tab && one.number === ask.watch);
            case 'talk': return this.converse(ask.request, ask.deadlineMs);
            case 'live': return this.setLive(tab, ask.on);
            case 'used': return this.pool.used();
        }
    }

    /** That tab is no more. */
    forget(tab: string): void {
        this.unwatch((one) => one.tab === tab);
        this.setLive(tab, false);
    }

    /** The browser believes that there is a network again. */
    online(): void {
        this.live.dialNow();
    }

    /** Seals what is not sealed and closes the files. */
    close(): void {
        this.live.stop();
        this.talk?.hangUp();
        this.replica.close();
        this.pool.release();
    }

    /** The same where the library cannot be called any more: what was saved is in the files. */
    abandon(): void {
        this.live.stop();
        this.pool.release();
    }

    private watch(tab: string, number: number, query: JsonObject): Json {
        this.unwatch((one) => one.tab === tab && one.number === number);
        const watch = this.replica.watch(query);
        this.watches.set(watch, { tab, number });
        this.giveRows(watch);
        return null;
    }

    private unwatch(isMeant: (watch: Watch) => boolean): Json {
        for (const [watch, one] of this.watches) {
            if (!isMeant(one)) continue;
            this.watches.delete(watch);
            this.replica.unwatch(watch);
        }
        return null;
    }

    private setLive(tab: string, on: boolean): Json {
        if (on) this.liveTabs.add(tab);
        else this.liveTabs.delete(tab);
        if (this.liveTabs.size > 0) this.live.start();
        else this.live.stop();
        return null;
    }

    /** Gives everybody what a call has changed. That call has succeeded, whatever becomes of this. */
    private spread(): void {
        try {
            this.giveNews();
            this.live.flush();
            this.talk?.flush();
        } catch (why) {
            if (!(why instanceof TrellisError)) throw why;
        }
    }

    private giveNews(): void {
        const changed = new Set<number>();
        for (let event = this.replica.nextEvent(); event !== null; event = this.replica.nextEvent()) {
            if (event.event === 'rows') changed.add(event.watch);
            else this.tell(null, { kind: 'sync', sync: event });
        }
        for (const watch of changed) this.giveRows(watch);
    }

    private giveRows(watch: number): void {
        const one = this.watches.get(watch);
        if (one === undefined) return;
        try {
            this.tell(one.tab, { kind: 'rows', watch: one.number, rows: this.replica.rows(watch) });
        } catch (why) {
            if (!(why instanceof TrellisError)) throw why;
            const { code, message } = why;
            this.tell(one.tab, { kind: 'failed', watch: one.number, refusal: { code, message } });
        }
    }

    /** Carries a request to its end, over as many connections as that takes; one at a time. */
    private converse(request: JsonObject, deadlineMs: number): Promise<Json> {
        const done = this.talks.catch(() => {}).then(() => this.live.without(
            () => this.carry(request, performance.now() + deadlineMs)));
        this.talks = done;
        return done;
    }

    private async carry(request: JsonObject, end: number): Promise<Json> {
        for (;;) {
            const left = end - performance.now();
            if (left <= 0) {
                throw new TrellisError('timeout', 'the server did not finish within the deadline');
            }
            const talk = await Talk.start(this.replica, request, () => this.spread());
            this.talk = talk;
            const timer = setTimeout(() => talk.hangUp(), left);
            const outcome = await talk.carry();
            clearTimeout(timer);
            this.talk = undefined;
            if (outcome.redialMs === 0) continue;
            if (outcome.error !== undefined) throw outcome.error;
            return outcome.reply!;
        }
    }
}

function evicted(): TrellisError {
    return new TrellisError('evicted',
        'the browser has deleted the records of this device. What was synced is safe on the ' +
        'server: open again with startAgain, then join with a new invite, and let an administrator ' +
        'remove the old device');
}
