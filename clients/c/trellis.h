// SPDX-License-Identifier: Apache-2.0
/*
 * libtrellis: a device's own copy of its organisation's records, for any language.
 *
 * Conventions
 *  1. Handles are opaque. Each has one function that makes it and one that ends it. A handle that
 *     has ended, a null, a call in the wrong order: all are answered with a status, never a crash.
 *     A pointer that never came from here cannot be told from one that did.
 *  2. `trellis_bytes` is borrowed for the call. `trellis_buffer` is yours: give it to
 *     trellis_buffer_free(). A buffer you pass in is overwritten, not freed.
 *  3. What can fail returns a trellis_status and takes a trellis_error* last, which lies on your
 *     stack and may be null. Its message is a sentence for a person, in UTF-8.
 *  4. Requests, replies, rows and events are UTF-8 JSON (docs/scripting.md); frames and keys are
 *     bytes. Times are milliseconds. Nothing is terminated by a zero unless it is a `char*`.
 *  5. One thread owns a replica and its sessions: the one that opened it, until another takes it
 *     over with trellis_move_here(). A call from any other is answered TRELLIS_WRONG_THREAD.
 *     Different replicas may live on different threads. The library starts no thread of its own.
 *  6. Wake, then pull. The wake callback says that there is something to pull: events, frames, the
 *     end of a session. It runs at the end of your own call, carries no data and must not call
 *     back; a call from inside a callback is answered TRELLIS_REENTERED.
 *  7. Structs that you fill begin with `struct_size` = sizeof of the struct; zero the rest. They
 *     grow at the end, enumerations too, and functions are only added while TRELLIS_ABI stays.
 *  8. The socket is yours. A session turns frames (binary WebSocket messages) into frames; it
 *     lives exactly as long as one connection.
 */
#ifndef TRELLIS_H
#define TRELLIS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TRELLIS_ABI 1

#if defined(__GNUC__)
#define TRELLIS_API __attribute__((visibility("default")))
#else
#define TRELLIS_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* What happened. 1 to 63 are the codes of docs/scripting.md, in its order; from 64 on are
 * mistakes in using these functions. */
typedef int32_t trellis_status;
enum {
    TRELLIS_OK = 0,
    TRELLIS_INVALID = 1,     /* the request, the bytes or a null make no sense */
    TRELLIS_NOT_FOUND = 2,   /* nothing by that name is here */
    TRELLIS_DENIED = 3,      /* understood, and not allowed */
    TRELLIS_CONFLICT = 4,    /* somebody else was first */
    TRELLIS_CORRUPT = 5,     /* bytes that were once right are not any more */
    TRELLIS_WRONG_KEY = 6,   /* the key does not open this */
    TRELLIS_NO_SPACE = 7,    /* the disk or a quota is full */
    TRELLIS_BUSY = 8,        /* held by somebody else; try again later */
    TRELLIS_OFFLINE = 9,     /* no connection, or it was lost */
    TRELLIS_TIMEOUT = 10,    /* no answer within the deadline */
    TRELLIS_FORK = 11,       /* one actor has said two different things */
    TRELLIS_ROLLED_BACK = 12, /* one side has gone back in time */
    TRELLIS_UNSUPPORTED = 13, /* not in this version, or not this way: the message says how */
    TRELLIS_TOO_LARGE = 14,  /* over a limit */
    TRELLIS_INTERNAL = 15,   /* our own mistake, or no memory left: the replica is closed */

    TRELLIS_WRONG_THREAD = 64, /* another thread owns this replica */
    TRELLIS_CLOSED = 65,       /* this handle has ended */
    TRELLIS_REENTERED = 66,    /* called from inside a callback */
    TRELLIS_SUSPENDED = 67     /* trellis_resume() first */
};

typedef struct trellis_replica trellis_replica;
typedef struct trellis_session trellis_session;

typedef struct trellis_bytes { /* borrowed; data may be null where size is 0 */
    const uint8_t* data;
    size_t size;
} trellis_bytes;

