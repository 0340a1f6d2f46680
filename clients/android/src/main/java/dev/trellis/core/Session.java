// SPDX-License-Identifier: Apache-2.0
package dev.trellis.core;

import java.util.Map;

/**
 * A conversation with the relay over one connection, for one request: trellis_session of trellis.h,
 * where the five steps are. {@link Pump} takes them; this is for whoever wants a pump of their own.
 * On the replica's thread only.
 */
public final class Session implements AutoCloseable {
    // The library may use the handle of an ended session again: this object must not.
    private volatile long handle;

    private Session(long handle) {
        this.handle = handle;
    }

    /** Where a session for this request wants to be connected: ws:// or wss://. */
    public static String url(Replica replica, byte[] request) {
        return Text.decode(Native.sessionUrl(replica.handle(), Replica.present(request)));
    }

    /** The connection is up. */
    public static Session start(Replica replica, byte[] request) {
        return new Session(Native.sessionStart(replica.handle(), Replica.present(request)));
    }

    /** One binary message, as it came. */
    public void receive(byte[] frame) {
        Native.sessionReceive(open(), Replica.present(frame));
    }

    /** Some bytes of a message have come. */
    public void heard() {
        Native.sessionHeard(open());
    }

    /** The next message to send, or an empty array. */
    public byte[] nextFrame() {
        return Native.sessionNextFrame(open());
    }

    /** Time has passed. */
    public void tick() {
        Native.sessionTick(open());
    }

    /** In how many milliseconds {@link #tick} wants to be called at the latest; -1: never. */
    public long waitMillis() {
        return Native.sessionWaitMs(open());
    }

    /** Whether it still needs its connection. */
    public boolean isOpen() {
        return Native.sessionIsOpen(handle);
    }

    /** The connection is gone, or you want no more of it. */
    public void hangUp() {
        Native.sessionHangUp(open());
    }

    /** What the verb answers; a refusal is thrown. */
    public Map<String, Object> result() {
        return Replica.object(Native.sessionResult(open()));
    }

    /** When to dial again with the same request; -1: not. */
    public long redialMillis() {
        return Native.sessionRedialMs(open());
    }

    /** Ends it; hangs up where that was not done. Again is fine. */
    @Override
    public void close() {
        if (handle != 0) {
            Native.sessionEnd(handle);
            handle = 0;
        }
    }

    private long open() {
        if (handle == 0) {
            throw new TrellisException(TrellisException.CLOSED, "closed", "this session has ended");
        }
        return handle;
    }
}
