package org.alborz.cli;

import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Starts the command line in a JVM of its own. */
final class StartedCommand {
    private StartedCommand() {}

    /** Returns the words that start a command; the JVM compiles little, as its life is short. */
    static List<String> words(Object... args) {
        List<String> words = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("java.class.path"),
                Alborz.class.getName()));
        Arrays.stream(args).map(Object::toString).forEach(words::add);
        return words;
    }

    /** Starts a command whose output and errors go to a file. */
    static Process start(Path printed, Object... args) throws IOException {
        return new ProcessBuilder(words(args))
                .redirectErrorStream(true)
                .redirectOutput(printed.toFile())
                .start();
    }

    /** A port that the system gives to no other program unasked, as it is below those that it gives. */
    static int freePort() {
        int port = 20_000 + (int) (ProcessHandle.current().pid() % 10_000);
        while (true) {
            try (ServerSocket free = new ServerSocket(port)) {
                return port;
            } catch (IOException e) {
                port++;
            }
        }
    }
}
