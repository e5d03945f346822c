package org.alborz.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.alborz.backend.Backend;
import org.alborz.backend.BackendOptions;
import org.alborz.backend.Backends;
import org.alborz.backend.Probe;
import org.junit.jupiter.api.Test;

final class VectorProviderTest {
    @Test
    void isPreferredToTheReferenceWhereItIsUsable() {
        Backends found = Backends.find();
        assertThat(found.candidates().get(0).name()).isEqualTo("cpu-vector");
        try (Backend backend =
                found.open("cpu-vector", BackendOptions.defaults().withThreads(3))) {
            assertThat(backend.name()).isEqualTo("cpu-vector");
            assertThat(backend.device()).startsWith("3 threads, ").contains("float lanes");
        }
    }

    @Test
    void saysWhatToDoWithoutTheVectorModule() throws Exception {
        assertThat(java(ProbeMain.class, System.getProperty("java.class.path")))
                .contains("Unusable")
                .contains("module jdk.incubator.vector) is not loaded")
                .contains("--add-modules jdk.incubator.vector");
    }

    /** Without a provider, SLF4J drops what is logged; the fall from cpu-vector to cpu-scalar is printed all the same, in one line. */
    @Test
    void theSlowSubstituteIsHeardWithoutALoggingProvider() throws Exception {
        assertThat(java(OpenMain.class, withoutProvider()).lines().filter(line -> line.startsWith("alborz: warning:")))
                .singleElement()
                .asString()
                .contains("Backend cpu-vector is not used", "--add-modules jdk.incubator.vector");
        assertThat(java(OpenMain.class, System.getProperty("java.class.path")))
                .contains("WARN", "Backend cpu-vector is not used")
                .doesNotContain("alborz: warning:");
    }

    @Test
    void nothingIsSaidWhereNothingIsWrong() throws Exception {
        assertThat(java(OpenMain.class, withoutProvider(), "--add-modules", "jdk.incubator.vector"))
                .contains("opened cpu-vector")
                .doesNotContain("alborz: warning:");
    }

    private static String withoutProvider() {
        return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                .filter(entry -> !entry.contains("logback"))
                .collect(Collectors.joining(File.pathSeparator));
    }

    private static String java(Class<?> main, String classPath, String... options) throws Exception {
        List<String> command = new ArrayList<>();
        command.add(new File(System.getProperty("java.home"), "bin/java").getPath());
        command.addAll(List.of(options));
        command.addAll(List.of("-cp", classPath, main.getName()));
        Process java = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(java.getInputStream().readAllBytes());
        assertThat(java.waitFor(5, TimeUnit.MINUTES)).isTrue();
        assertThat(java.exitValue()).as(output).isZero();
        return output;
    }

    /** Opens the backend that is preferred here. */
    static final class OpenMain {
        private OpenMain() {}

        public static void main(String[] arguments) {
            try (Backend backend = Backends.find().open(Backends.AUTO, BackendOptions.defaults())) {
                System.out.println("opened " + backend.name());
            }
        }
    }

    /** Prints what the provider finds out. */
    static final class ProbeMain {
        private ProbeMain() {}

        public static void main(String[] arguments) {
            Probe probe = new VectorProvider().probe();
            System.out.println(probe);
        }
    }
}
