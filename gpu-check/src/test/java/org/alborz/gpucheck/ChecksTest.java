package org.alborz.gpucheck;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.alborz.backend.GraphCapture;
import org.alborz.random.RandomKey;
import org.junit.jupiter.api.Test;

/** Each check finds what it is there to find, and passes where there is nothing. */
final class ChecksTest {
    private static final Scale SCALE = Scale.QUICK;

    private final List<String> progress = new ArrayList<>();
    private final Rows rows = new Rows(progress::add);

    private Row.Verdict verdict(String name) {
        return row(name).verdict();
    }

    private Row row(String name) {
        return rows.all().stream()
                .filter(row -> row.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no row " + name + " in " + rows.all()));
    }

    @Test
    void otherRandomNumbersAreFound() {
        Subject wrong = Fakes.drawing(key -> new RandomKey(key.seed(), key.stream(), key.counter() & 0xFFFF_FFFFL));
        new RandomBitsCheck(wrong, Fakes.CPU, 1001).run(rows);
        // Only the key whose counter is above 32 bits shows it.
        assertThat(row("random.float32").figure()).contains("counter=330712481792");
        assertThat(verdict("random.float32")).isEqualTo(Row.Verdict.FAILED);
    }

    @Test
    void theSameRandomNumbersPass() {
        new RandomBitsCheck(Fakes.drawing(key -> key), Fakes.CPU, 1001).run(rows);
        assertThat(verdict("random.float64")).isEqualTo(Row.Verdict.PASSED);
        assertThat(verdict("random.bfloat16")).isEqualTo(Row.Verdict.PASSED);
    }

    @Test
    void otherLossesAreFound() {
        Subject wrong = Fakes.drawing(key -> new RandomKey(key.seed() + 1, key.stream(), key.counter()));
        new TrainingCheck(wrong, Fakes.CPU, SCALE).run(rows);
        assertThat(verdict("training.losses")).isEqualTo(Row.Verdict.FAILED);
        assertThat(verdict("training.memory")).isEqualTo(Row.Verdict.PASSED);
    }

    @Test
    void growingMemoryIsFound() {
        new TrainingCheck(Fakes.leaking(1), Fakes.CPU, SCALE).run(rows);
        assertThat(verdict("training.memory")).isEqualTo(Row.Verdict.FAILED);
        assertThat(verdict("training.losses")).isEqualTo(Row.Verdict.PASSED);
    }

    @Test
    void stepsReplayedRightlyPass() {
        new CapturedStepsCheck(Fakes.graphCapture(by -> by), SCALE).run(rows);
        assertThat(verdict("captured")).isEqualTo(Row.Verdict.PASSED);
        assertThat(row("captured").figure()).contains("5 of them replayed");
    }

    @Test
    void replaysThatDrawTheSameNumbersAgainAreFound() {
        new CapturedStepsCheck(Fakes.graphCapture(by -> 0L), SCALE).run(rows);
        assertThat(verdict("captured")).isEqualTo(Row.Verdict.FAILED);
    }

    @Test
    void stepsThatWereNotCapturedAreFound() {
        Subject refusing = Fakes.otherwise(real -> Map.of(
                "graphCapture",
                none -> Optional.of((GraphCapture) work -> {
                    throw new IllegalStateException("for the test");
                })));
        new CapturedStepsCheck(refusing, SCALE).run(rows);
        assertThat(verdict("captured")).isEqualTo(Row.Verdict.FAILED);
        assertThat(row("captured").figure()).contains("no step was replayed");
    }

    @Test
    void leftTensorsAreFound() {
        new LeakCheck(Fakes.leaking(8), SCALE, DeviceMemory.unknown()).run(rows);
        assertThat(verdict("leaks.tensors")).isEqualTo(Row.Verdict.FAILED);
        assertThat(row("leaks.tensors").figure()).startsWith("24 bytes");
        assertThat(verdict("leaks.device")).isEqualTo(Row.Verdict.SKIPPED);
    }

    @Test
    void deviceMemoryThatStaysTakenIsFound() {
        Deque<Long> looks = new ArrayDeque<>(List.of(1000L, 1065L));
        new LeakCheck(Fakes.CPU, SCALE, () -> OptionalLong.of(looks.remove())).run(rows);
        assertThat(verdict("leaks.tensors")).isEqualTo(Row.Verdict.PASSED);
        assertThat(verdict("leaks.device")).isEqualTo(Row.Verdict.FAILED);
    }

    @Test
    void endOfMemoryPassesWhereItIsSaidAndGotOver() {
        new OutOfMemoryCheck(
                        Fakes.limited(400L << 20, "out of memory; the most is in 5 of 64 MiB (16777216 elements)"),
                        SCALE)
                .run(rows);
        assertThat(verdict("out-of-memory.exception")).isEqualTo(Row.Verdict.PASSED);
        assertThat(verdict("out-of-memory.goes-on")).isEqualTo(Row.Verdict.PASSED);
    }

    @Test
    void anEndOfMemoryThatDoesNotNameTensorsIsFound() {
        new OutOfMemoryCheck(Fakes.limited(400L << 20, "error 2"), SCALE).run(rows);
        assertThat(verdict("out-of-memory.exception")).isEqualTo(Row.Verdict.FAILED);
    }
}
