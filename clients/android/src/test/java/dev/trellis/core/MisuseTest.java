// SPDX-License-Identifier: Apache-2.0
package dev.trellis.core;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Every mistake is a sentence, and the process goes on. */
final class MisuseTest {
    private static final byte[] HELLO = "{\"op\":\"hello\"}".getBytes(StandardCharsets.UTF_8);
    /** json_bytes_max of core/base/limits.hpp. */
    private static final int JSON_BYTES_MAX = 8 * 1024 * 1024;

    private MisuseTest() {}

    public static void main(String[] arguments) throws Exception {
        try (Replica replica = Replica.open(new Replica.Options())) {
            badInputIsRefused(replica);
            sizesAtTheLimit(replica);
            anotherThreadIsRefused(replica);
            callingBackIsRefused(replica);
            noiseIsRefused(replica);
            replica.call(HELLO); // still well
        }
        theClosedStayClosed();
        badOptionsAreRefused();
        aHostThatThrowsIsNoCrash();
        System.out.println("all is well");
    }

    private static void badInputIsRefused(Replica replica) throws Exception {
        Check.refused("invalid", () -> replica.call((byte[]) null));
        Check.refused("invalid", () -> replica.call(new byte[0]));
        Check.refused("invalid", () -> replica.call(new byte[] {'{', (byte) 0xff, '}'}));
        // A zero and a face as JNI's own strings would write them.
        Check.refused("invalid", () -> replica.call(new byte[] {'"', (byte) 0xc0, (byte) 0x80, '"'}));
        Check.refused("invalid", () -> replica.call(
                new byte[] {'"', (byte) 0xed, (byte) 0xa0, (byte) 0xbd, '"'}));
        Check.refused("invalid", () -> replica.call("{\"op\":".getBytes(StandardCharsets.UTF_8)));
        Check.refused("invalid", () -> replica.call("no such verb"));
        Check.refused("invalid", () -> replica.call("put", Map.of("space", "half \ud83d")));
        Check.refused("invalid", () -> replica.call("put", Map.of("fields", new Object())));
        Check.refused("invalid", () -> replica.call("put", Map.of("fields", Double.NaN)));
        Check.refused("invalid", () -> replica.watch(Map.of("type", 7)));
        Check.refused("not_found", () -> replica.rows(4711));
        Check.refused("not_found", () -> replica.rows(-1));
        Check.refused("not_found", () -> replica.unwatch(4711));
        Check.refused("invalid", () -> Session.start(replica, null));
        Check.refused("invalid", () -> Session.url(replica, HELLO));
        Check.refused("invalid", () -> replica.keepCustody(null));
        Check.refused("invalid", () -> replica.keepCustody("a\0b"));
        Object deep = 1;
        for (int i = 0; i < 100_000; ++i) {
            deep = List.of(deep);
        }
        Object nested = deep;
        Check.refused("invalid", () -> replica.call("put", Map.of("fields", nested)));
        Check.refused("invalid", () -> Json.parse("[".repeat(1_000_000)));
    }

    private static void sizesAtTheLimit(Replica replica) throws Exception {
        byte[] text = new byte[JSON_BYTES_MAX + 1];
        java.util.Arrays.fill(text, (byte) ' ');
        System.arraycopy(HELLO, 0, text, 0, HELLO.length);
        replica.call(java.util.Arrays.copyOf(text, JSON_BYTES_MAX));
        Check.refused("too_large", () -> replica.call(text));
        Check.refused("too_large", () -> replica.call(new byte[200_000_000]));
    }

    private static void anotherThreadIsRefused(Replica replica) throws Exception {
        Check.elsewhere(() -> {
            Check.refused("wrong_thread", () -> replica.call(HELLO));
            Check.refused("wrong_thread", () -> replica.watch(Map.of("type", "check_in")));
            Check.refused("wrong_thread", replica::nextEvent);
            Check.refused("wrong_thread", replica::suspend);
            Check.refused("wrong_thread", replica::close);
            replica.moveHere();
            replica.call(HELLO);
        });
        Check.refused("wrong_thread", () -> replica.call(HELLO));
        replica.moveHere();
        replica.call(HELLO);
    }

