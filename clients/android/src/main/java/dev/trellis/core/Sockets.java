// SPDX-License-Identifier: Apache-2.0
package dev.trellis.core;

/** The platform's WebSockets: JdkSockets on a desktop, OkHttpSockets on Android. */
public interface Sockets {
    /**
     * Begins to connect, and returns. What becomes of it is told to {@code events}, from any
     * thread, but one after another.
     */
    Socket connect(String url, Events events);

    /** One connection. Called by one thread at a time; never waits for the network. */
    interface Socket {
        /** One binary message, after those before it. A failure is told as {@code lost}. */
        void send(byte[] frame);

        /** After what was sent; no more events then need come. Again is fine. */
        void close();
    }

    /** What a connection tells. After {@code lost}, nothing more. */
    interface Events {
        void opened();

        /** One whole binary message. */
        void received(byte[] frame);

        /** Some bytes of one. Optional. */
        void heard();

        void lost(String why);
    }

    /** The largest message a relay sends is well under this: drop the connection at more. */
    int MESSAGE_MAX = 1024 * 1024;
}
