package org.alborz;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Runs a program of the tests in a JVM of its own. */
public final class FreshJvm {
    private FreshJvm() {}

    /**
     * Runs a program with the option that the fast CPU backend needs, without the others of jvm.options.
     *
     * @return what it printed
     */
    public static String run(Class<?> main, String... arguments) throws IOException, InterruptedException {
        return run(List.of("--add-modules", "jdk.incubator.vector"), main, arguments);
    }

    /**
     * Runs a program.
     *
     * @param options of the JVM, without those for memory and the class path
     * @return what it printed
     */
    public static String run(List<String> options, Class<?> main, String... arguments)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(
                List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx2g"));
        command.addAll(options);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
        command.addAll(List.of(arguments));
        Process java = new ProcessBuilder(command).redirectErrorStream(true).start();
        String printed = new String(java.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(java.waitFor(5, TimeUnit.MINUTES)).isTrue();
        assertThat(java.exitValue()).as(printed).isZero();
        return printed;
    }
}
