package org.alborz.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

class ProgressTest {
    private final StringWriter out = new StringWriter();

    private Screen screen() {
        CommandLine root = Alborz.commandLine();
        root.setOut(new PrintWriter(out));
        return Screen.of(root.getSubcommands().get("evaluate").getCommandSpec());
    }

    @Test
    void linesTellRateAndRemainingTime() throws InterruptedException {
        try (Progress progress = Progress.start(screen(), "evaluating", "batches", 4, 0)) {
            Thread.sleep(20);
            progress.to(1);
            progress.to(4);
        }
        assertThat(out.toString().strip()).matches("evaluating  1/4 batches  [\\d.]+ batches/s  0:00 left");
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
    void timesOfHoursAndOfNothingYet() {
        Pace pace = new Pace(0, Long.MAX_VALUE);
        assertThat(pace.left(0)).isEmpty();
        assertThat(pace.left(1)).matches("\\d+:\\d\\d:\\d\\d left");
    }
}
