package org.alborz.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TerminalBarTest {
    @ParameterizedTest
    @CsvSource({"true, '▕█████████▌         ▏ 5/10  note'", "false, '[#########          ] 5/10  note'"})
    void drawsHalfABar(boolean unicode, String expected) {
        assertThat(drawn(unicode, 41)).contains("\repoch 1 " + expected);
    }

    @Test
    void everyLineFillsTheTerminalButForOneColumn() {
        for (int width : new int[] {12, 40, 80}) {
            assertThat(drawn(true, width).split("\r"))
                    .allSatisfy(line -> assertThat(line.length()).isIn(0, width - 1));
        }
    }

    private static String drawn(boolean unicode, int width) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        TerminalBar drawing = new TerminalBar(new PrintStream(bytes, true, StandardCharsets.UTF_8), unicode, width);
        try (ProgressBar bar = new ProgressBarBuilder()
                .setTaskName("epoch 1")
                .setInitialMax(10)
                .clearDisplayOnFinish()
                .setRenderer(drawing)
                .setConsumer(drawing)
                .build()) {
            bar.setExtraMessage("  note");
            bar.stepTo(5);
            bar.refresh();
        }
        return bytes.toString(StandardCharsets.UTF_8);
    }
}
