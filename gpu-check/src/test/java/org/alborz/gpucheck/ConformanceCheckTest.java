package org.alborz.gpucheck;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.opentest4j.TestAbortedException;

/** A suite's tests are counted as they end, and its failures can be read. */
final class ConformanceCheckTest {
    @TempDir
    Path folder;

    private final List<String> progress = new ArrayList<>();
    private final Rows rows = new Rows(progress::add);

    /** Not run by itself: surefire takes no nested classes. */
    @ExtendWith(BackendParameter.class)
    static final class Suite {
        private final Subject subject;

        Suite(Subject subject) {
            this.subject = subject;
        }

        @Test
        void works() {
            assertThat(subject.name()).isEqualTo("cpu-scalar");
        }

        @Test
        void fails() {
            throw new AssertionError("for the test");
        }

        @Test
        void aborts() {
            throw new TestAbortedException("not here");
        }
    }

    private String run(Predicate<String> methods) throws Exception {
        Path file = folder.resolve("log");
        try (Log log = Log.open(file)) {
            new ConformanceCheck("suite", Suite.class, "cpu-scalar", methods, log).run(rows);
        }
        return Files.readString(file);
    }

    @Test
    void countsAndWritesFailuresInFull() throws Exception {
        String log = run(method -> true);
        assertThat(rows.all().get(0).figure()).isEqualTo("1 tests passed, 1 failed, 1 skipped");
        assertThat(rows.all().get(0).verdict()).isEqualTo(Row.Verdict.FAILED);
        assertThat(log).contains("Suite / fails()", "for the test", "at org.alborz.gpucheck", "skipped 1: not here");
        assertThat(progress).anyMatch(line -> line.contains("failed: ") && line.contains("fails()"));
    }

    @Test
    void passesWhereNothingFails() throws Exception {
        run(method -> method.equals("works"));
        assertThat(rows.all().get(0).verdict()).isEqualTo(Row.Verdict.PASSED);
    }

    @Test
    void failsWhereNothingRan() throws Exception {
        run(method -> method.equals("aborts"));
        assertThat(rows.all().get(0).verdict()).isEqualTo(Row.Verdict.FAILED);
    }
}
