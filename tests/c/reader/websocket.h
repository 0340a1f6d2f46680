// SPDX-License-Identifier: Apache-2.0
// What docs/embedding.md expects of the reader's platform.
#pragma once

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct ws ws;

ws* ws_open(const char* url, size_t url_size);
void ws_send(ws* socket, const uint8_t* data, size_t size);
/* 1: a message, borrowed until the next call; 0: none in that time; -1: the connection is gone. */
int ws_receive(ws* socket, int64_t wait_ms, const uint8_t** data, size_t* size);
void ws_close(ws* socket);

#ifdef __cplusplus
}
#endif
