// SPDX-License-Identifier: Apache-2.0
// Where test pages come from: a plain web server, or a relay.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { createInterface } from 'node:readline';

const types = { '.js': 'text/javascript', '.wasm': 'application/wasm' };

/** Serves the package under /trellis/, and an empty page. Its address. */
export async function newSite(t) {
    const server = createServer(async (request, response) => {
        const path = new URL(request.url, 'http://here').pathname;
        try {
            const body = path === '/' ? '<!doctype html>'
                : await readFile(join(process.env.TRELLIS_PACKAGE, path.replace('/trellis/', '')));
            response.writeHead(200, { 'content-type': types[extname(path)] ?? 'text/html' });
            response.end(body);
        } catch {
            response.writeHead(404).end();
        }
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    t.after(() => {
        server.close();
        server.closeAllConnections();
    });
    return `http://127.0.0.1:${server.address().port}`;
}

/** A real trellisd, which also serves the package under /trellis/, and pages given as text. */
export class Relay {
    #port = 0;

    static async start(t, pages = {}) {
        const relay = new Relay();
        relay.folder = await mkdtemp(join(tmpdir(), 'trellis-relay-'));
        t.after(async () => {
            await relay.stop();
            await rm(relay.folder, { recursive: true, force: true });
        });
        await cp(process.env.TRELLIS_PACKAGE, join(relay.folder, 'static/trellis'), { recursive: true });
        for (const [name, text] of Object.entries({ 'empty.html': '<!doctype html>', ...pages })) {
            await writeFile(join(relay.folder, 'static', name), text);
        }
        await relay.start();
        return relay;
    }

    get url() {
        return `ws://127.0.0.1:${this.#port}/sync`;
    }

    get site() {
        return `http://127.0.0.1:${this.#port}`;
    }

    /** Again on the same port, with what it had stored. */
    async start() {
        this.process = spawn(process.env.TRELLISD, ['--store', `sqlite:${join(this.folder, 'relay.db')}`,
            '--listen', `127.0.0.1:${this.#port}`, '--static', join(this.folder, 'static')],
        { stdio: ['ignore', 'pipe', 'inherit'] });
        const [line] = await once(createInterface(this.process.stdout), 'line');
        this.#port = JSON.parse(line).port;
    }

    async stop() {
        if (this.process === null) return;
        this.process.kill('SIGTERM');
        await once(this.process, 'exit');
        this.process = null;
    }
}
