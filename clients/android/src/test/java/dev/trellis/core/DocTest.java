// SPDX-License-Identifier: Apache-2.0
package dev.trellis.core;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The Java program of docs/embedding.md, as it stands there. */
final class DocTest {
    private DocTest() {}

    public static void main(String[] arguments) throws Exception {
        String page = Files.readString(Path.of("docs/embedding.md"));
        Matcher found = Pattern.compile("(?ms)^```java\n(.*?)^```$").matcher(page);
        Check.isTrue(found.find(), "there is a program");
        Check.isTrue(found.group(1).lines().count() < 40, "it is short");
        Path source = Files.createTempDirectory("trellis").resolve("Reader.java");
        Files.writeString(source, found.group(1));
        try (Town town = new Town()) {
            // A JVM compiles a single file by itself.
            Process reader = new ProcessBuilder(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-Djava.library.path=" + System.getProperty("java.library.path"),
                    "-cp", System.getProperty("java.class.path"), source.toString(), town.invite())
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            BufferedReader out = new BufferedReader(new InputStreamReader(reader.getInputStream()));
            try {
                Check.isEqual("0 check-ins", out.readLine(), "at first");
                town.pump.sync(); // a join is followed by a new key
                town.put(town.first);
                town.pump.sync();
                Check.isEqual("1 check-ins", out.readLine(), "then");
            } finally {
                reader.destroy();
                reader.waitFor();
            }
        }
    }
}
