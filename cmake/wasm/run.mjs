// SPDX-License-Identifier: Apache-2.0
// node run.mjs <program.wasm> <argument>...: runs a WASI command and returns its exit code.
// The program sees the folder it was started in as ".", so that tests find fixtures/.
import { readFile } from 'node:fs/promises';
import { WASI } from 'node:wasi';

const [, , program, ...rest] = process.argv;
const wasi = new WASI({
    version: 'preview1',
    args: [program, ...rest],
    preopens: { '.': process.cwd() },
    returnOnExit: true,
});
// Each call goes through a function of JavaScript. WebAssembly calls Node's own functions without a
// frame that the garbage collector can walk, and some of WASI's allocate in a way that starts a
// collection: what the stack alone holds is then lost, and Node dies when it is used again.
// https://github.com/nodejs/node/issues/46777
const calls = Object.fromEntries(Object.entries(wasi.wasiImport).map(
    ([name, call]) => [name, (...values) => call(...values)]));
try {
    const module = await WebAssembly.compile(await readFile(program));
    // Not getImportObject(): the Node of Debian 12 does not have it.
    const imports = { wasi_snapshot_preview1: calls };
    const instance = await WebAssembly.instantiate(module, imports);
    process.exitCode = wasi.start(instance);
} catch (error) {
    console.error(`${program}: ${error.stack}`);
    process.exitCode = 134; // as if aborted: a trap is a failed check or a thrown exception
}
