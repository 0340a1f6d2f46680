// SPDX-License-Identifier: Apache-2.0
import { TrellisError, toError } from './errors.js';
import type { Replica, Session } from './replica.js';
import type { JsonObject } from './types.js';

const dialMs = 30_000;
/** What may wait in the socket before we make more; keeps a long upload out of memory. */
const bufferedMost = 4 << 20;
const crowdedMs = 50;
/** Beyond it a browser's timer fires at once. */
const timerMost = 2 ** 31 - 1;

export interface Outcome {
    /** What the verb answers. */
    reply?: JsonObject;
    error?: TrellisError;
    /** When to dial again: 0 at once, -1 not at all. */
    redialMs: number;
}

/** One session over one connection. */
export class Talk {
    private session: Session | undefined;
    private timer: ReturnType<typeof setTimeout> | undefined;
    private finish: ((outcome: Outcome) => void) | undefined;

    private constructor(private readonly socket: WebSocket, private readonly moved: () => void) {
        socket.onmessage = (message: MessageEvent<ArrayBuffer>) =>
            this.step((session) => session.receive(new Uint8Array(message.data)));
        socket.onclose = () => this.step((session) => session.hangUp());
    }

    /** @param moved called after every step: there may be news in the replica.
     *  @throws TrellisError `offline` where nobody answers there. */
    static async start(replica: Replica, request: JsonObject, moved: () => void): Promise<Talk> {
        const socket = await dial(replica.sessionUrl(request));
        const talk = new Talk(socket, moved);
        try {
            talk.session = replica.startSession(request);
        } catch (why) {
            socket.close();
            throw why;
        }
        return talk;
    }

    /** Carries it to its end. */
    async carry(): Promise<Outcome> {
        return new Promise((finish) => {
            this.finish = finish;
            this.step(() => {});
        });
    }

    /** Sends what a write has made. */
    flush(): void {
        this.step(() => {}, false);
    }

    hangUp(): void {
        this.step((session) => session.hangUp());
    }

    private step(body: (session: Session) => void, tells = true): void {
        const session = this.session;
        if (session === undefined || this.finish === undefined) return;
        clearTimeout(this.timer);
        try {
            body(session);
            const isCrowded = this.send(session);
            if (session.isOpen) {
                const wait = Math.min(isCrowded ? crowdedMs : session.waitMs(), timerMost);
                if (wait >= 0) this.timer = setTimeout(() => this.step((open) => open.tick()), wait);
            } else {
                this.end(session);
            }
        } catch (why) {
            this.session = undefined;
            try {
                session.end();
            } catch {
                // The library has stopped, and the session with it.
            }
            this.give({ error: toError(why), redialMs: -1 });
        }
        if (tells) this.moved();
    }

    private send(session: Session): boolean {
        for (;;) {
            if (this.socket.readyState !== WebSocket.OPEN) return false;
            if (this.socket.bufferedAmount > bufferedMost) return true;
            const frame = session.nextFrame();
            if (frame.length === 0) return false;
            this.socket.send(frame as Uint8Array<ArrayBuffer>);
        }
    }

    private end(session: Session): void {
        const outcome: Outcome = { redialMs: session.redialMs() };
        try {
            outcome.reply = session.result();
        } catch (why) {
            outcome.error = toError(why);
        }
        this.session = undefined;
        session.end();
        this.give(outcome);
    }

    private give(outcome: Outcome): void {
        const finish = this.finish;
        this.finish = undefined;
        this.socket.close();
        finish?.(outcome);
    }
}

function dial(url: string): Promise<WebSocket> {
    return new Promise((connected, failed) => {
        const socket = new WebSocket(url);
        socket.binaryType = 'arraybuffer';
        const giveUp = (): void => {
            clearTimeout(timer);
            socket.onclose = null;
            socket.close();
            failed(new TrellisError('offline', `nobody answers at ${url}`));
        };
        const timer = setTimeout(giveUp, dialMs);
        socket.onclose = giveUp;
        socket.onopen = () => {
            clearTimeout(timer);
            connected(socket);
        };
    });
}
