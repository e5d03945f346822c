package org.alborz.cpu.vector;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SpeedProbeTest {
    private static final SpeedProbe FAST = new SpeedProbe(24, 20, 0.3);
    private static final SpeedProbe SLOW = new SpeedProbe(0.1, 0.7, 1);
    private static final SpeedProbe DISTURBED = new SpeedProbe(0.1, 0.7, 0.3);

    private final AtomicReference<SpeedProbe> settled = new AtomicReference<>();
    private SpeedProbeFile file;

    private SpeedProbe result(SpeedProbe... measurements) {
        ArrayDeque<SpeedProbe> left = new ArrayDeque<>(List.of(measurements));
        SpeedProbe found = SpeedProbe.result(settled, file, left::remove);
        assertThat(left).isEmpty();
        return found;
    }

    @Test
    void onlyVectorsThatArePlainlySlowerAreSlow() {
        assertThat(new SpeedProbe(20, 20, 1).isFast()).isTrue();
        assertThat(new SpeedProbe(24, 20, 1).isFast()).isTrue();
        assertThat(new SpeedProbe(19, 20, 1).isFast()).isFalse();
        assertThat(new SpeedProbe(0.1, 20, 1).isFast()).isFalse();
    }

    @Test
    void aClearOutcomeIsKept() {
        assertThat(result(FAST)).isEqualTo(FAST);
        assertThat(result()).isEqualTo(FAST);
        settled.set(null);
        assertThat(result(SLOW)).isEqualTo(SLOW);
        assertThat(result()).isEqualTo(SLOW);
    }

    @Test
    void aBadOutcomeOnABusyMachineIsMeasuredAgainAndNotKept() {
        assertThat(result(DISTURBED, DISTURBED)).isEqualTo(DISTURBED);
        assertThat(result(DISTURBED, FAST)).isEqualTo(FAST);
        assertThat(result()).isEqualTo(FAST);
    }

    @Test
    void anotherJvmReadsWhatOneHasMeasured(@TempDir Path folder) throws IOException {
        file = new SpeedProbeFile(folder.resolve("probe"), "machine A");
        assertThat(result(FAST)).isEqualTo(FAST);
        settled.set(null);
        assertThat(result()).isEqualTo(FAST);
        assertThat(result()).isEqualTo(FAST);
        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files).containsExactly(folder.resolve("probe"));
        }
    }

    @Test
    void anotherMachineMeasuresAndKeepsItsOwn(@TempDir Path folder) {
        new SpeedProbeFile(folder.resolve("probe"), "machine A").write(FAST);
        file = new SpeedProbeFile(folder.resolve("probe"), "machine B");
        SpeedProbe other = new SpeedProbe(9, 8, 1);
        assertThat(result(other)).isEqualTo(other);
        assertThat(file.read()).isEqualTo(other);
        assertThat(new SpeedProbeFile(folder.resolve("probe"), "machine A").read())
                .isNull();
    }

    @Test
    void badOutcomesAreNotKept(@TempDir Path folder) {
        file = new SpeedProbeFile(folder.resolve("probe"), "machine A");
        assertThat(result(SLOW)).isEqualTo(SLOW);
        assertThat(folder.resolve("probe")).doesNotExist();
    }

    @Test
    void aFileThatIsNotWholeIsMeasuredAgain(@TempDir Path folder) throws IOException {
        Path path = folder.resolve("probe");
        file = new SpeedProbeFile(path, "machine A");
        file.write(FAST);
        byte[] whole = Files.readAllBytes(path);
        for (int cut = 0; cut < whole.length; cut++) {
            Files.write(path, Arrays.copyOf(whole, cut));
            assertThat(file.read()).as("the first %d bytes", cut).isNull();
        }
        for (int at = 0; at < whole.length; at++) {
            byte[] changed = whole.clone();
            changed[at] ^= 0x11;
            Files.write(path, changed);
            assertThat(file.read()).as("byte %d changed", at).isNull();
        }
        Files.write(path, new byte[10_000]);
        assertThat(result(FAST)).isEqualTo(FAST);
        assertThat(Files.readAllBytes(path)).isEqualTo(whole);
    }

    @Test
    void aFileThatCannotBeWrittenOrReadIsHarmless(@TempDir Path folder) {
        file = new SpeedProbeFile(folder.resolve("missing").resolve("probe"), "machine A");
        assertThat(result(FAST)).isEqualTo(FAST);
        settled.set(null);
        file = new SpeedProbeFile(folder, "machine A"); // a folder
        assertThat(result(FAST)).isEqualTo(FAST);
    }

    @Test
    void theMeasurementIsThereAndPlausible() {
        SpeedProbe probe = SpeedProbe.result();
        assertThat(probe.vectorGflops()).isPositive();
        assertThat(probe.plainGflops()).isPositive();
        assertThat(probe.share()).isBetween(0.0, 1.0);
    }
}
