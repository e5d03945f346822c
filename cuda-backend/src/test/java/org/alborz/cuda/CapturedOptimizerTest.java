package org.alborz.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.alborz.checkpoint.Checkpoint;
import org.alborz.cuda.driver.StreamWork;
import org.alborz.data.BatchIterator;
import org.alborz.data.DataLoader;
import org.alborz.data.GeneratedImages;
import org.alborz.nn.BatchNorm;
import org.alborz.nn.Conv2d;
import org.alborz.nn.Flatten;
import org.alborz.nn.Layer;
import org.alborz.nn.Linear;
import org.alborz.nn.Loss;
import org.alborz.nn.Model;
import org.alborz.nn.Precision;
import org.alborz.nn.Sequential;
import org.alborz.optim.Adadelta;
import org.alborz.optim.Adafactor;
import org.alborz.optim.Adagrad;
import org.alborz.optim.Adam;
import org.alborz.optim.AdamW;
import org.alborz.optim.Adamax;
import org.alborz.optim.Lamb;
import org.alborz.optim.Lion;
import org.alborz.optim.LookaheadOptimizer;
import org.alborz.optim.Muon;
import org.alborz.optim.NAdam;
import org.alborz.optim.Optimizer;
import org.alborz.optim.ParameterGroup;
import org.alborz.optim.RAdam;
import org.alborz.optim.RmsProp;
import org.alborz.optim.Schedule;
import org.alborz.optim.Sgd;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
import org.alborz.train.Trainer;
import org.alborz.type.DType;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Captured steps with the optimizer inside have the bits of eager ones, at learning rates that change with each step. */
final class CapturedOptimizerTest {
    private static final int SEED = 7;
    private static final int[] SIZES = {2, 2, 2, 2, 2, 2};

    /** Kernels that change weights. */
    private static final Set<String> UPDATES = Set.of("adam", "adam_parts", "sgd", "sgd_parts", "update");

    /** What a step does outside of the graph that has the optimizer inside, besides bringing the batch to the device. */
    private static final String[] ALL_INSIDE = {"set_replay", "graph"};

    @TempDir
    Path directory;

    @AfterEach
    void nothingIsLeft() {
        assertThat(SoftwareGpu.device().leaks()).isEmpty();
    }

    enum Inside {
        SGD(() -> new Sgd(0.1)),
        MOMENTUM(() -> new Sgd(0.1).momentum(0.9).weightDecay(0.01)),
        NESTEROV(() -> new Sgd(0.1)
                .momentum(0.9)
                .nesterov()
                .groups(ParameterGroup.vectors().rateFactor(2).decoupled(true).weightDecay(0.1))),
        ADAM(() -> new Adam(1e-2).weightDecay(0.01)),
        ADAMW(() ->
                new AdamW(1e-2).groups(ParameterGroup.vectors().rateFactor(2).l1(1e-3))),
        AMSGRAD(() -> new AdamW(1e-2).amsgrad()),
        ADAGRAD(() -> new Adagrad(1e-2).rateDecay(0.1)),
        ADADELTA(() -> new Adadelta(1)),
        RMSPROP(() -> new RmsProp(1e-2).momentum(0.9).centered()),
        ADAMAX(() -> new Adamax(1e-2)),
        NADAM(() -> new NAdam(1e-2).decoupled().weightDecay(0.1)),
        RADAM(() -> new RAdam(1e-2).weightDecay(0.1)), // its second rule begins in the sixth step
        LION(() -> new Lion(1e-3).weightDecay(0.1)),
        LAMB(() -> new Lamb(1e-2).weightDecay(0.1)),
        ADAFACTOR(() -> new Adafactor(1e-2).momentum(0.9).weightDecay(0.1)),
        RELATIVE_ADAFACTOR(() ->
                new Adafactor().groups(ParameterGroup.vectors().rateFactor(2).l1(1e-3))),
        MUON(() ->
                new Muon(0.02).weightDecay(0.1).groups(ParameterGroup.vectors().rateFactor(2))),
        MUON_OF_CONVOLUTIONS(
                () -> new Muon(0.02).nesterov(false).matrices(p -> p.shape().rank() == 4)),
        LOOKAHEAD(() -> new LookaheadOptimizer(new Adam(1e-2), 2, 0.5)),
        LOOKAHEAD_OF_SOME_STEPS(() ->
                new LookaheadOptimizer(new Muon(0.02), t -> t == 3 || t == 5 ? 1.0 / t : Double.NaN).withStatistics());

        private final Supplier<Optimizer> optimizer;

        Inside(Supplier<Optimizer> optimizer) {
            this.optimizer = optimizer;
        }
    }

