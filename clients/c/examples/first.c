// SPDX-License-Identifier: Apache-2.0
// First: founds a district on this device, writes, and counts. No network needed.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <trellis.h>

static trellis_bytes text(const char* s) {
    return (trellis_bytes){(const uint8_t*)s, strlen(s)};
}

/* What a verb of docs/scripting.md answers: yours to free. A refusal ends the program. */
static trellis_buffer ask(trellis_replica* db, const char* request) {
    trellis_buffer reply;
    trellis_error error;
    if (trellis_call(db, text(request), &reply, &error) != TRELLIS_OK) {
        fprintf(stderr, "%s\n", error.message);
        exit(1);
    }
    return reply;
}

static void show(trellis_buffer reply) {
    printf("%.*s\n", (int)reply.size, (const char*)reply.data);
    trellis_buffer_free(&reply);
}

int main(void) {
    /* In memory; a file: .path, and .key with the 32 bytes that encrypt it. */
    trellis_options options = {.struct_size = sizeof options};
    trellis_replica* db;
    trellis_error error;
    if (trellis_open(&options, &db, &error) != TRELLIS_OK) {
        fprintf(stderr, "%s\n", error.message);
        return 1;
    }
    /* The reply holds the sheets that bring the organisation back: print them, lock them away. */
    trellis_buffer founded = ask(
        db, "{\"op\":\"org_create\",\"name\":\"District\",\"url\":\"wss://relay.example.org/sync\"}");
    trellis_buffer_free(&founded);

    /* Requests and replies are JSON; a real program has a library for that. */
    trellis_buffer created = ask(db, "{\"op\":\"space_create\",\"name\":\"School\"}");
    char put[256], space[33] = "";
    const char* at = memchr(created.data, '{', created.size);
    for (size_t i = 0; at != NULL && i + 41 < created.size; ++i) {
        if (memcmp(at + i, "\"space\":\"", 9) == 0) memcpy(space, at + i + 9, 32);
    }
    trellis_buffer_free(&created);
    snprintf(put, sizeof put,
             "{\"op\":\"put\",\"type\":\"check_in\",\"space\":\"%s\",\"fields\":{\"method\":\"phone\"}}",
             space);
    show(ask(db, put)); /* saved when it returns */
    show(ask(db, "{\"op\":\"query\",\"sql\":\"SELECT method, count(*) AS n FROM check_in GROUP BY method\"}"));
    return trellis_close(db) == TRELLIS_OK ? 0 : 1;
}
