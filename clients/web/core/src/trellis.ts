// SPDX-License-Identifier: Apache-2.0
import { TrellisError, toError } from './errors.js';
import { Link } from './link.js';
import { LiveValue } from './live.js';
import { isMarked, mark, unmark } from './marker.js';
import type { News } from './messages.js';
import type {
    Grant, JsonObject, List, Live, Organisation, Query, Recovered, Row, Space, StorageState, SyncEvent,
    SyncReport,
} from './types.js';

export interface TrellisOptions {
    /** Tells this database from others of the same origin; no slashes. */
    name?: string;
    /** 32 bytes that encrypt the files. Without them they lie beside: fine for trying out, and no
     *  protection where the disk is stolen. */
    key?: Uint8Array;
    /** A district's own schema; else the family schema. */
    schema?: JsonObject;
    /** After the refusal `evicted`: begin empty, to join again. */
    startAgain?: boolean;
}

const minuteMs = 60_000;

/** A tab's share of this device's records. Works offline; every write is saved when its promise is
 *  kept. All tabs of an origin share one database. */
export class Trellis {
    private readonly lists = new Map<number, LiveValue<Row[]>>();
    private readonly syncing = new LiveValue<SyncEvent>();
    private nextWatch = 1;

    private constructor(private readonly link: Link, private readonly name: string) {}

    /** @throws TrellisError `evicted` where the browser has deleted what was here; `wrong_key`. */
    static async open(options: TrellisOptions): Promise<Trellis> {
        const name = options.name ?? 'records';
        if (!/^[\w.-]{1,64}$/.test(name)) {
            throw new TrellisError('invalid', 'a name is 1 to 64 of letters, digits, dots, dashes');
        }
        if (options.startAgain === true) unmark(name);
        let hear = (_: News): void => {};
        const link = new Link({
            name,
            key: options.key ?? null,
            schema: options.schema ?? null,
            expectsRecords: isMarked(name),
        }, (news) => hear(news));
        const trellis = new Trellis(link, name);
        hear = (news) => trellis.hear(news);
        try {
            const hello = await trellis.call('hello');
            if ('org' in hello) mark(name);
            return trellis;
        } catch (why) {
            void link.close();
            throw toError(why);
        }
    }

    /** Any verb of docs/scripting.md. */
    async call(op: string, args: JsonObject = {}): Promise<JsonObject> {
        if (op === 'sync' || op === 'join' || op === 'recover') {
            return this.talk({ ...args, op }, minuteMs);
        }
        const reply = (await this.link.ask({ do: 'call', op, args })) as JsonObject;
        if (op === 'org_create') mark(this.name);
        return reply;
    }

    // Organisation --------------------------------------------------------------------------

    /** Whether this device is in an organisation. */
    async isMember(): Promise<boolean> {
        return 'org' in (await this.call('hello'));
    }

    /** Founds an organisation with this device as its first. */
    async orgCreate(name: string, url: string): Promise<Recovered> {
        return (await this.call('org_create', { name, url })) as unknown as Recovered;
    }

    async spaceCreate(name: string): Promise<string> {
        return (await this.call('space_create', { name }))['space'] as string;
    }

    async spaces(): Promise<Space[]> {
        return (await this.call('spaces'))['spaces'] as unknown as Space[];
    }

    /** A text with which one more device can join. Sync, or the server does not know it. */
    async invite(role: string, spaces: Grant[]): Promise<string> {
        const grants = spaces as unknown as JsonObject[];
        return (await this.call('invite', { role, spaces: grants }))['invite'] as string;
    }

    async join(invite: string, name: string): Promise<Organisation> {
        return (await this.call('join', { invite, name })) as unknown as Organisation;
    }

    async recover(sheets: string[], name: string, url: string): Promise<Recovered> {
        return (await this.call('recover', { sheets, name, url })) as unknown as Recovered;
    }

    // Writing -------------------------------------------------------------------------------

    /** Creates a record and gives its identifier. Devices that create the same key offline create one
     *  record. */
    async put(space: string, type: string, fields: JsonObject, key?: string): Promise<string> {
        const more: JsonObject = key === undefined ? {} : { key };
        return (await this.call('put', { space, type, fields, ...more }))['rec'] as string;
    }

