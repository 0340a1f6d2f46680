// SPDX-License-Identifier: Apache-2.0
package dev.trellis.core;

/**
 * The functions of trellis.h, as they are. Texts are UTF-8; those of {@code open} and
 * {@code keepCustody} end with a zero. Every failure is a {@link TrellisException}.
 */
final class Native {
    static {
        System.loadLibrary("trellis_jni");
    }

    private Native() {}

    static native byte[] version();

    /** The replica's handle and the bridge's. */
    static native long[] open(byte[] path, byte[] key, byte[] schema, byte[] custody, int cacheKib,
            Bridge bridge, boolean hasHost);

    static native boolean close(long replica, long bridge);

    static native void moveHere(long replica);

    static native void suspend(long replica);

    static native void resume(long replica);

    static native void keepCustody(long replica, byte[] custody);

    static native byte[] call(long replica, byte[] request);

    static native long watch(long replica, byte[] query);

    static native byte[] rows(long replica, long watch);

    static native void unwatch(long replica, long watch);

    static native byte[] nextEvent(long replica);

    static native byte[] sessionUrl(long replica, byte[] request);

    static native long sessionStart(long replica, byte[] request);

    static native void sessionReceive(long session, byte[] frame);

    static native void sessionHeard(long session);

    static native void sessionTick(long session);

    static native void sessionHangUp(long session);

    static native byte[] sessionNextFrame(long session);

    static native byte[] sessionResult(long session);

    static native long sessionWaitMs(long session);

    static native long sessionRedialMs(long session);

    static native boolean sessionIsOpen(long session);

    static native void sessionEnd(long session);
}
