// SPDX-License-Identifier: Apache-2.0
package dev.trellis.core;

import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** {@code <fixture> <folder>}: the replay of fixtures/interchange/README.md, in that folder. */
final class InterchangeTest {
    private InterchangeTest() {}

    /** The told clock and the random stream. */
    private static final class World implements Host {
        private long passed;
        private long state = 1;

        @Override
        public long wallMillis() {
            return 1_780_000_000_000L + passed;
        }

        @Override
        public long monotonicMillis() {
            return 1000 + passed;
        }

        @Override
        public long bootId() {
            return 1;
        }

        @Override
        public void random(byte[] data) {
            for (int at = 0; at < data.length; at += 8) {
                state += 0x9E3779B97F4A7C15L;
                long word = (state ^ (state >>> 30)) * 0xBF58476D1CE4E5B9L;
                word = (word ^ (word >>> 27)) * 0x94D049BB133111EBL;
                word ^= word >>> 31;
                for (int i = 0; i < Math.min(8, data.length - at); ++i) {
                    data[at + i] = (byte) (word >>> (8 * i));
                }
            }
        }
    }

    public static void main(String[] arguments) throws Exception {
        Path fixture = Path.of(arguments[0]);
        Path folder = Path.of("").toAbsolutePath();
        replay(fixture, folder);
        String digest = last(Files.readAllLines(fixture.resolve("replies.jsonl")));
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, "*.db")) {
            for (Path file : files) {
                try (Replica replica = Replica.open(options(file))) {
                    Map<String, Object> got = replica.call("digest");
                    Check.isEqual(Json.parse(digest), got, file + " says");
                    System.out.println("opened " + file.getFileName());
                }
            }
        }
    }

    private static void replay(Path fixture, Path folder) throws Exception {
        for (String left : List.of("jvm.db", "jvm.db-wal", "jvm.db-shm", "out.bundle")) {
            Files.deleteIfExists(folder.resolve(left));
        }
        List<String> requests = Files.readAllLines(fixture.resolve("requests.jsonl"));
        List<String> replies = Files.readAllLines(fixture.resolve("replies.jsonl"));
        Check.isEqual(requests.size(), replies.size(), "a reply for each request");
        World world = new World();
        try (Replica replica = Replica.open(options(folder.resolve("jvm.db")).host(world))) {
            for (int i = 0; i < requests.size(); ++i) {
                world.passed += 1000;
                byte[] request = requests.get(i).getBytes(StandardCharsets.UTF_8);
                String got = new String(replica.call(request), StandardCharsets.UTF_8);
                Check.isEqual(replies.get(i), got, requests.get(i));
            }
        }
        byte[] wanted = Hex.bytes(Files.readString(fixture.resolve("bundle.hex")));
        byte[] got = Files.readAllBytes(folder.resolve("out.bundle"));
        Check.isTrue(Arrays.equals(wanted, got), "the bundle has the recorded bytes");
    }

    private static Replica.Options options(Path file) {
        byte[] key = new byte[32];
        Arrays.fill(key, (byte) 5);
        return new Replica.Options().file(file, key);
    }

    private static String last(List<String> lines) {
        return lines.get(lines.size() - 1);
    }
}
