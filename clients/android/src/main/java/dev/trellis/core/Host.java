// SPDX-License-Identifier: Apache-2.0
package dev.trellis.core;

/**
 * What the library needs of the platform, where the system's own will not do: trellis_host of
 * trellis.h. Called on the thread of your own call; must not call back. Where a function throws,
 * the system's answer is taken instead.
 */
public interface Host {
    /** Milliseconds since 1970 UTC, right or wrong. */
    long wallMillis();

    /** Milliseconds that only grow within one boot, also while the device sleeps. */
    long monotonicMillis();

    /** Another number means that {@link #monotonicMillis} began anew. */
    long bootId();

    /** Fills the array with bytes fit for keys. */
    void random(byte[] bytes);

    /** A word, and identifiers or codes; never a name, a value or a key. */
    default void log(String event, String detail) {}
}
