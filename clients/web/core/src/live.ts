// SPDX-License-Identifier: Apache-2.0
import { TrellisError } from './errors.js';
import type { Live } from './types.js';

type Changed<T> = (value: T) => void;
type Failed = (why: TrellisError) => void;

/** A value that is kept true as long as anybody listens. */
export class LiveValue<T> implements Live<T> {
    private value: T | undefined;
    private isKnown = false;
    private readonly listeners = new Set<{ changed: Changed<T>; failed: Failed | undefined }>();

    /** @param first called with the first listener, @param last when none is left. */
    constructor(private readonly first = () => {}, private readonly last = () => {}) {}

    subscribe(changed: Changed<T>, failed?: Failed): () => void {
        const one = { changed, failed };
        this.listeners.add(one);
        if (this.isKnown) changed(this.value as T);
        if (this.listeners.size === 1) this.first();
        return () => {
            if (!this.listeners.delete(one) || this.listeners.size > 0) return;
            this.isKnown = false;
            this.last();
        };
    }

    /** For this package. */
    set(value: T): void {
        this.value = value;
        this.isKnown = true;
        for (const { changed } of [...this.listeners]) changed(value);
    }

    /** For this package. */
    fail(why: TrellisError): void {
        for (const { failed } of [...this.listeners]) {
            if (failed === undefined) console.error(why);
            else failed(why);
        }
    }
}
