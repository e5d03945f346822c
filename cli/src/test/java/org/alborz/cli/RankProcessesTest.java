package org.alborz.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Processes that end in several orders, with short times. */
@Timeout(300)
@DisabledOnOs(OS.WINDOWS) // has no sh
class RankProcessesTest {
    private static final int SIGKILL = 137;
    private static final Duration SHORT = Duration.ofMillis(200);
    private static final Duration LONG = Duration.ofSeconds(30);

    /** Waits until the other rank knows what to do when it is asked to end. */
    private static final String SET = "until test -e $0/set; do sleep 0.02; done; ";

    @TempDir
    Path folder;

    private final StringWriter err = new StringWriter();

    /** Starts a process for each script, by rank, and waits. */
    private int await(Duration failed, Duration saving, String... scripts) {
        return await(null, failed, saving, scripts);
    }

    private int await(Path logs, Duration failed, Duration saving, String... scripts) {
        StringBuilder script = new StringBuilder("case $RANK in");
        for (int rank = 0; rank < scripts.length; rank++) {
            script.append(' ').append(rank).append(") ").append(scripts[rank]).append(";;");
        }
        List<String> command = new ArrayList<>(List.of("sh", "-c", script + " esac", folder.toString()));
        try (RankProcesses processes = new RankProcesses(
                command, Map.of(), logs, new PrintWriter(err, true), new RankProcesses.Patience(failed, saving))) {
            processes.start(scripts.length);
            return processes.await();
        }
    }

    /** Rank 1 ends at once, as one that writes nothing does after an interruption. */
    @Test
    void aSaveAfterAnInterruptionIsLetFinish() {
        assertThat(await(
                        SHORT,
                        LONG,
                        "trap : TERM; echo > $0/set; sleep 2; echo > $0/saved; exit 130",
                        SET + "exit 130"))
                .isEqualTo(ExitCodes.INTERRUPTED);
        assertThat(folder.resolve("saved")).exists();
    }

    /** A JVM that was asked to end by a signal has its exit code, also where it ended as it should. */
    @ParameterizedTest
    @ValueSource(ints = {129, 130, 143})
    void aRankThatWasAskedToEndInterruptsAll(int code) {
        assertThat(await(SHORT, LONG, "sleep 1; exit 130", "exit " + code)).isEqualTo(ExitCodes.INTERRUPTED);
        assertThat(await(SHORT, LONG, "exit " + code, "sleep 1; exit 130")).isEqualTo(ExitCodes.INTERRUPTED);
    }

    @Test
    void aSaveAfterAnInterruptionIsNotWaitedForForever() {
        assertThat(await(
                        SHORT,
                        SHORT,
                        "trap '' TERM; echo > $0/set; sleep 2; echo > $0/saved; exec sleep 50",
                        SET + "exit 130"))
                .isEqualTo(ExitCodes.INTERRUPTED);
        assertThat(folder.resolve("saved")).doesNotExist();
    }

    /** Rank 1 ends because rank 0 fails, and faster. */
    @Test
    void theRankThatFailedByItselfIsNamed() {
        assertFailure(LONG, ExitCodes.DATA, "Rank 0 failed with exit code 4", "sleep 1; exit 4", "exit 5");
        assertFailure(LONG, ExitCodes.DATA, "Rank 1 failed with exit code 4", "exit 5", "sleep 1; exit 4");
        assertFailure(
                LONG,
                ExitCodes.FAILED,
                "Rank 0 failed with exit code 1",
                "trap : TERM; echo > $0/set; sleep 1; exit 1",
                SET + "exit 130");
        assertFailure(LONG, SIGKILL, "Rank 1 was ended by signal 9", "sleep 1; exit 5", "kill -9 $$");
    }

    /** Rank 0 has not met rank 1 and would wait for it for minutes. */
    @Test
    void anInterruptionOfOneAsksTheOthersAtOnce() {
        Duration longer = Duration.ofMinutes(10); // than this test may take
        assertThat(await(longer, longer, "exec sleep 900", "exit 143")).isEqualTo(ExitCodes.INTERRUPTED);
    }

    /** Rank 0 hangs and ignores what it is asked; rank 1 has ended for that. After the time for a save it is not given a second one. */
    @Test
    void aRankThatHangsIsKilled() {
        assertFailure(
                SHORT,
                ExitCodes.FAILED,
                "Rank 1 failed with exit code 5",
                "trap '' TERM; echo > $0/set; exec sleep 900",
                SET + "exit 5");
    }

    @Test
    void onlyARunThatHasBegunCanGoOn() {
        for (int code : new int[] {ExitCodes.USAGE, ExitCodes.BACKEND, ExitCodes.DATA}) {
            assertThatThrownBy(() -> await(SHORT, SHORT, "exit " + code, "exit 5"))
                    .hasMessageEndingWith("its messages stand above");
        }
        assertThatThrownBy(() -> await(SHORT, SHORT, "exit 1", "exit 5"))
                .hasMessageEndingWith("goes on by: ./alborz launch --ranks 2 train --resume --out DIR");
    }

    /** What a rank returns that was asked to end is not why the others ended. */
    @Test
    void aRankThatWasAskedToEndIsNotNamed() {
        assertFailure(
                SHORT, ExitCodes.FAILED, "Rank 1 failed with exit code 5", "trap 'exit 7' TERM; sleep 1", "exit 5");
        assertFailure(SHORT, ExitCodes.USAGE, "Rank 1 failed with exit code 2", "exec sleep 50", "exit 2");
    }

    @Test
    void logsOfTheRunBeforeAreKept() throws IOException {
        assertThat(await(folder, LONG, LONG, "exit 0", "echo first")).isZero();
        assertThat(await(folder, LONG, LONG, "exit 0", "echo second")).isZero();
        assertThat(folder.resolve("rank1.log")).hasContent("first\nsecond");
    }

    @Test
    void noRankIsStartedAfterAnInterruption() {
        try (RankProcesses processes = new RankProcesses(
                List.of("sh", "-c", "echo > $0/started", folder.toString()),
                Map.of(),
                null,
                new PrintWriter(err, true),
                new RankProcesses.Patience(LONG, LONG))) {
            processes.interrupt();
            assertThatThrownBy(() -> processes.start(1)).hasMessage("launch was interrupted");
        }
        assertThat(folder.resolve("started")).doesNotExist();
    }

    private void assertFailure(Duration saving, int code, String message, String... scripts) {
        assertThatThrownBy(() -> await(SHORT, saving, scripts))
                .isInstanceOfSatisfying(
                        CommandFailure.class,
                        failure -> assertThat(failure.exitCode()).isEqualTo(code))
                .hasMessageStartingWith(message + ", the first of 2; all have ended");
    }
}
