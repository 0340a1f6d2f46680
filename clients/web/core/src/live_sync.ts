// SPDX-License-Identifier: Apache-2.0
import { TrellisError } from './errors.js';
import type { Replica } from './replica.js';
import { Talk } from './talk.js';
import type { SyncEvent } from './types.js';

const firstPauseMs = 1000;
const lastPauseMs = 60_000;

/** The connection that stays while any tab wants it, and is dialled again when it is lost. */
export class LiveSync {
    private isWanted = false;
    private isLooping = false;
    /** Others have the replica's one session for now. */
    private yielded = 0;
    private pauseMs = firstPauseMs;
    private talk: Talk | undefined;
    private stepped: (() => void) | undefined;
    private loop: Promise<void> = Promise.resolve();

    constructor(
        private readonly replica: Replica, private readonly moved: () => void,
        private readonly tell: (sync: SyncEvent) => void,
    ) {}

    start(): void {
        this.isWanted = true;
        this.goOn();
    }

    stop(): void {
        this.isWanted = false;
        this.interrupt();
    }

    flush(): void {
        this.talk?.flush();
    }

    /** Ends a pause before the next dialling. */
    dialNow(): void {
        this.pauseMs = firstPauseMs;
        if (this.talk === undefined) this.stepped?.();
    }

    /** Runs what needs the session for itself. */
    async without<T>(body: () => Promise<T>): Promise<T> {
        ++this.yielded;
        this.interrupt();
        await this.loop;
        try {
            return await body();
        } finally {
            --this.yielded;
            this.goOn();
        }
    }

    private get mayRun(): boolean {
        return this.isWanted && this.yielded === 0;
    }

    private interrupt(): void {
        this.talk?.hangUp();
        this.stepped?.();
    }

    private goOn(): void {
        if (!this.mayRun || this.isLooping) return;
        this.isLooping = true;
        this.loop = this.run().finally(() => {
            this.isLooping = false;
        });
    }

    private async run(): Promise<void> {
        while (this.mayRun) {
            const pause = await this.once();
            if (pause < 0) return; // until something else is said to the server
            if (pause > 0 && this.mayRun) await this.sleep(pause);
        }
    }

    /** One connection; when to dial again. */
    private async once(): Promise<number> {
        try {
            this.talk = await Talk.start(this.replica, { op: 'sync_start' }, this.moved);
            this.pauseMs = firstPauseMs;
            if (!this.mayRun) this.talk.hangUp();
            const { error, redialMs } = await this.talk.carry();
            if (error !== undefined && redialMs < 0) {
                this.tell({ connected: false, message: error.message });
            }
            return redialMs;
        } catch (why) {
            if (!(why instanceof TrellisError)) throw why;
            this.tell({ connected: false, message: why.message });
            return why.code === 'offline' ? this.nextPause() : -1;
        } finally {
            this.talk = undefined;
        }
    }

    /** Random, so that a thousand tablets do not come back in the same second. */
    private nextPause(): number {
        const pause = this.pauseMs * (0.5 + Math.random() / 2);
        this.pauseMs = Math.min(2 * this.pauseMs, lastPauseMs);
        return pause;
    }

    private sleep(ms: number): Promise<void> {
        return new Promise((done) => {
            const timer = setTimeout(done, ms);
            this.stepped = () => {
                clearTimeout(timer);
                done();
            };
        });
    }
}
