// SPDX-License-Identifier: Apache-2.0
// The worker of one tab. All workers of a database queue for one lock; who has it owns the records,
// and the others pass on to it what their pages ask. When it dies, the browser gives the lock on.
import { TrellisError, toError } from './errors.js';
import { mayRepeat } from './messages.js';
import type { Answer, Ask, BetweenTabs, News, Settings, ToPage, ToWorker } from './messages.js';
import { Owner } from './owner.js';

interface Waiting {
    ask: Ask;
    /** The owner it was passed to; null: to none yet. */
    askedOf: string | null;
}

class Tab {
    private readonly id = crypto.randomUUID();
    private readonly lock: string;
    private readonly channel: BroadcastChannel;
    private readonly waiting = new Map<number, Waiting>();
    /** What every new owner is told: our watches, and whether we want to stay in sync. */
    private readonly standing = new Map<string, Ask>();
    private readonly known = new Set<string>();
    private owner: Owner | null = null;
    private ownerId: string | null = null;
    private queue: AbortController | null = null;
    private stepDown: (() => void) | null = null;
    private owning: Promise<void> = Promise.resolve();
    /** Why there is no owner, where this tab tried to be it. */
    private failure: TrellisError | null = null;
    private wasm: WebAssembly.Module | null = null;

    constructor(private readonly settings: Settings) {
        this.lock = `trellis:${settings.name}`;
        this.channel = new BroadcastChannel(this.lock);
        this.channel.onmessage = ({ data }: MessageEvent<BetweenTabs>) => this.hear(data);
    }

    /** As long as this tab lives it holds a lock of its own, so that an owner hears of its end. */
    async begin(): Promise<void> {
        if (navigator.locks === undefined) {
            this.fail(new TrellisError('unsupported', 'this page needs https, or a newer browser'));
            return;
        }
        await new Promise<void>((held) => {
            void navigator.locks.request(`${this.lock}:${this.id}`, () => {
                held();
                return new Promise(() => {});
            });
        });
        this.say({ kind: 'who' });
        this.stand();
    }

    ask(id: number, ask: Ask): void {
        if (ask.do === 'watch') this.standing.set(`watch ${ask.watch}`, ask);
        if (ask.do === 'unwatch') this.standing.delete(`watch ${ask.watch}`);
        if (ask.do === 'live') this.standing.set('live', ask);
        this.waiting.set(id, { ask, askedOf: null });
        if (this.failure !== null) this.refuse(id, this.failure);
        else this.pass(id);
    }

    /** The browser may stop us at any moment: somebody else may own the records. */
    sleep(): void {
        this.queue?.abort();
        this.queue = null;
        this.stepDown?.();
    }

    wake(): void {
        this.say({ kind: 'who' });
        this.stand();
    }

    online(): void {
        this.owner?.online();
    }

    async close(): Promise<void> {
        this.sleep();
        await this.owning;
        this.channel.close();
        toPage({ kind: 'closed' });
    }

    // Who owns ------------------------------------------------------------------------------

    private stand(): void {
        if (this.queue !== null) return;
        const queue = new AbortController();
        this.queue = queue;
        const own = (): Promise<void> => (this.owning = this.own());
        navigator.locks.request(this.lock, { signal: queue.signal }, own).catch((why: unknown) => {
            if (!(why instanceof DOMException && why.name === 'AbortError')) this.fail(toError(why));
        });
    }

    /** We have the lock; until this ends. */
    private async own(): Promise<void> {
        let stopped = false;
        const done = new Promise<void>((stepDown) => {
            this.stepDown = stepDown;
        });
        try {
            this.wasm ??= await compile();
            const tell = (tab: string | null, news: News): void => this.tell(tab, news);
            this.owner = await Owner.open(this.settings, this.wasm, tell, () => {
                stopped = true;
                this.stepDown?.();
            });
        } catch (why) {
            this.stepDown = null;
            return this.fail(toError(why));
        }
        this.elect(this.id);
        this.say({ kind: 'owner', from: this.id });
        await done;
        const owner = this.owner;
        this.owner = null;
        this.ownerId = null;
        this.known.clear();
        this.stepDown = null;
        if (stopped) owner.abandon();
        else owner.close();
        if (stopped) {
            this.queue = null;
            this.stand();
        }
    }

    /** We cannot own it: whoever waits here is told why, and the next in the queue may try. */
    private fail(why: TrellisError): void {
        this.queue = null;
        this.failure = why;
        for (const id of [...this.waiting.keys()]) this.refuse(id, why);
    }

