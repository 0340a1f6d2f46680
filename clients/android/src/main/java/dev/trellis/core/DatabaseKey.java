// SPDX-License-Identifier: Apache-2.0
package dev.trellis.core;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.SecureRandom;
import java.util.Arrays;

/** The 32 bytes that encrypt a database, wrapped, in a file beside it. */
public final class DatabaseKey {
    private static final int SIZE = 32;

    private DatabaseKey() {}

    /**
     * The key of the database: unwrapped from {@code <database>.wrapped}, or made and kept there
     * where neither file exists. Overwrite the array when the replica is open.
     */
    public static byte[] of(Path database, KeyWrap wrap) {
        Path file = beside(database, ".wrapped");
        try {
            if (Files.exists(file)) {
                return unwrapped(Files.readAllBytes(file), file, wrap);
            }
            if (Files.exists(database)) {
                throw wrong(database + " is there, and its key is not: it cannot be opened", null);
            }
            byte[] key = new byte[SIZE];
            new SecureRandom().nextBytes(key);
            byte[] wrapped = wrap.wrap(key.clone());
            // A key that does not come back would be found out only after a day's work.
            if (!Arrays.equals(key, wrap.unwrap(wrapped.clone()))) {
                throw wrong("the key that wraps does not give back what it wrapped", null);
            }
            replace(file, wrapped);
            return key;
        } catch (TrellisException why) {
            throw why;
        } catch (Exception why) {
            throw wrong("the key of " + database + " cannot be kept: " + why, why);
        }
    }

    private static byte[] unwrapped(byte[] wrapped, Path file, KeyWrap wrap) {
        byte[] key;
        try {
            key = wrap.unwrap(wrapped);
        } catch (Exception why) {
            throw wrong(file + " cannot be unwrapped: " + why, why);
        }
        if (key == null || key.length != SIZE) {
            throw wrong(file + " holds no key of 32 bytes", null);
        }
        return key;
    }

    /** Whole and durable, or as before. */
    static void replace(Path file, byte[] content) throws IOException {
        Path fresh = beside(file, ".tmp");
        try (FileChannel out = FileChannel.open(fresh, StandardOpenOption.CREATE,
                StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE)) {
            for (ByteBuffer bytes = ByteBuffer.wrap(content); bytes.hasRemaining();) {
                out.write(bytes);
            }
            out.force(true);
        }
        Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
        try (FileChannel folder = FileChannel.open(file.toAbsolutePath().getParent())) {
            folder.force(true);
        }
    }

    static Path beside(Path file, String suffix) {
        return file.resolveSibling(file.getFileName() + suffix);
    }

    private static TrellisException wrong(String what, Throwable cause) {
        TrellisException why = new TrellisException(TrellisException.WRONG_KEY, "wrong_key", what);
        why.initCause(cause);
        return why;
    }
}