typedef struct trellis_buffer { /* yours */
    uint8_t* data;
    size_t size;
} trellis_buffer;

typedef struct trellis_error {
    trellis_status status;
    char message[252]; /* ends with a zero; cut at a whole character where it is longer */
} trellis_error;

/* The world ------------------------------------------------------------------------------- */

/* What the library needs of the platform. A null function stands for the system's own. All are
 * called on the thread of your own call, and must neither call back nor throw. */
typedef struct trellis_host {
    size_t struct_size;
    void* context;
    /* The wall clock, right or wrong: milliseconds since 1970 UTC. */
    int64_t (*wall_ms)(void* context);
    /* Milliseconds that only grow within one boot, also while the device sleeps. */
    int64_t (*monotonic_ms)(void* context);
    /* Names this boot: another value means that monotonic_ms began anew. */
    uint64_t (*boot_id)(void* context);
    /* Fills `data` with bytes fit for keys. It cannot fail. */
    void (*random)(void* context, uint8_t* data, size_t size);
    /* One event: a word, and identifiers or codes; never a name, a value or a key. Null: no log. */
    void (*log)(void* context, const char* event, const char* detail);
} trellis_host;

/* Files of the platform's own, such as a browser's. Paths are those given to trellis_open() and to
 * verbs, with suffixes added. Where nothing else is said, 0 is success and a trellis_status is
 * failure. One replica uses one storage, and nobody else may touch its files meanwhile: see to
 * that before opening. At most some ten files are open at a time. */
typedef struct trellis_storage {
    size_t struct_size;
    void* context;
    /* A number >= 0 that stands for the open file, or -status. Without TRELLIS_CREATE a file that
     * is not there is -TRELLIS_NOT_FOUND; with it, it is made, empty. */
    int64_t (*open)(void* context, const char* path, uint32_t flags);
    trellis_status (*close)(void* context, int64_t file);
    /* How many bytes were read, fewer than `size` only at the end of the file; or -status. */
    int64_t (*read)(void* context, int64_t file, uint8_t* data, size_t size, int64_t offset);
    /* All of it or a failure; TRELLIS_NO_SPACE where there is none. Writing past the end fills the
     * gap with zeros. */
    trellis_status (*write)(void* context, int64_t file, const uint8_t* data, size_t size,
                            int64_t offset);
    trellis_status (*truncate)(void* context, int64_t file, int64_t size);
    /* Returns when all that was written is durable: this is what "saved" stands on. */
    trellis_status (*sync)(void* context, int64_t file);
    /* Bytes, or -status. */
    int64_t (*size)(void* context, int64_t file);
    /* Also of a file that is open no more. TRELLIS_NOT_FOUND where there is none. */
    trellis_status (*remove)(void* context, const char* path);
    /* 1 where there is such a file, 0 where there is none, or -status. */
    int64_t (*exists)(void* context, const char* path);
} trellis_storage;

enum { TRELLIS_CREATE = 1 }; /* flags of trellis_storage.open */

typedef struct trellis_options {
    size_t struct_size;
    /* The database. Null, or empty: in memory, gone with the handle. */
    const char* path;
    /* 32 bytes that encrypt the file; yours to keep (a keychain). May be empty in memory only. */
    trellis_bytes key;
    /* The district's own schema as JSON; empty: the family schema that comes with the library. */
    trellis_bytes schema_json;
    /* A text that differs once the file has been copied or set back: the device's identifier, the
     * number of its file, and a random token that lies elsewhere and is renewed at every opening
     * (trellis_keep_custody). A copy then writes under a name of its own. Null: not known. */
    const char* custody;
    const trellis_host* host;       /* null: the system's. Copied. */
    const trellis_storage* storage; /* null: the system's files. Copied. */
    /* Of SQLite's page cache, at most; 0: 16 MiB. */
    uint32_t cache_kib;
} trellis_options;

/* Called with the context given to trellis_on_wake(). */
typedef void (*trellis_wake_fn)(void* context);

