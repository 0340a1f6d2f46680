// SPDX-License-Identifier: Apache-2.0
package dev.trellis.core;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import javax.crypto.Cipher;
import javax.crypto.KeyGenerator;
import javax.crypto.SecretKey;
import javax.crypto.spec.GCMParameterSpec;

/** What works without a network. */
final class LocalTest {
    private LocalTest() {}

    public static void main(String[] arguments) throws Exception {
        theWrapperGivesTheKeyBack();
        whatIsWrittenIsThereAfterARestart();
        everyScriptComesBack();
        aCopyGoesOnUnderAnotherName();
        liveQueriesOutliveASuspension();
        jsonIsReadAsEverywhere();
        System.out.println("all is well");
    }

    private static Path folder() throws Exception {
        return Files.createTempDirectory("trellis");
    }

    /** As Android's Keystore does it, with a key that this test holds. */
    private static KeyWrap wrapWith(SecretKey secret) {
        return new KeyWrap() {
            @Override
            public byte[] wrap(byte[] key) throws GeneralSecurityException {
                Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
                cipher.init(Cipher.ENCRYPT_MODE, secret);
                byte[] nonce = cipher.getIV();
                byte[] sealed = cipher.doFinal(key);
                byte[] both = Arrays.copyOf(nonce, nonce.length + sealed.length);
                System.arraycopy(sealed, 0, both, nonce.length, sealed.length);
                return both;
            }

            @Override
            public byte[] unwrap(byte[] wrapped) throws GeneralSecurityException {
                Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
                cipher.init(Cipher.DECRYPT_MODE, secret, new GCMParameterSpec(128, wrapped, 0, 12));
                return cipher.doFinal(wrapped, 12, wrapped.length - 12);
            }
        };
    }

    private static SecretKey secret() throws GeneralSecurityException {
        return KeyGenerator.getInstance("AES").generateKey();
    }

    private static void theWrapperGivesTheKeyBack() throws Exception {
        Path file = folder().resolve("family.db");
        Path beside = file.resolveSibling("family.db.wrapped");
        KeyWrap wrap = wrapWith(secret());
        byte[] key = DatabaseKey.of(file, wrap);
        Check.isTrue(Arrays.equals(key, DatabaseKey.of(file, wrap)), "the same again");
        byte[] wrapped = Files.readAllBytes(beside);
        Check.isTrue(!new String(wrapped, StandardCharsets.ISO_8859_1).contains(
                new String(key, StandardCharsets.ISO_8859_1)), "it does not lie there openly");
        Replica.open(new Replica.Options().file(file, key)).close();

        KeyWrap other = wrapWith(secret());
        Check.refused("wrong_key", () -> DatabaseKey.of(file, other));
        byte[] torn = wrapped.clone();
        torn[torn.length - 1] ^= 1;
        Files.write(beside, torn);
        Check.refused("wrong_key", () -> DatabaseKey.of(file, wrap));
        Files.write(beside, new byte[3]);
        Check.refused("wrong_key", () -> DatabaseKey.of(file, wrap));
        // A key made anew would open nothing: the data must not be taken for lost or empty.
        Files.delete(beside);
        Check.refused("wrong_key", () -> DatabaseKey.of(file, wrap));
        Check.isTrue(!Files.exists(beside), "nothing was made");
        // A keystore that loses what it wraps is found out before anything is written.
        KeyWrap liar = new KeyWrap() {
            @Override
            public byte[] wrap(byte[] bytes) {
                return new byte[32];
            }

            @Override
            public byte[] unwrap(byte[] bytes) {
                return bytes;
            }
        };
        Path fresh = folder().resolve("fresh.db");
        Check.refused("wrong_key", () -> DatabaseKey.of(fresh, liar));
        Check.isTrue(!Files.exists(fresh.resolveSibling("fresh.db.wrapped")), "nothing is kept");
    }

    private static void whatIsWrittenIsThereAfterARestart() throws Exception {
        Replica.Options options = new Replica.Options()
                .file(folder().resolve("family.db"), new byte[32]);
        String record;
        try (Replica replica = Replica.open(options)) {
            String space = Local.found(replica);
            record = replica.put(space, "check_in", Map.of("method", "phone"));
        }
        try (Replica replica = Replica.open(options)) {
            Check.isEqual(List.of(Map.of("rec", record)),
                    replica.query("SELECT rec FROM check_in WHERE method = ?", "phone"), "the row");
        }
    }

