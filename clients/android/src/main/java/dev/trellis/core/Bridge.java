// SPDX-License-Identifier: Apache-2.0
package dev.trellis.core;

import java.nio.charset.StandardCharsets;

/** What the wrapper calls: a replica's host, and whoever is to be woken. */
final class Bridge {
    private final Host host;
    volatile Runnable onWake;

    Bridge(Host host) {
        this.host = host;
    }

    long wallMillis() {
        return host.wallMillis();
    }

    long monotonicMillis() {
        return host.monotonicMillis();
    }

    long bootId() {
        return host.bootId();
    }

    void random(byte[] bytes) {
        host.random(bytes);
    }

    void log(byte[] event, byte[] detail) {
        host.log(new String(event, StandardCharsets.UTF_8),
                new String(detail, StandardCharsets.UTF_8));
    }

    void wake() {
        Runnable woken = onWake;
        if (woken != null) {
            woken.run();
        }
    }
}
