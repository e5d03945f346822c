package org.alborz.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.alborz.checkpoint.Checkpoint;
import org.alborz.cuda.driver.StreamWork;
import org.alborz.data.ArrayDataset;
import org.alborz.data.BatchIterator;
import org.alborz.data.DataLoader;
import org.alborz.nn.Linear;
import org.alborz.nn.LossScaler;
import org.alborz.nn.Model;
import org.alborz.nn.Precision;
import org.alborz.optim.Adafactor;
import org.alborz.optim.Adagrad;
import org.alborz.optim.Adam;
import org.alborz.optim.AdamW;
import org.alborz.optim.Lamb;
import org.alborz.optim.LookaheadOptimizer;
import org.alborz.optim.Muon;
import org.alborz.optim.NAdam;
import org.alborz.optim.Optimizer;
import org.alborz.optim.ParameterGroup;
import org.alborz.optim.RAdam;
import org.alborz.optim.Schedule;
import org.alborz.optim.Sgd;
import org.alborz.random.RandomStream;
import org.alborz.tensor.Session;
import org.alborz.train.Trainer;
import org.alborz.type.DType;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Captured steps of mixed float16 hold the optimizer, skip the steps that eager ones skip, and wait for nothing. */
final class CapturedLossScaleTest {
    private static final int SEED = 7;
    private static final int BATCH = 4;
    private static final int FEATURES = 6;
    private static final int CLASSES = 3;

    /** The batches whose gradients overflow, from 0: the one that is captured, others one behind the other, and the last. */
    private static final List<Integer> OVERFLOWS = List.of(1, 5, 6, 7, 10, 13);

    private static final int BATCHES = 14;
    private static final double LARGE = 30_000;

    /** Doubled by the second step that is not skipped. */
    private static final double SCALE = 4096;

    private static final int STEPS = LossScaler.GROWTH_STEPS - 2;

    @TempDir
    Path directory;

    @AfterEach
    void nothingIsLeft() {
        assertThat(SoftwareGpu.device().leaks()).isEmpty();
    }

    enum Setting {
        ADAM(() -> new Adam(1e-2), b -> b),
        CLIPPING(() -> new AdamW(1e-2).weightDecay(0.1).amsgrad(), b -> b.clipNorm(0.2)),
        EMA(() -> new Adam(1e-2), b -> b.ema(0.8).clipValue(0.01)),
        WARM_UP(() -> new RAdam(1e-2), b -> b),
        SWA(() -> new NAdam(1e-2), b -> b.swa(3, 2)),
        ACCUMULATION(
                () -> new Adagrad(1e-2).rateDecay(0.1),
                b -> b.gradientAccumulation(2).ema(0.8)),
        LAMB(() -> new Lamb(1e-2).weightDecay(0.1), b -> b),
        ADAFACTOR(() -> new Adafactor().momentum(0.9), b -> b.clipNorm(0.2)),
        MUON(() -> new Muon(0.02).weightDecay(0.1), b -> b.ema(0.8)),
        LOOKAHEAD(() -> new LookaheadOptimizer(new Muon(0.02).matrices(p -> false), 3, 0.5), b -> b),
        GROUPS(
                () -> new Sgd(0.1)
                        .momentum(0.9)
                        .nesterov()
                        .groups(ParameterGroup.vectors()
                                .rateFactor(2)
                                .decoupled(true)
                                .weightDecay(0.1)
                                .l1(1e-3)),
                b -> b);

        private final Supplier<Optimizer> optimizer;
        private final UnaryOperator<Trainer.Builder> builder;

        Setting(Supplier<Optimizer> optimizer, UnaryOperator<Trainer.Builder> builder) {
            this.optimizer = optimizer;
            this.builder = builder;
        }
    }

    /**
     * What a run came to.
     *
     * @param values weights, states, averages and the loss scale by name
     * @param work what was put on the stream, but for graphs' contents, by name
     */
    private record Run(Map<String, double[]> values, List<String> work) {
        private void assertSame(Run expected) {
            assertThat(values.keySet()).isEqualTo(expected.values.keySet());
            expected.values.forEach(
                    (name, all) -> assertThat(values.get(name)).as(name).isEqualTo(all));
        }

        private long count(String name) {
            return work.stream().filter(name::equals).count();
        }
    }

    private static Run run(Setting setting, boolean captured) {
        return run(setting, captured, BATCHES, null, null);
    }