    enum Outside {
        OWN(OwnOptimizer::new, Precision.full(), 1),
        ACCUMULATING(OwnOptimizer::new, Precision.full(), 2),
        FLOAT16(OwnOptimizer::new, Precision.mixed(DType.FLOAT16), 1),
        LOOKAHEAD(() -> new LookaheadOptimizer(new OwnOptimizer(), 2, 0.5), Precision.full(), 1);

        private final Supplier<Optimizer> optimizer;
        private final Precision precision;
        private final int accumulation;

        Outside(Supplier<Optimizer> optimizer, Precision precision, int accumulation) {
            this.optimizer = optimizer;
            this.precision = precision;
            this.accumulation = accumulation;
        }
    }

    /** A user's optimizer that is not made for graphs. */
    private static final class OwnOptimizer implements Optimizer {
        private final Sgd inner = new Sgd(0.1);

        @Override
        public String name() {
            return "own";
        }

        @Override
        public double learningRate() {
            return inner.learningRate();
        }

        @Override
        public void attach(Model model) {
            inner.attach(model);
        }

        @Override
        public Model model() {
            return inner.model();
        }

        @Override
        public void detach() {
            inner.detach();
        }

        @Override
        public void step(double rate, long step) {
            inner.step(rate, step);
        }

        @Override
        public Map<String, Tensor> state() {
            return inner.state();
        }

        @Override
        public String settings() {
            return inner.settings();
        }
    }

    /**
     * What a run came to.
     *
     * @param values weights, states and the loss by name
     * @param last the work of the last step that was not in a graph, without that of the batch, by name
     */
    private record Run(Map<String, double[]> values, List<String> last) {
        private void assertSame(Run expected) {
            assertThat(values.keySet()).isEqualTo(expected.values.keySet());
            expected.values.forEach(
                    (name, all) -> assertThat(values.get(name)).as(name).isEqualTo(all));
        }
    }

    static Layer net() {
        return new Sequential(
                new Conv2d(3, 2, 3).stride(8), new BatchNorm(2), new Flatten(), new Linear(2 * 4 * 4, 10));
    }

    private static Run run(
            Optimizer optimizer, Precision precision, UnaryOperator<Trainer.Builder> settings, boolean captured) {
        return run(optimizer, precision, settings, captured, SIZES, null, null);
    }

    /** Trains on batches of the given sizes, from a file if one is given and into one if one is given. */
    private static Run run(
            Optimizer optimizer,
            Precision precision,
            UnaryOperator<Trainer.Builder> settings,
            boolean captured,
            int[] sizes,
            Path from,
            Path into) {
        List<String> last = new ArrayList<>();
        Map<String, double[]> values = new LinkedHashMap<>();
        CudaBackend backend = SoftwareGpu.open();
        try (Session session = Session.of(backend, DType.FLOAT32);
                Model model = Model.create(session, net(), precision, SEED)) {
            Trainer trainer = settings.apply(Trainer.classifier(model, optimizer, Loss.crossEntropy())
                            .seed(SEED)
                            .schedule(Schedule.cosine(12))
                            .graphCapture(captured))
                    .build();
            if (from != null) {
                Checkpoint.resume(from, trainer);
            }
            for (int i = (int) trainer.batches(); i < sizes.length; i++) {
                last.clear();
                backend.observe(work -> note(work, last));
                step(trainer, SEED + i, sizes[i]);
            }
            backend.synchronize(); // runs the optimizer's step where it is kept back
            backend.observe(null);
            if (into != null) {
                Checkpoint.save(into, trainer, Map.of());
            }
            model.parameters().forEach((name, p) -> values.put(name, p.value().toDoubles()));
            trainer.optimizer().state().forEach((name, state) -> values.put(name, state.toDoubles()));
            trainer.optimizer().parameterState().forEach((name, state) -> values.put(name, state.toDoubles()));
            trainer.parameterStates().forEach((name, state) -> values.put(name, state.toDoubles()));
            values.put("loss", new double[] {trainer.metrics().lossSum()});
            values.put("gradients", model.gradients().toDoubles());
        }
        return new Run(values, last);
    }

    private static void note(StreamWork work, List<String> names) {
        if (!work.captured() && !Set.of("upload", "normalize_pixels").contains(work.name())) {
            names.add(work.name());
        }
    }

    static void step(Trainer trainer, long seed, int size) {
        try (BatchIterator batches =
                DataLoader.of(GeneratedImages.train(seed, size), size).build().epoch(0)) {
            trainer.step(batches.next());
        }
    }

    @ParameterizedTest
    @EnumSource
    void theOptimizerIsInTheGraph(Inside setting) {
        Run captured = run(setting.optimizer.get(), Precision.full(), b -> b, true);
        captured.assertSame(run(setting.optimizer.get(), Precision.full(), b -> b, false));
        assertThat(captured.last()).containsExactly(ALL_INSIDE);
    }