    /** Four bytes a character, a zero, and what JNI's own strings would spoil. */
    private static void everyScriptComesBack() throws Exception {
        String name = "Nguy\u1ec5n \ud83d\udc69\u200d\ud83d\udc67 \u4e2d\u6587 \u0627\u0644 \"\\";
        Path file = folder().resolve("M\u00fcller \ud83d\udc67.db");
        try (Replica replica = Replica.open(new Replica.Options().file(file, new byte[32]))) {
            Local.found(replica);
            replica.call("space_create", Map.of("name", name));
            List<?> spaces = (List<?>) replica.call("spaces").get("spaces");
            Check.isTrue(spaces.stream().anyMatch(each -> name.equals(((Map<?, ?>) each).get("name"))),
                    "the name comes back: " + spaces);
            Check.isEqual(List.of(Map.of("t", name)), replica.query("SELECT ? AS t", name), "bound");
        }
        Check.isTrue(Files.exists(file), "the file has the name it was given");
    }

    private static void aCopyGoesOnUnderAnotherName() throws Exception {
        Path file = folder().resolve("family.db");
        Path copy = folder().resolve("family.db");
        Custody custody = new Custody(folder().resolve("token"));
        Replica.Options options = new Replica.Options().file(file, new byte[32]).custody(custody);
        String space;
        String before;
        try (Replica replica = Replica.open(options)) {
            space = Local.found(replica);
            before = actor(replica, space);
        }
        Files.copy(file, copy);
        try (Replica replica = Replica.open(options)) {
            Check.isEqual(before, actor(replica, space), "the original keeps its name");
        }
        try (Replica replica = Replica.open(options.file(copy, new byte[32]))) {
            Check.isTrue(!before.equals(actor(replica, space)), "the copy writes under its own");
        }
    }

    /** Who wrote the change just made. */
    private static String actor(Replica replica, String space) {
        Object dot = replica.call("put", Map.of("space", space, "type", "check_in", "fields",
                Map.of("method", "phone"))).get("dot");
        return dot.toString().split(":")[0];
    }

    private static void liveQueriesOutliveASuspension() throws Exception {
        Replica.Options options = new Replica.Options()
                .file(folder().resolve("family.db"), new byte[32]);
        try (Replica replica = Replica.open(options)) {
            String space = Local.found(replica);
            long list = replica.watch(Map.of("type", "check_in"));
            Check.isEqual(0, replica.rows(list).size(), "none");
            replica.suspend();
            replica.suspend();
            Check.refused("suspended", () -> replica.call("spaces"));
            Check.refused("suspended", () -> replica.rows(list));
            replica.resume();
            while (replica.nextEvent() != null) {
                continue;
            }
            int[] wakes = new int[1];
            replica.onWake(() -> ++wakes[0]);
            replica.put(space, "check_in", Map.of("method", "phone"));
            Check.isEqual(1, wakes[0], "woken once");
            Check.isEqual(list, replica.nextEvent().get("watch"), "told");
            replica.unwatch(list);
            Check.refused("not_found", () -> replica.rows(list));
        }
    }

    private static void jsonIsReadAsEverywhere() throws Exception {
        int seen = 0;
        for (String line : Files.readAllLines(Path.of("fixtures/json/suite.txt"))) {
            String name = line.substring(0, line.indexOf(' '));
            String hex = line.substring(line.indexOf(' ') + 1);
            boolean isRead = true;
            try {
                Json.parse(Text.decode(hex.equals("-") ? new byte[0] : Hex.bytes(hex)));
            } catch (TrellisException why) {
                isRead = false;
            }
            boolean isUnusual = name.contains("duplicated_key");
            if (!isUnusual && !name.startsWith("i_")) {
                Check.isEqual(name.startsWith("y_"), isRead, name);
            }
            ++seen;
        }
        Check.isTrue(seen > 300, "the whole suite");
        String all = "{\"a\":[1,-0.5,true,null,\"\\u0001\\\"\\\\\"],\"b\":{}}";
        Check.isEqual(all, Json.print(Json.parse(all)), "there and back");
    }
}
