// SPDX-License-Identifier: Apache-2.0
package dev.trellis.core;

import java.util.Objects;

/** What the tests need of a test library. */
final class Check {
    interface Body {
        void run() throws Exception;
    }

    private Check() {}

    static void isTrue(boolean condition, String what) {
        if (!condition) {
            throw new AssertionError(what);
        }
    }

    static void isEqual(Object wanted, Object got, String what) {
        isTrue(Objects.equals(wanted, got), what + ": wanted " + wanted + ", got " + got);
    }

    /** The body is refused with this code and a sentence. */
    static TrellisException refused(String code, Body body) throws Exception {
        try {
            body.run();
        } catch (TrellisException why) {
            isEqual(code, why.code(), "the code of \"" + why.getMessage() + "\"");
            isTrue(why.status() > 0, "a refusal has a status");
            isTrue(why.getMessage().length() > 10, "a refusal is a sentence: " + why.getMessage());
            return why;
        }
        throw new AssertionError("not refused: wanted " + code);
    }

    /** On a thread of its own; what it throws is thrown here. */
    static void elsewhere(Body body) throws Exception {
        Throwable[] thrown = new Throwable[1];
        Thread thread = new Thread(() -> {
            try {
                body.run();
            } catch (Throwable why) {
                thrown[0] = why;
            }
        });
        thread.start();
        thread.join();
        if (thrown[0] != null) {
            throw new AssertionError("on another thread: " + thrown[0], thrown[0]);
        }
    }
}