    private elect(owner: string): void {
        if (this.ownerId === owner) return;
        this.ownerId = owner;
        this.failure = null;
        toPage({ kind: 'owner', isHere: owner === this.id });
        for (const ask of this.standing.values()) this.order(ask);
        for (const [id, { ask, askedOf }] of this.waiting) {
            if (askedOf === null || mayRepeat(ask)) this.pass(id);
            else this.refuse(id, gone());
        }
    }

    // What is asked -------------------------------------------------------------------------

    private pass(id: number): void {
        const one = this.waiting.get(id);
        if (one === undefined || this.ownerId === null) return;
        if (this.owner === null && !mayRepeat(one.ask)) {
            this.say({ kind: 'offer', from: this.id, to: this.ownerId, id });
            return;
        }
        one.askedOf = this.ownerId;
        this.send(id, one.ask);
    }

    /** The owner lives: from here on only it knows what becomes of what we ask. */
    private commit(id: number, owner: string): void {
        const one = this.waiting.get(id);
        if (one === undefined || one.askedOf !== null || owner !== this.ownerId) return;
        one.askedOf = owner;
        this.send(id, one.ask);
    }

    /** Asks where nobody waits for the answer. */
    private order(ask: Ask): void {
        this.send(-1, ask);
    }

    private send(id: number, ask: Ask): void {
        if (this.owner !== null) {
            void this.serve(this.id, id, ask).then((answer) => this.give(answer));
        } else {
            this.say({ kind: 'ask', from: this.id, to: this.ownerId!, id, ask });
        }
    }

    private async serve(tab: string, id: number, ask: Ask): Promise<Answer> {
        try {
            if (this.owner === null) throw gone();
            this.know(tab);
            return { id, value: await this.owner.answer(tab, ask) };
        } catch (why) {
            const { code, message } = toError(why);
            return { id, refusal: { code, message } };
        }
    }

    private give(answer: Answer): void {
        if (this.waiting.delete(answer.id)) toPage({ kind: 'answer', answer });
    }

    private refuse(id: number, { code, message }: TrellisError): void {
        this.give({ id, refusal: { code, message } });
    }

    // Between tabs --------------------------------------------------------------------------

    private hear(message: BetweenTabs): void {
        switch (message.kind) {
            case 'who':
                if (this.owner !== null) this.say({ kind: 'owner', from: this.id });
                break;
            case 'owner':
                this.elect(message.from);
                break;
            case 'offer':
                if (message.to !== this.id || this.owner === null) break;
                this.say({ kind: 'ready', from: this.id, to: message.from, id: message.id });
                break;
            case 'ready':
                if (message.to === this.id) this.commit(message.id, message.from);
                break;
            case 'ask':
                if (message.to !== this.id) break;
                void this.serve(message.from, message.id, message.ask).then((answer) =>
                    this.say({ kind: 'answer', to: message.from, answer }));
                break;
            case 'answer':
                if (message.to === this.id) this.give(message.answer);
                break;
            case 'news':
                if (message.to === this.id || message.to === '*') toPage(message.news);
                break;
        }
    }

    private tell(tab: string | null, news: News): void {
        if (tab === null || tab === this.id) toPage(news);
        if (tab !== this.id) this.say({ kind: 'news', to: tab ?? '*', news });
    }

    /** An owner waits for the end of every tab that has asked it. */
    private know(tab: string): void {
        if (tab === this.id || this.known.has(tab)) return;
        this.known.add(tab);
        const owner = this.owner;
        void navigator.locks.request(`${this.lock}:${tab}`, () => {
            if (this.owner === owner) owner?.forget(tab);
            this.known.delete(tab);
        });
    }

    private say(message: BetweenTabs): void {
        this.channel.postMessage(message);
    }
}

function gone(): TrellisError {
    return new TrellisError('owner_gone',
        'the tab that keeps the records ended before it answered: look whether it was saved');
}

function compile(): Promise<WebAssembly.Module> {
    return WebAssembly.compileStreaming(fetch(new URL('./trellis.wasm', import.meta.url)));
}

const toPage = (message: ToPage): void => (self as unknown as Worker).postMessage(message);

let tab: Tab | undefined;
self.onmessage = ({ data }: MessageEvent<ToWorker>) => {
    switch (data.kind) {
        case 'open':
            tab = new Tab(data.settings);
            void tab.begin();
            break;
        case 'ask': tab?.ask(data.id, data.ask); break;
        case 'sleep': tab?.sleep(); break;
        case 'wake': tab?.wake(); break;
        case 'online': tab?.online(); break;
        case 'close': void tab?.close(); break;
    }
};
