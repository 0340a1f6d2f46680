// SPDX-License-Identifier: Apache-2.0
package dev.trellis.core;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** A real server in a process of its own. TRELLISD names the program. */
final class Server implements AutoCloseable {
    private final Path folder = Files.createTempDirectory("trellisd");
    private Process process;
    private long port;

    Server() throws IOException {
        start();
    }

    void start() throws IOException {
        process = new ProcessBuilder(System.getenv("TRELLISD"), "--store",
                "sqlite:" + folder.resolve("relay.db"), "--listen", "127.0.0.1:" + port)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        BufferedReader out = new BufferedReader(new InputStreamReader(process.getInputStream()));
        port = (Long) ((Map<?, ?>) Json.parse(out.readLine())).get("port");
    }

    String url() {
        return "ws://127.0.0.1:" + port + "/sync";
    }

    void stop() {
        process.destroy();
        try {
            process.waitFor();
        } catch (InterruptedException why) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        stop();
    }
}
