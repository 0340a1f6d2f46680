// SPDX-License-Identifier: Apache-2.0
/** Files, as `trellis_storage` of trellis.h describes them: a number below 0 is minus a status. */
export interface Storage {
    open(path: string, create: boolean): number;
    close(file: number): number;
    read(file: number, to: Uint8Array, offset: number): number;
    write(file: number, from: Uint8Array, offset: number): number;
    truncate(file: number, size: number): number;
    sync(file: number): number;
    size(file: number): number;
    remove(path: string): number;
    exists(path: string): number;
}
