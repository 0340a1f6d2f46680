// SPDX-License-Identifier: Apache-2.0
import { TrellisError } from './errors.js';
import type { Ask, News, Settings, ToPage, ToWorker } from './messages.js';
import type { Json } from './types.js';

interface Waiting {
    answered: (value: Json) => void;
    refused: (why: TrellisError) => void;
}

interface TrustedTypes {
    createPolicy(name: string, rules: { createScriptURL: (url: string) => string }): {
        createScriptURL(url: string): unknown;
    };
}

/** Where pages may start only what is trusted, ours is: trellisd allows a policy of this name. */
const trusted = (globalThis as { trustedTypes?: TrustedTypes }).trustedTypes?.createPolicy(
    'trellis-url', { createScriptURL: (url) => url });

function workerUrl(): string {
    const url = new URL('./worker.js', import.meta.url).href;
    return (trusted?.createScriptURL(url) ?? url) as string;
}

/** A page's line to its worker. */
export class Link {
    /** Whether this tab's worker owns the records; null: nobody does, for now. */
    isOwner: boolean | null = null;
    private readonly worker: Worker;
    private readonly waiting = new Map<number, Waiting>();
    private nextId = 1;
    private isClosed = false;
    private whenClosed: (() => void) | undefined;

    constructor(settings: Settings, private readonly hear: (news: News) => void) {
        this.worker = new Worker(workerUrl(), { type: 'module', name: 'trellis' });
        this.worker.onmessage = ({ data }: MessageEvent<ToPage>) => this.receive(data);
        this.worker.onerror = (event) => this.end(new TrellisError('internal',
            `the worker of the records failed: ${event.message ?? 'its file was not found'}`));
        this.say({ kind: 'open', settings });
        addEventListener('pagehide', this.onSleep);
        addEventListener('pageshow', this.onWake);
        addEventListener('online', this.onOnline);
        document.addEventListener('freeze', this.onSleep);
        document.addEventListener('resume', this.onWake);
    }

    ask(ask: Ask): Promise<Json> {
        if (this.isClosed) return Promise.reject(new TrellisError('closed', 'this database is closed'));
        return new Promise((answered, refused) => {
            const id = this.nextId++;
            this.waiting.set(id, { answered, refused });
            this.say({ kind: 'ask', id, ask });
        });
    }

    /** Lets go of the files, until `wake`: another tab may own the records meanwhile. */
    sleep(): void {
        this.say({ kind: 'sleep' });
    }

    wake(): void {
        this.say({ kind: 'wake' });
    }

    /** Ends the worker once it has closed the files. Again is fine. */
    async close(): Promise<void> {
        if (this.isClosed) return;
        const closed = new Promise<void>((done) => {
            this.whenClosed = done;
        });
        this.say({ kind: 'close' });
        this.end(new TrellisError('closed', 'this database was closed'));
        await closed;
        this.worker.terminate();
    }

    private readonly onSleep = (): void => this.sleep();
    private readonly onOnline = (): void => this.say({ kind: 'online' });
    private readonly onWake = (event: Event): void => {
        // The first pageshow is that of the page's beginning.
        if (event.type !== 'pageshow' || (event as PageTransitionEvent).persisted) this.wake();
    };

    private say(message: ToWorker): void {
        this.worker.postMessage(message);
    }

    private receive(message: ToPage): void {
        switch (message.kind) {
            case 'answer': {
                const { answer } = message;
                const one = this.waiting.get(answer.id);
                this.waiting.delete(answer.id);
                if ('refusal' in answer) {
                    one?.refused(new TrellisError(answer.refusal.code, answer.refusal.message));
                } else {
                    one?.answered(answer.value);
                }
                break;
            }
            case 'owner': this.isOwner = message.isHere; break;
            case 'closed': this.whenClosed?.(); break;
            default: this.hear(message);
        }
    }

    private end(why: TrellisError): void {
        this.isClosed = true;
        removeEventListener('pagehide', this.onSleep);
        removeEventListener('pageshow', this.onWake);
        removeEventListener('online', this.onOnline);
        document.removeEventListener('freeze', this.onSleep);
        document.removeEventListener('resume', this.onWake);
        for (const one of this.waiting.values()) one.refused(why);
        this.waiting.clear();
    }
}