/* The library ------------------------------------------------------------------------------ */

/* TRELLIS_ABI of the library that is loaded. Compare it with the header's. */
TRELLIS_API uint32_t trellis_abi(void);
/* Such as "0.1.0"; never freed. */
TRELLIS_API const char* trellis_version(void);
/* The name of a status, such as "not_found"; "unknown" for any other number. Never freed. */
TRELLIS_API const char* trellis_status_name(trellis_status status);
/* Frees what is inside and empties it. Null and empty are fine. */
TRELLIS_API void trellis_buffer_free(trellis_buffer* buffer);

/* A replica -------------------------------------------------------------------------------- */

/* Opens the database, or makes it. On failure *replica is null. */
TRELLIS_API trellis_status trellis_open(const trellis_options* options, trellis_replica** replica,
                                        trellis_error* error);
/* Ends its session, seals what is not sealed, and closes all files. Whatever it answers, but for
 * TRELLIS_WRONG_THREAD and TRELLIS_REENTERED, the handle has ended. Null is fine. */
TRELLIS_API trellis_status trellis_close(trellis_replica* replica);

/* The calling thread owns the replica and its sessions from now on. For platforms that promise one
 * call at a time, but not always on the same thread: an actor, a lock. No call may be under way. */
TRELLIS_API trellis_status trellis_move_here(trellis_replica* replica, trellis_error* error);

/* What `custody` will be at the next opening: renew your token, then say so. */
TRELLIS_API trellis_status trellis_keep_custody(trellis_replica* replica, const char* custody,
                                                trellis_error* error);

/* Before the system may freeze or kill the program: ends the session, seals what is not sealed,
 * moves the write-ahead log into the file and closes every file. Until trellis_resume() all other
 * calls but trellis_close() are answered TRELLIS_SUSPENDED. The files are closed even where the
 * status is a failure; nothing that was saved is lost. Again is fine. */
TRELLIS_API trellis_status trellis_suspend(trellis_replica* replica, trellis_error* error);
/* Opens the files again. Watches go on, and tell what has changed meanwhile. On failure it stays
 * suspended, and may be tried again. */
TRELLIS_API trellis_status trellis_resume(trellis_replica* replica, trellis_error* error);

/* One request of docs/scripting.md, one reply: {"ok":true,...} and TRELLIS_OK, or
 * {"ok":false,"code":...,"message":...} and the status of that code. A write is durable when this
 * returns. *reply is filled in either case, and empty where the call itself was a mistake (64 and
 * above, a null, no UTF-8, too large). `join`, `recover`, `sync` and `sync_start` talk with the
 * relay, and are answered TRELLIS_UNSUPPORTED here: start a session with the same request. */
TRELLIS_API trellis_status trellis_call(trellis_replica* replica, trellis_bytes request_json,
                                        trellis_buffer* reply_json, trellis_error* error);

/* Watches a list or a query: {"type":...} or {"sql":...}, as for the verbs `list` and `query`. */
TRELLIS_API trellis_status trellis_watch(trellis_replica* replica, trellis_bytes query_json,
                                         uint64_t* watch, trellis_error* error);
/* Its rows as of now: a JSON array in the order of the query. Later events start from these. */
TRELLIS_API trellis_status trellis_rows(trellis_replica* replica, uint64_t watch,
                                        trellis_buffer* rows_json, trellis_error* error);
TRELLIS_API trellis_status trellis_unwatch(trellis_replica* replica, uint64_t watch,
                                           trellis_error* error);
/* The oldest event not taken yet, or an empty buffer:
 * {"event":"rows","watch":n,"added":[...],"changed":[...],"removed":[...]} or
 * {"event":"sync","connected":...,...}, the latter from a session that stays. */
TRELLIS_API trellis_status trellis_next_event(trellis_replica* replica, trellis_buffer* event_json,
                                              trellis_error* error);
