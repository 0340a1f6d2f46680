// SPDX-License-Identifier: Apache-2.0
// The header as a C11 program sees it. Prints what must not change while TRELLIS_ABI is the same.
#include "clients/c/trellis.h"

#include <stdio.h>

#define SIZE(type) printf("%s %zu\n", #type, sizeof(type))
#define PLACE(type, member) printf("%s.%s %zu\n", #type, #member, offsetof(type, member))
#define VALUE(name) printf("%s %d\n", #name, (int)(name))

int main(void) {
    SIZE(trellis_status);
    SIZE(trellis_bytes);
    SIZE(trellis_buffer);
    SIZE(trellis_error);
    PLACE(trellis_error, message);
    SIZE(trellis_host);
    PLACE(trellis_host, wall_ms);
    PLACE(trellis_host, monotonic_ms);
    PLACE(trellis_host, boot_id);
    PLACE(trellis_host, random);
    PLACE(trellis_host, log);
    SIZE(trellis_storage);
    PLACE(trellis_storage, open);
    PLACE(trellis_storage, close);
    PLACE(trellis_storage, read);
    PLACE(trellis_storage, write);
    PLACE(trellis_storage, truncate);
    PLACE(trellis_storage, sync);
    PLACE(trellis_storage, size);
    PLACE(trellis_storage, remove);
    PLACE(trellis_storage, exists);
    SIZE(trellis_options);
    PLACE(trellis_options, path);
    PLACE(trellis_options, key);
    PLACE(trellis_options, schema_json);
    PLACE(trellis_options, custody);
    PLACE(trellis_options, host);
    PLACE(trellis_options, storage);
    PLACE(trellis_options, cache_kib);
    VALUE(TRELLIS_ABI);
    VALUE(TRELLIS_CREATE);
    VALUE(TRELLIS_OK);
    VALUE(TRELLIS_INVALID);
    VALUE(TRELLIS_NOT_FOUND);
    VALUE(TRELLIS_DENIED);
    VALUE(TRELLIS_CONFLICT);
    VALUE(TRELLIS_CORRUPT);
    VALUE(TRELLIS_WRONG_KEY);
    VALUE(TRELLIS_NO_SPACE);
    VALUE(TRELLIS_BUSY);
    VALUE(TRELLIS_OFFLINE);
    VALUE(TRELLIS_TIMEOUT);
    VALUE(TRELLIS_FORK);
    VALUE(TRELLIS_ROLLED_BACK);
    VALUE(TRELLIS_UNSUPPORTED);
    VALUE(TRELLIS_TOO_LARGE);
    VALUE(TRELLIS_INTERNAL);
    VALUE(TRELLIS_WRONG_THREAD);
    VALUE(TRELLIS_CLOSED);
    VALUE(TRELLIS_REENTERED);
    VALUE(TRELLIS_SUSPENDED);
    return trellis_abi() == TRELLIS_ABI ? 0 : 1;
}
