// SPDX-License-Identifier: Apache-2.0
package dev.trellis.core;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.security.SecureRandom;

/**
 * Where a database lives, in words that differ once its file was copied or set back; the same words
 * as the command line's. A copy then writes under a name of its own, instead of saying two things
 * under one.
 */
public final class Custody {
    private final Path token;

    /** The token must not be in the backup of the database: on Android, in getNoBackupFilesDir(). */
    public Custody(Path token) {
        this.token = token;
    }

    /** Null where there is no such database yet. */
    String of(Path database) {
        if (database == null) {
            throw TrellisException.invalid("a replica in memory is in nobody's custody");
        }
        if (!Files.exists(database)) {
            return null;
        }
        try {
            Object device = Files.getAttribute(database, "unix:dev");
            Object number = Files.getAttribute(database, "unix:ino");
            return text(Paths.get("/etc/machine-id")) + " " + device + " " + number + " "
                    + text(token);
        } catch (IOException | UnsupportedOperationException why) {
            throw TrellisException.invalid("the number of " + database + " cannot be read: " + why);
        }
    }

    /** Another token: a copy made earlier no longer fits it. */
    String renew(Path database) {
        byte[] random = new byte[16];
        new SecureRandom().nextBytes(random);
        StringBuilder fresh = new StringBuilder();
        for (byte b : random) {
            fresh.append(String.format("%02x", b));
        }
        try {
            DatabaseKey.replace(token, fresh.toString().getBytes(StandardCharsets.UTF_8));
        } catch (IOException why) {
            throw TrellisException.invalid("the token " + token + " cannot be kept: " + why);
        }
        return of(database);
    }

    private static String text(Path file) {
        try {
            return new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
        } catch (IOException none) {
            return "";
        }
    }
}