    /** Steps of several spans as well, whose gradients and values of 16 bits are converted in the graph. */
    @ParameterizedTest
    @EnumSource(names = {"SGD", "MOMENTUM", "NESTEROV", "ADAM", "ADAMW", "LION"})
    void mixedPrecisionIsInTheGraph(Inside setting) {
        for (DType computed : List.of(DType.BFLOAT16, DType.FLOAT16)) {
            Precision precision = Precision.mixed(computed);
            Run captured = run(setting.optimizer.get(), precision, b -> b.ema(0.8), true);
            captured.assertSame(run(setting.optimizer.get(), precision, b -> b.ema(0.8), false));
            // With a loss scale the numbers of several spans may take more than one launch.
            assertThat(captured.last()).containsOnly(ALL_INSIDE).endsWith("graph");
        }
    }

    @Test
    void clippingAveragingAndAccumulationAreInTheGraph() {
        for (UnaryOperator<Trainer.Builder> setting : List.<UnaryOperator<Trainer.Builder>>of(
                b -> b.clipNorm(0.2),
                b -> b.clipValue(0.01),
                b -> b.ema(0.8),
                b -> b.swa(2, 1),
                b -> b.swa(2, 2), // takes the last step
                b -> b.swa(2, 5), // does not
                b -> b.gradientAccumulation(2),
                b -> b.gradientAccumulation(2).ema(0.8).clipNorm(0.2))) {
            Run captured = run(new Adam(1e-2), Precision.full(), setting, true);
            captured.assertSame(run(new Adam(1e-2), Precision.full(), setting, false));
            assertThat(captured.last()).containsExactly(ALL_INSIDE);
        }
    }

    /** The copy of the weights that layers compute with is made in the graph as well. */
    @ParameterizedTest
    @EnumSource(names = {"ADAM", "LAMB", "ADAFACTOR", "MUON", "LOOKAHEAD"})
    void soItIsInMixedPrecision(Inside setting) {
        Precision precision = Precision.mixed(DType.BFLOAT16);
        Run captured = run(setting.optimizer.get(), precision, b -> b, true);
        captured.assertSame(run(setting.optimizer.get(), precision, b -> b, false));
        assertThat(captured.last()).containsExactly(ALL_INSIDE);
    }

    @ParameterizedTest
    @EnumSource(names = {"LAMB", "ADAFACTOR", "MUON", "LOOKAHEAD_OF_SOME_STEPS"})
    void soItIsWithClippingAndAccumulation(Inside setting) {
        UnaryOperator<Trainer.Builder> settings = b -> b.gradientAccumulation(2).clipNorm(0.2);
        Run captured = run(setting.optimizer.get(), Precision.full(), settings, true);
        captured.assertSame(run(setting.optimizer.get(), Precision.full(), settings, false));
        assertThat(captured.last()).containsExactly(ALL_INSIDE);
    }

    @ParameterizedTest
    @EnumSource
    void orAfterIt(Outside setting) {
        UnaryOperator<Trainer.Builder> accumulating = b -> b.gradientAccumulation(setting.accumulation);
        Run captured = run(setting.optimizer.get(), setting.precision, accumulating, true);
        captured.assertSame(run(setting.optimizer.get(), setting.precision, accumulating, false));
        assertThat(captured.last()).contains("graph").containsAnyElementsOf(UPDATES);
    }

    /** The third size runs eagerly, as the first step of each does. */
    @Test
    void batchSizesMayChange() {
        int[] sizes = {4, 4, 4, 2, 2, 2, 4, 3, 3, 3, 2, 4};
        for (Precision precision : List.of(Precision.full(), Precision.mixed(DType.BFLOAT16))) {
            Run captured = run(new AdamW(1e-2), precision, b -> b, true, sizes, null, null);
            captured.assertSame(run(new AdamW(1e-2), precision, b -> b, false, sizes, null, null));
            assertThat(captured.last()).containsExactly(ALL_INSIDE);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"ADAM", "ADAFACTOR", "MUON_OF_CONVOLUTIONS", "LOOKAHEAD_OF_SOME_STEPS"})
    void aResumedRunGoesOnWithTheSameBits(Inside setting) {
        Path file = directory.resolve("run.safetensors");
        int[] first = {2, 2, 2};
        run(setting.optimizer.get(), Precision.full(), b -> b, true, first, null, file);
        run(setting.optimizer.get(), Precision.full(), b -> b, true, SIZES, file, null)
                .assertSame(run(setting.optimizer.get(), Precision.full(), b -> b, false));
    }
}
