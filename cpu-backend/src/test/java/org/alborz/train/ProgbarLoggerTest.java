package org.alborz.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import org.alborz.optim.Adam;
import org.alborz.tensor.Session;
import org.junit.jupiter.api.Test;

/** What is shown and called, and in which order. */
class ProgbarLoggerTest {
    private static final String FIGURES = "loss \\d\\.\\d{4}  accuracy [01]\\.\\d{4}";

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8);

    private static void train(int epochs, Callback... callbacks) {
        try (Session session = Session.open("cpu-vector");
                Trainer trainer = TrainingRuns.trainer(session, new Adam(1e-2), callbacks)) {
            trainer.fit(TrainingRuns.loader(48, 16), TrainingRuns.loader(16, 16), epochs);
            trainer.model().close();
        }
    }

    @Test
    void aBarIsDrawnOverTheLastOneAndEndsWithAllFigures() {
        train(2, new ProgbarLogger(out).every(Duration.ZERO));
        List<String> lines = bytes.toString(StandardCharsets.UTF_8).lines().toList();
        assertThat(lines).isNotEmpty();
        String all = bytes.toString(StandardCharsets.UTF_8);
        assertThat(all.split("\n")).hasSize(2);
        String[] drawn = all.split("\n")[0].split("\r");
        assertThat(drawn).hasSize(4);
        assertThat(drawn[1])
                .matches("epoch 1/2  1/3 \\[={10}> {19}]  [\\d.]+ (batches/s|s/batch)  0:0\\d left  " + FIGURES + " *");
        assertThat(drawn[2]).contains("  2/3 [====================>         ]  ");
        assertThat(drawn[3])
                .matches("epoch 1 of 2 in all  " + FIGURES + "  val_loss .*  val_accuracy .* s, \\d+ samples/s *");
    }

    @Test
    void aStreamThatIsNoTerminalGetsLines() {
        train(1, new ProgbarLogger(out).lines().every(Duration.ZERO));
        assertThat(bytes.toString(StandardCharsets.UTF_8)).doesNotContain("\r");
        assertThat(bytes.toString(StandardCharsets.UTF_8).lines()).hasSize(3);
    }

    @Test
    void anInterruptedBarEndsItsLine() {
        train(1, new ProgbarLogger(out).every(Duration.ZERO), TrainingRuns.stopAfter(2));
        assertThat(bytes.toString(StandardCharsets.UTF_8)).endsWith(System.lineSeparator());
        assertThatThrownBy(() -> new ProgbarLogger(out).every(Duration.ofNanos(-1)))
                .hasMessageContaining("at least 0");
        assertThatThrownBy(() -> new ProgbarLogger(null)).hasMessageContaining("a stream, got null");
    }

    @Test
    void aTimeLongerThanNanosecondsCountIsNever() {
        train(1, new ProgbarLogger(out).every(ChronoUnit.FOREVER.getDuration()));
        assertThat(bytes.toString(StandardCharsets.UTF_8)).matches("\\repoch 1 of 1 in all  .*\n");
    }

    @Test
    void everyPlaceOfALambdaCallbackIsCalledInOrder() {
        List<String> calls = new ArrayList<>();
        train(
                1,
                new LambdaCallback()
                        .onTrainBegin(trainer -> calls.add("train"))
                        .onEpochBegin(trainer -> calls.add("epoch " + trainer.epoch()))
                        .onBatchBegin(trainer -> calls.add("batch " + trainer.nextBatch()))
                        .onBatchEnd(trainer -> calls.add("/batch " + trainer.nextBatch()))
                        .onStepEnd(trainer -> calls.add("/step " + trainer.step()))
                        .onTestBegin(trainer -> calls.add("test"))
                        .onTestEnd((trainer, evaluation) -> calls.add("/test " + evaluation.samples()))
                        .onEpochEnd((trainer, result) -> calls.add("/epoch " + result.epoch()))
                        .onTrainEnd(trainer -> calls.add("/train")));
        assertThat(calls)
                .containsExactly(
                        "train",
                        "epoch 0",
                        "batch 0",
                        "/batch 1",
                        "/step 1",
                        "batch 1",
                        "/batch 2",
                        "/step 2",
                        "batch 2",
                        "/batch 3",
                        "/step 3",
                        "test",
                        "/test 16",
                        "/epoch 1",
                        "/train");
        assertThatThrownBy(() -> new LambdaCallback().onEpochEnd(null)).hasMessageContaining("a function, got null");
    }
}
