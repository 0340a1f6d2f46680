// SPDX-License-Identifier: Apache-2.0

/** The module's memory. It moves when it grows: nothing made here outlives the next call. */
export class Memory {
    private memory: WebAssembly.Memory | undefined;

    attach(memory: WebAssembly.Memory): void {
        this.memory = memory;
    }

    bytes(at: number, size: number): Uint8Array {
        return new Uint8Array(this.buffer(), at >>> 0, size >>> 0);
    }

    view(): DataView {
        return new DataView(this.buffer());
    }

    word(at: number): number {
        return this.view().getUint32(at >>> 0, true);
    }

    setWord(at: number, value: number): void {
        this.view().setUint32(at >>> 0, value, true);
    }

    number(at: number): number {
        return Number(this.view().getBigInt64(at >>> 0, true));
    }

    /** A text that ends with a zero. */
    text(at: number): string {
        const all = new Uint8Array(this.buffer(), at >>> 0);
        return new TextDecoder().decode(all.slice(0, all.indexOf(0)));
    }

    private buffer(): ArrayBuffer {
        if (this.memory === undefined) throw new Error('the module has no memory yet');
        return this.memory.buffer;
    }
}