/* Who is to be woken; null: nobody. `context` must live as long. */
TRELLIS_API trellis_status trellis_on_wake(trellis_replica* replica, trellis_wake_fn wake,
                                           void* context, trellis_error* error);

/* A session ---------------------------------------------------------------------------------
 *
 * A conversation with the relay over one connection, for one request:
 *   {"op":"sync"}        one pass, until nothing is left to send or receive
 *   {"op":"sync_start"}  stays, and hears what comes later
 *   {"op":"join","invite":...,"name":...}   {"op":"recover","sheets":[...],"name":...,"url":...}
 *
 *   1. trellis_session_url(): connect a WebSocket there, with TLS for wss://.
 *   2. trellis_session_start() when it is open.
 *   3. Send every trellis_session_next_frame() as one binary message, after every call and after
 *      every wake. Give every message that comes to trellis_session_receive(). Call
 *      trellis_session_tick() after trellis_session_wait_ms() at the latest.
 *   4. Once trellis_session_is_open() is false: send the frames that are left, close the
 *      connection. Where the connection is lost first: trellis_session_hang_up().
 *   5. trellis_session_result(), trellis_session_redial_ms(), trellis_session_end().
 *
 * A replica has one session at a time. It is over when trellis_suspend(), trellis_close() or a verb
 * that replaces the database (`restore`, `sync_stop`) says so, too.
 */

/* Where a session for this request wants to be connected: a ws:// or wss:// URL. */
TRELLIS_API trellis_status trellis_session_url(trellis_replica* replica, trellis_bytes request_json,
                                               trellis_buffer* url, trellis_error* error);
/* The connection is up. On failure *session is null. */
TRELLIS_API trellis_status trellis_session_start(trellis_replica* replica,
                                                 trellis_bytes request_json,
                                                 trellis_session** session, trellis_error* error);
/* One binary message, as it came. A relay that breaks the protocol ends the session; that is no
 * failure of this call. Messages after the end are ignored. */
TRELLIS_API trellis_status trellis_session_receive(trellis_session* session, trellis_bytes frame,
                                                   trellis_error* error);
/* Some bytes of a message have come in: a slow line is not a dead one. Optional. */
TRELLIS_API trellis_status trellis_session_heard(trellis_session* session, trellis_error* error);
/* The next message to send, or an empty buffer. */
TRELLIS_API trellis_status trellis_session_next_frame(trellis_session* session,
                                                      trellis_buffer* frame, trellis_error* error);
/* Time has passed. */
TRELLIS_API trellis_status trellis_session_tick(trellis_session* session, trellis_error* error);
/* In how many milliseconds tick wants to be called at the latest, from 0; -1: never again. */
TRELLIS_API trellis_status trellis_session_wait_ms(const trellis_session* session,
                                                   int64_t* wait_ms, trellis_error* error);
/* Whether it still needs its connection. False for null, an ended handle and the wrong thread. */
TRELLIS_API bool trellis_session_is_open(const trellis_session* session);
/* The connection is gone, or you want no more of it. */
TRELLIS_API trellis_status trellis_session_hang_up(trellis_session* session, trellis_error* error);
/* What the verb answers, as JSON, with TRELLIS_OK or the status of its code like trellis_call().
 * "done" in it says whether all was said. For sync and sync_start also good in between:
 * {"ok":true,"done":false,"complete":...,"sent":...,"received":...,...}. */
TRELLIS_API trellis_status trellis_session_result(trellis_session* session,
                                                  trellis_buffer* reply_json,
                                                  trellis_error* error);
/* When to dial again with the same request: 0 at once (what was learnt needs another session), or
 * after a random pause that grows with every failure; -1: not at all, or still open. */
TRELLIS_API trellis_status trellis_session_redial_ms(const trellis_session* session,
                                                     int64_t* redial_ms, trellis_error* error);
/* Ends the handle; hangs up where that was not done. Null is fine. */
TRELLIS_API trellis_status trellis_session_end(trellis_session* session);

#ifdef __cplusplus
}
#endif

#endif