    private static void callingBackIsRefused(Replica replica) throws Exception {
        String space = Local.found(replica);
        Check.refused("unsupported", () -> replica.call("sync"));
        long list = replica.watch(Map.of("type", "check_in"));
        replica.rows(list);
        List<String> codes = new ArrayList<>();
        replica.onWake(() -> {
            for (Check.Body body : List.<Check.Body>of(() -> replica.call(HELLO), replica::close)) {
                try {
                    body.run();
                } catch (TrellisException why) {
                    codes.add(why.code());
                } catch (Exception why) {
                    codes.add("thrown");
                }
            }
        });
        replica.put(space, "check_in", Map.of("method", "phone"));
        Check.isEqual(List.of("reentered", "reentered"), codes, "calls from inside a wake");
        while (replica.nextEvent() != null) {
            continue;
        }
        replica.onWake(() -> {
            throw new IllegalStateException("what a wake throws ends there (this is a test)");
        });
        replica.put(space, "check_in", Map.of("method", "phone"));
        replica.onWake(null);
        Check.isEqual(2, replica.rows(list).size(), "both were written");
    }

    private static void noiseIsRefused(Replica replica) throws Exception {
        Random random = new Random(1);
        for (int i = 0; i < 2_000; ++i) {
            byte[] noise = new byte[random.nextInt(200)];
            random.nextBytes(noise);
            Check.refused("invalid", () -> replica.call(noise));
        }
    }

    private static void theClosedStayClosed() throws Exception {
        Replica replica = Replica.open(new Replica.Options());
        Local.found(replica);
        Session session = Session.start(replica, Replica.request("sync", Map.of()));
        Check.refused("busy", () -> Session.start(replica, Replica.request("sync", Map.of())));
        Check.refused("invalid", () -> session.receive(null));
        Check.elsewhere(() -> {
            Check.refused("wrong_thread", session::tick);
            Check.refused("wrong_thread", session::close);
            Check.isTrue(!session.isOpen(), "not for this thread");
        });
        session.receive(new byte[4_000_000]); // a relay that breaks the protocol ends the session
        Check.isTrue(!session.isOpen(), "it is over");
        session.receive(new byte[1]);
        session.close();
        session.close();
        Check.refused("closed", session::nextFrame);
        Check.refused("closed", session::result);
        for (int i = 0; i < 200; ++i) { // handles serve again; objects do not
            Session.start(replica, Replica.request("sync", Map.of())).close();
        }
        Session live = Session.start(replica, Replica.request("sync", Map.of()));
        Check.refused("closed", session::tick);
        replica.close();
        replica.close();
        Check.refused("closed", live::tick);
        live.close();
        Check.refused("closed", () -> replica.call(HELLO));
        Check.refused("closed", replica::resume);
        Check.refused("closed", replica::moveHere);
        Check.elsewhere(replica::toString);
    }

    private static void badOptionsAreRefused() throws Exception {
        Path file = Files.createTempDirectory("trellis").resolve("family.db");
        byte[] key = new byte[32];
        Check.refused("invalid", () -> Replica.open(null));
        Check.refused("invalid", () -> open(file, null));
        Check.refused("invalid", () -> open(file, new byte[31]));
        Check.refused("invalid", () -> Replica.open(new Replica.Options().schema("{")));
        Check.refused("invalid", () -> new Replica.Options().schema(null));
        Check.refused("too_large", () -> Replica.open(new Replica.Options().cacheKib(-1)));
        Check.refused("invalid", () -> Replica.open(
                new Replica.Options().custody(new Custody(file))));
        open(file, key).close();
        byte[] other = key.clone();
        other[31] = 1;
        Check.refused("wrong_key", () -> open(file, other));
        try (Replica one = open(file, key)) {
            Check.refused("busy", () -> open(file, key));
            one.call(HELLO);
        }
    }

    private static Replica open(Path file, byte[] key) {
        return Replica.open(new Replica.Options().file(file, key));
    }

    private static void aHostThatThrowsIsNoCrash() throws Exception {
        Host thrower = new Host() {
            @Override
            public long wallMillis() {
                throw new IllegalStateException("no clock (this is a test)");
            }

            @Override
            public long monotonicMillis() {
                throw new IllegalStateException("no clock (this is a test)");
            }

            @Override
            public long bootId() {
                return 1;
            }

            @Override
            public void random(byte[] bytes) {
                throw new IllegalStateException("no randomness (this is a test)");
            }
        };
        Map<String, String> spaces = new HashMap<>();
        for (int i = 0; i < 2; ++i) {
            try (Replica replica = Replica.open(new Replica.Options().host(thrower))) {
                spaces.put(Local.found(replica), "");
            }
        }
        Check.isEqual(2, spaces.size(), "the system's randomness stands in: no two names are equal");
    }
}
