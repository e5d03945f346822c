package org.alborz.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;

class ProgressTest {
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();

    private CommandSpec command() {
        CommandLine root = Alborz.commandLine();
        root.setOut(new PrintWriter(out));
        root.setErr(new PrintWriter(err));
        return root.getSubcommands().get("evaluate").getCommandSpec();
    }

    private Screen screen() {
        return Screen.of(command());
    }

    @Test
    void linesTellRateAndRemainingTime() throws InterruptedException {
        try (Progress progress = Progress.start(screen(), "evaluating", "batches", 4, 0)) {
            Thread.sleep(20);
            progress.to(1);
            progress.to(4);
        }
        assertThat(out.toString().strip()).matches("evaluating  1/4 batches  [\\d.]+ batches/s  \\d+:\\d\\d left");
    }

    @Test
    void whatIsShortIsNotTold() {
        try (Progress progress = Progress.start(screen(), "evaluating", "batches", 100)) {
            for (int i = 1; i <= 100; i++) {
                progress.to(i);
            }
        }
        assertThat(out.toString()).isEmpty();
    }

    @Test
    void aLineFollowsTenSecondsAfterTheFirst() {
        try (Progress progress = Progress.start(screen(), "evaluating", "batches", 4, -1)) {
            progress.to(1);
            progress.to(2);
            progress.to(3);
        }
        assertThat(out.toString().lines()).hasSize(1);
    }

    @Test
    void resultsAndProgressGoToDifferentStreams() {
        CommandSpec command = command();
        try (Progress progress = Progress.start(Screen.besideResult(command), "generating", "tokens", 4, -1)) {
            progress.result(() -> Screen.of(command).line("a result"), 1);
            progress.result(() -> Screen.of(command).line("the last"), 4);
        }
        assertThat(out.toString().lines()).containsExactly("a result", "the last");
        assertThat(err.toString().strip()).matches("generating  1/4 tokens  [\\d.]+ tokens/s  \\d+:\\d\\d left");
    }

    @Test
    void theValidationOfATrainingIsShown() {
        TrainingProgress progress = new TrainingProgress(screen(), 2, "images", -1);
        progress.onTestBatchEnd(null, 1, 3);
        progress.onTestBatchEnd(null, 3, 3);
        assertThat(out.toString().strip()).matches("validating  1/3 batches  [\\d.]+ batches/s  \\d+:\\d\\d left");
    }

    @Test
    void timesOfHoursAndOfNothingYet() {
        Pace pace = new Pace(0, Long.MAX_VALUE);
        assertThat(pace.left(0)).isEmpty();
        assertThat(pace.left(1)).matches("\\d+:\\d\\d:\\d\\d left");
    }
}
