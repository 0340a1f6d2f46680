// SPDX-License-Identifier: Apache-2.0
// Somebody else's program: one check-in in a database in memory.
#include <trellis.h>

#include <stdio.h>
#include <string.h>

static trellis_bytes text(const char* text) {
    trellis_bytes bytes;
    bytes.data = (const uint8_t*)text;
    bytes.size = strlen(text);
    return bytes;
}

/* The reply, up to a size. */
static int call(trellis_replica* replica, const char* request, char* reply, size_t size) {
    trellis_buffer buffer;
    trellis_error error;
    size_t count;
    if (trellis_call(replica, text(request), &buffer, &error) != TRELLIS_OK) {
        fprintf(stderr, "%s: %s\n", request, error.message);
        trellis_buffer_free(&buffer);
        return 0;
    }
    count = buffer.size < size - 1 ? buffer.size : size - 1;
    memcpy(reply, buffer.data, count);
    reply[count] = '\0';
    trellis_buffer_free(&buffer);
    return 1;
}

int main(void) {
    trellis_options options;
    trellis_replica* replica;
    trellis_error error;
    char reply[4096], request[512], space[64];
    const char* at;
    int count = 0;

    memset(&options, 0, sizeof options);
    options.struct_size = sizeof options;
    if (trellis_abi() != TRELLIS_ABI) return 1;
    if (trellis_open(&options, &replica, &error) != TRELLIS_OK) {
        fprintf(stderr, "%s\n", error.message);
        return 1;
    }
    if (!call(replica, "{\"op\":\"org_create\",\"name\":\"District\",\"url\":\"ws://localhost/sync\"}",
              reply, sizeof reply) ||
        !call(replica, "{\"op\":\"space_create\",\"name\":\"School\"}", reply, sizeof reply)) {
        return 1;
    }
    at = strstr(reply, "\"space\":\"");
    if (at == NULL || sscanf(at, "\"space\":\"%63[0-9a-f]", space) != 1) return 1;
    snprintf(request, sizeof request,
             "{\"op\":\"put\",\"space\":\"%s\",\"type\":\"check_in\",\"fields\":{\"method\":\"phone\"}}",
             space);
    if (!call(replica, request, reply, sizeof reply) ||
        !call(replica, "{\"op\":\"list\",\"type\":\"check_in\"}", reply, sizeof reply)) {
        return 1;
    }
    for (at = reply; (at = strstr(at, "\"rec\":")) != NULL; ++at) ++count;
    printf("%d check-in\n", count);
    return trellis_close(replica) == TRELLIS_OK ? 0 : 1;
}
