package org.alborz.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.util.concurrent.TimeUnit;
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
        Process java = new ProcessBuilder(
                        new File(System.getProperty("java.home"), "bin/java").getPath(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        ProbeMain.class.getName())
                .redirectErrorStream(true)
                .start();
        String output = new String(java.getInputStream().readAllBytes());
        assertThat(java.waitFor(1, TimeUnit.MINUTES)).isTrue();
        assertThat(output)
                .contains("Unusable")
                .contains("module jdk.incubator.vector) is not loaded")
                .contains("--add-modules jdk.incubator.vector");
        assertThat(java.exitValue()).isZero();
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
