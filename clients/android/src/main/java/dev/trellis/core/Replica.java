// SPDX-License-Identifier: Apache-2.0
package dev.trellis.core;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A device's own copy of its organisation's records. Works offline; a write is durable when its
 * call returns. It belongs to the thread that opened it, until another says {@link #moveHere}; a
 * call from any other, or after {@link #close}, is a {@link TrellisException}.
 */
public final class Replica implements AutoCloseable {
    /** How to open a replica. Everything may be left out: then it is in memory. */
    public static final class Options {
        private Path path;
        private byte[] key;
        private byte[] schema;
        private Custody custody;
        private Host host;
        private int cacheKib;

        /** The database, and the 32 bytes that encrypt it ({@link DatabaseKey}); copied. */
        public Options file(Path path, byte[] key) {
            this.path = path;
            this.key = key == null ? null : key.clone();
            return this;
        }

        /** The district's own schema as JSON, in place of the family schema. */
        public Options schema(String json) {
            schema = Text.encode(json);
            return this;
        }

        /** Tells a copy or a restored backup from the original. */
        public Options custody(Custody custody) {
            this.custody = custody;
            return this;
        }

        /** Clocks, randomness and a log in place of the system's. */
        public Options host(Host host) {
            this.host = host;
            return this;
        }

        /** Of SQLite's page cache, at most; 0: 16 MiB. */
        public Options cacheKib(int cacheKib) {
            this.cacheKib = cacheKib;
            return this;
        }
    }

    private final Bridge bridge;
    private final long handle;
    private volatile long bridgeHandle;

    private Replica(Bridge bridge, long handle, long bridgeHandle) {
        this.bridge = bridge;
        this.handle = handle;
        this.bridgeHandle = bridgeHandle;
    }

    /** Opens the database, or makes it. */
    public static Replica open(Options options) {
        if (options == null) {
            throw TrellisException.invalid("the options are null");
        }
        String path = options.path == null ? null : options.path.toAbsolutePath().toString();
        String custody = options.custody == null ? null : options.custody.of(options.path);
        Bridge bridge = new Bridge(options.host);
        long[] handles = Native.open(Text.terminated(path), options.key, options.schema,
                Text.terminated(custody), options.cacheKib, bridge, options.host != null);
        Replica replica = new Replica(bridge, handles[0], handles[1]);
        try {
            if (options.custody != null) {
                replica.keepCustody(options.custody.renew(options.path));
            }
            return replica;
        } catch (RuntimeException why) {
            replica.close();
            throw why;
        }
    }

    /** The version of the library, such as "0.1.0". */
    public static String version() {
        return Text.decode(Native.version());
    }

    /** Seals what is not sealed and closes all files. Again is fine. */
    @Override
    public void close() {
        if (Native.close(handle, bridgeHandle)) {
            bridgeHandle = 0;
        }
    }

    /** This thread owns it from now on. No call may be under way. */
    public void moveHere() {
        Native.moveHere(handle);
    }

    /**
     * Before the system may freeze or kill the program: ends the session, seals what is not sealed
     * and closes every file. Watches stay. Again is fine.
     */
    public void suspend() {
        Native.suspend(handle);
    }

    /** Opens the files again; watches tell what has changed meanwhile. */
    public void resume() {
        Native.resume(handle);
    }

    /** What the custody text will be at the next opening. */
    public void keepCustody(String custody) {
        if (custody == null) {
            throw TrellisException.invalid("the custody is null");
        }
        Native.keepCustody(handle, Text.terminated(custody));
    }

    /**
     * One request of docs/scripting.md in UTF-8 JSON, and its reply. A refusal is thrown. Those
     * that talk with the server (join, recover, sync, sync_start) are for {@link Pump}.
     */
    public byte[] call(byte[] request) {
        return Native.call(handle, present(request));
    }

    /** The same, with values of Java's own ({@link Json}). */
    public Map<String, Object> call(String op, Map<String, ?> arguments) {
        return object(call(request(op, arguments)));
    }

    public Map<String, Object> call(String op) {
        return call(op, Map.of());
    }

    /** Rows of read-only SQL, one view a record type; {@code ?} stand for the parameters. */
    @SuppressWarnings("unchecked")
    public List<Map<String, Object>> query(String sql, Object... parameters) {
        Object rows = call("query", Map.of("sql", sql, "params", Arrays.asList(parameters)))
                .get("rows");
        return (List<Map<String, Object>>) rows;
    }

    /** Creates a record and gives its identifier. */
    public String put(String space, String type, Map<String, ?> fields) {
        return (String) call("put", Map.of("space", space, "type", type, "fields", fields))
                .get("rec");
    }

    /** Watches a list ({@code type}, …) or a query ({@code sql}, {@code params}); its number. */
    public long watch(Map<String, ?> query) {
        return Native.watch(handle, Text.encode(Json.print(query)));
    }

    /** The rows of a watch as of now, in the order of its query. Later events start from these. */
    @SuppressWarnings("unchecked")
    public List<Map<String, Object>> rows(long watch) {
        return (List<Map<String, Object>>) Json.parse(Text.decode(Native.rows(handle, watch)));
    }

    public void unwatch(long watch) {
        Native.unwatch(handle, watch);
    }

    /** The oldest event not taken yet, or null: {"event":"rows","watch":n,…} or "sync". */
    public Map<String, Object> nextEvent() {
        byte[] event = Native.nextEvent(handle);
        return event.length == 0 ? null : object(event);
    }

    /**
     * Run at the end of a call after which there is something to pull: events, frames, the end of a
     * session. It must not call this replica; post to the owner's queue instead. Null: nobody.
     */
    public void onWake(Runnable woken) {
        bridge.onWake = woken;
    }

    long handle() {
        return handle;
    }

    static byte[] present(byte[] bytes) {
        if (bytes == null) {
            throw TrellisException.invalid("the bytes are null");
        }
        return bytes;
    }

    static byte[] request(String op, Map<String, ?> arguments) {
        Map<String, Object> request = new LinkedHashMap<>(arguments);
        request.put("op", op);
        return Text.encode(Json.print(request));
    }

    @SuppressWarnings("unchecked")
    static Map<String, Object> object(byte[] json) {
        return (Map<String, Object>) Json.parse(Text.decode(json));
    }
}
