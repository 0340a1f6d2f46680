// SPDX-License-Identifier: Apache-2.0
// What TypeScript declares for workers only: https://fs.spec.whatwg.org/#api-filesystemsyncaccesshandle
interface FileSystemSyncAccessHandle {
    read(to: AllowSharedBufferSource, options?: { at?: number }): number;
    write(from: AllowSharedBufferSource, options?: { at?: number }): number;
    truncate(size: number): void;
    getSize(): number;
    flush(): void;
    close(): void;
}

interface FileSystemFileHandle {
    createSyncAccessHandle(): Promise<FileSystemSyncAccessHandle>;
}