    async set(rec: string, fields: JsonObject): Promise<void> {
        await this.call('set', { rec, fields });
    }

    async delete(rec: string, reason = ''): Promise<void> {
        await this.call('delete', { rec, reason });
    }

    /** Several writes, all or nothing. */
    async batch(ops: JsonObject[]): Promise<JsonObject> {
        return this.call('batch', { ops });
    }

    // Reading -------------------------------------------------------------------------------

    async get(rec: string): Promise<JsonObject> {
        return this.call('get', { rec });
    }

    async list(type: string, options: JsonObject = {}): Promise<Row[]> {
        return (await this.call('list', { ...options, type }))['rows'] as Row[];
    }

    async query(sql: string, params: JsonObject | JsonObject[string][] = []): Promise<Row[]> {
        return (await this.call('query', { sql, params }))['rows'] as Row[];
    }

    /** The rows of a list or a query, kept true. Every change gives all of them: mind the `limit`. */
    watch(query: List | Query): Live<Row[]> {
        const watch = this.nextWatch++;
        const list: LiveValue<Row[]> = new LiveValue(
            () => {
                this.lists.set(watch, list);
                this.link.ask({ do: 'watch', watch, query }).catch((why) => list.fail(toError(why)));
            },
            () => {
                this.lists.delete(watch);
                this.link.ask({ do: 'unwatch', watch }).catch(() => {}); // closed: it has ended, too
            },
        );
        return list;
    }

    // Syncing -------------------------------------------------------------------------------

    /** One pass until nothing is left to send or to receive. */
    async sync(deadlineMs = minuteMs): Promise<SyncReport> {
        return (await this.talk({ op: 'sync' }, deadlineMs)) as unknown as SyncReport;
    }

    /** Stays in sync from now on, through every change of networks and tabs. */
    async syncStart(): Promise<void> {
        await this.link.ask({ do: 'live', on: true });
    }

    async syncStop(): Promise<void> {
        await this.link.ask({ do: 'live', on: false });
    }

    /** How that is going. */
    get syncState(): Live<SyncEvent> {
        return this.syncing;
    }

    // Where it lies -------------------------------------------------------------------------

    /** Asks the browser not to delete the records; best at a click. What it answered. */
    async persist(): Promise<boolean> {
        return (await navigator.storage.persist?.()) ?? false;
    }

    async storageState(): Promise<StorageState> {
        const used = (await this.link.ask({ do: 'used' })) as number;
        const persisted = (await navigator.storage.persisted?.()) ?? false;
        const quota = (await navigator.storage.estimate?.())?.quota ?? null;
        const advice = persisted ? null : 'The browser may delete what is kept here when the disk ' +
            'is short or this page was not opened for a week. Sync often, or install it as an app.';
        return { persisted, used, quota, advice };
    }

    /** Whether this tab keeps the records for all; null: nobody does at the moment. */
    get isOwner(): boolean | null {
        return this.link.isOwner;
    }

    /** Lets go of the files until `resume`; done by itself when the browser freezes the page. What is
     *  called meanwhile waits. */
    suspend(): void {
        this.link.sleep();
    }

    resume(): void {
        this.link.wake();
    }

    /** Seals what is not sealed and closes the files. Again is fine. */
    async close(): Promise<void> {
        await this.link.close();
    }

    private async talk(request: JsonObject, deadlineMs: number): Promise<JsonObject> {
        const reply = (await this.link.ask({ do: 'talk', request, deadlineMs })) as JsonObject;
        if (request['op'] !== 'sync') mark(this.name);
        return reply;
    }

    private hear(news: News): void {
        switch (news.kind) {
            case 'rows': this.lists.get(news.watch)?.set(news.rows); break;
            case 'failed':
                this.lists.get(news.watch)?.fail(
                    new TrellisError(news.refusal.code, news.refusal.message));
                break;
            case 'sync': this.syncing.set(news.sync); break;
        }
    }
}