    /** Trains up to a number of batches, from a file if one is given and into one if one is given. */
    private static Run run(Setting setting, boolean captured, int batches, Path from, Path into) {
        Map<String, double[]> values = new LinkedHashMap<>();
        List<String> work = new ArrayList<>();
        CudaBackend backend = SoftwareGpu.open();
        try (Session session = Session.of(backend, DType.FLOAT32);
                Model model =
                        Model.create(session, new Linear(FEATURES, CLASSES), Precision.mixed(DType.FLOAT16), SEED)) {
            LossScaler scaler = model.lossScaler();
            scaler.restore(SCALE, STEPS, 0);
            Trainer trainer = setting.builder
                    .apply(Trainer.classifier(model, setting.optimizer.get())
                            .schedule(Schedule.cosine(200))
                            .graphCapture(captured))
                    .build();
            if (from != null) {
                Checkpoint.resume(from, trainer);
            }
            backend.observe(each -> note(each, work));
            for (int i = (int) trainer.batches(); i < batches; i++) {
                step(trainer, i);
            }
            backend.observe(null);
            if (into != null) {
                Checkpoint.save(into, trainer, Map.of());
            }
            model.parameters().forEach((name, p) -> values.put(name, p.value().toDoubles()));
            trainer.optimizer().state().forEach((name, state) -> values.put(name, state.toDoubles()));
            trainer.optimizer().parameterState().forEach((name, state) -> values.put(name, state.toDoubles()));
            trainer.parameterStates().forEach((name, state) -> values.put("trainer." + name, state.toDoubles()));
            values.put("loss", new double[] {trainer.metrics().lossSum(), trainer.step()});
            values.put("scaler", new double[] {scaler.scale(), scaler.stepsSinceChange(), scaler.skippedSteps()});
        }
        return new Run(values, work);
    }

    private static void note(StreamWork work, List<String> names) {
        if (!work.captured()) {
            names.add(work.name());
        }
    }

    private static void step(Trainer trainer, int number) {
        float[] values = new float[BATCH * FEATURES];
        new RandomStream(SEED, number).fillNormal(values);
        if (OVERFLOWS.contains(number)) {
            Arrays.fill(values, (float) LARGE);
        }
        float[][] rows = new float[BATCH][];
        Arrays.setAll(rows, i -> Arrays.copyOfRange(values, i * FEATURES, (i + 1) * FEATURES));
        try (BatchIterator batches = DataLoader.of(ArrayDataset.of(rows, new int[] {0, 1, 2, 1}), BATCH)
                .build()
                .epoch(0)) {
            trainer.step(batches.next());
        }
    }

    @ParameterizedTest
    @EnumSource
    void capturedStepsSkipAndScaleAsEagerOnesDo(Setting setting) {
        Run eager = run(setting, false);
        Run captured = run(setting, true);
        captured.assertSame(eager);
        assertThat(eager.values.get("scaler")[2]).as("skipped steps").isBetween(4.0, 6.0);
        int kinds = setting == Setting.ACCUMULATION ? 2 : 1;
        assertThat(captured.count("graph")).isEqualTo(BATCHES - kinds);
        assertThat(captured.count("download"))
                .as("waits, all of the first step, which is eager")
                .isEqualTo(1);
        assertThat(captured.work.subList(captured.work.lastIndexOf("upload") + 1, captured.work.size()))
                .containsOnly("set_replay", "graph");
    }

    /** The stop is between two steps that are skipped, and so is the capture of the resumed run. */
    @Test
    void aResumedRunHasTheSameBits() {
        for (Setting setting : List.of(Setting.EMA, Setting.ACCUMULATION, Setting.LOOKAHEAD)) {
            Path file = directory.resolve(setting + ".safetensors");
            run(setting, true, 6, null, file);
            Run eager = run(setting, false);
            run(setting, true, BATCHES, file, null).assertSame(eager);
        }
    }

    /** Between two questions of the host how many steps were skipped there are as many steps as the numbers have room for. */
    @Test
    void theHostAsksSeldom() {
        int batches = 71;
        Run captured = run(Setting.ADAM, true, batches, null, null);
        captured.assertSame(run(Setting.ADAM, false, batches, null, null));
        assertThat(captured.count("download"))
                .as("after the first step, and before the 34th and the 66th")
                .isEqualTo(3);
        assertThat(captured.count("set_replay"))
                .as("one a replay, whatever the number of steps that may have been skipped")
                .isEqualTo(batches - 1);
    }
}
