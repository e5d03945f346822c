package org.alborz.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.alborz.checkpoint.Checkpoint;
import org.alborz.nn.Conv2d;
import org.alborz.nn.Flatten;
import org.alborz.nn.Layer;
import org.alborz.nn.Linear;
import org.alborz.nn.Model;
import org.alborz.nn.Pass;
import org.alborz.nn.Precision;
import org.alborz.nn.Sequential;
import org.alborz.nn.Structure;
import org.alborz.optim.Adam;
import org.alborz.optim.AdamW;
import org.alborz.optim.Lamb;
import org.alborz.optim.LookaheadOptimizer;
import org.alborz.optim.Muon;
import org.alborz.optim.Optimizer;
import org.alborz.optim.ParameterGroup;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
import org.alborz.train.Trainer;
import org.alborz.type.DType;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What else captured steps that change the weights meet: many parameters, a capture that fails, and weights that others set. */
final class CapturedWeightsTest {
    private static final int SEED = 7;

    @TempDir
    Path directory;

    @AfterEach
    void nothingIsLeft() {
        assertThat(SoftwareGpu.device().leaks()).isEmpty();
    }

    /** Spans of equal settings read the same numbers. Each of its own would take two launches, of 400 numbers and of the others. */
    @Test
    void oneLaunchSetsTheNumbersOfManyParameters() {
        for (Supplier<Optimizer> optimizer : List.<Supplier<Optimizer>>of(
                () -> new Muon(0.02).groups(ParameterGroup.vectors().rateFactor(2)),
                () -> new AdamW(0.02).groups(ParameterGroup.vectors().weightDecay(0)),
                () -> new LookaheadOptimizer(new Lamb(0.02)))) {
            Layer[] layers = new Layer[56];
            Arrays.setAll(layers, i -> new Linear(2, 2));
            layers[0] = new Conv2d(3, 2, 3).stride(30);
            layers[1] = new Flatten();
            layers[layers.length - 1] = new Linear(2, 10);
            List<String> work = new ArrayList<>();
            CudaBackend backend = SoftwareGpu.open();
            try (Session session = Session.of(backend, DType.FLOAT32);
                    Model model = Model.create(session, new Sequential(layers), SEED)) {
                assertThat(model.trainable()).hasSizeGreaterThan(400 / 4);
                Trainer trainer = Trainer.classifier(model, optimizer.get())
                        .graphCapture(true)
                        .build();
                CapturedOptimizerTest.step(trainer, SEED, 1);
                CapturedOptimizerTest.step(trainer, SEED, 1);
                backend.synchronize();
                backend.observe(each -> work.add(each.name()));
                CapturedOptimizerTest.step(trainer, SEED, 1);
                backend.synchronize();
                backend.observe(null);
            }
            assertThat(work).containsOnlyOnce("set_replay").endsWith("graph");
        }
    }

    /** The graph is one of a later step; statistics and weights begin as in an eager first step all the same. */
    @Test
    void lookaheadBeginsAgainWithTheFirstStepOfAResumedRun() {
        List<double[]> ends = new ArrayList<>();
        Path file = directory.resolve("begin.safetensors");
        for (boolean captured : new boolean[] {false, true}) {
            try (Session session = Session.of(SoftwareGpu.open(), DType.FLOAT32);
                    Model model = Model.create(session, CapturedOptimizerTest.net(), SEED)) {
                Trainer trainer = Trainer.classifier(
                                model, new LookaheadOptimizer(new Adam(1e-2), 2, 0.5).withStatistics())
                        .graphCapture(captured)
                        .build();
                Checkpoint.save(file, trainer, Map.of());
                for (int i = 0; i < 3; i++) {
                    CapturedOptimizerTest.step(trainer, SEED + i, 2);
                }
                Checkpoint.resume(file, trainer);
                assertThat(trainer.step()).isEqualTo(0);
                for (int i = 0; i < 2; i++) {
                    CapturedOptimizerTest.step(trainer, SEED + i, 2);
                }
                model.parameters().values().forEach(p -> ends.add(p.value().toDoubles()));
                trainer.optimizer().parameterState().values().forEach(state -> ends.add(state.toDoubles()));
            }
        }
        int half = ends.size() / 2;
        for (int i = 0; i < half; i++) {
            assertThat(ends.get(half + i)).isEqualTo(ends.get(i));
        }
    }

    /** A share of 0 takes the weights back to the slow ones, of which those that are not finite become no part. */
    @Test
    void lookaheadTakesNothingByAShareOf0() {
        for (boolean captured : new boolean[] {false, true}) {
            try (Session session = Session.of(SoftwareGpu.open(), DType.FLOAT32);
                    Model model = Model.create(session, CapturedOptimizerTest.net(), SEED)) {
                Trainer trainer = Trainer.classifier(
                                model, new LookaheadOptimizer(new Adam(1e-2), step -> step == 4 ? 0 : Double.NaN))
                        .graphCapture(captured)
                        .build();
                double[] slow = model.values().toDoubles();
                for (int i = 0; i < 3; i++) {
                    CapturedOptimizerTest.step(trainer, SEED + i, 2);
                }
                model.trainable().get(0).value().fill(Double.NaN);
                CapturedOptimizerTest.step(trainer, SEED, 2);
                assertThat(model.values().toDoubles()).isEqualTo(slow);
            }
        }
    }

    /** Where the capture fails, the step runs eagerly with the weights of its time, also with their 16-bit copy. */
    @Test
    void aFailedCaptureChangesNothing() {
        for (Precision precision : List.of(Precision.full(), Precision.mixed(DType.BFLOAT16))) {
            List<double[]> weights = new ArrayList<>();
            for (boolean captured : new boolean[] {false, true}) {
                FailingOnce failing = new FailingOnce();
                try (Session session = Session.of(SoftwareGpu.open(), DType.FLOAT32);
                        Model model = Model.create(
                                session, new Sequential(CapturedOptimizerTest.net(), failing), precision, SEED)) {
                    Trainer trainer = Trainer.classifier(model, new Adam(1e-2))
                            .graphCapture(captured)
                            .build();
                    for (int i = 0; i < 4; i++) {
                        failing.fails = captured && i == 1; // the step that is captured
                        CapturedOptimizerTest.step(trainer, SEED, 2);
                    }
                    weights.add(model.values().toDoubles());
                }
                assertThat(failing.failed).isEqualTo(captured);
            }
            assertThat(weights.get(1)).as("%s", precision).isEqualTo(weights.get(0));
        }
    }

    /** Returns its input, or throws once where it is asked to. */
    private static final class FailingOnce implements Layer {
        private boolean fails;
        private boolean failed;

        @Override
        public void describe(Structure structure) {
            // no parameters
        }

        @Override
        public Tensor forward(Tensor x, Pass pass) {
            if (fails) {
                fails = false;
                failed = true;
                throw new IllegalStateException("a fault in the capture");
            }
            return x;
        }
    }

    /** Weights that are assigned between two replays are those that the next one computes with, also in their 16-bit copy. */
    @Test
    void assignedWeightsAreUsed() {
        for (Precision precision : List.of(Precision.full(), Precision.mixed(DType.BFLOAT16))) {
            List<double[]> weights = new ArrayList<>();
            for (boolean captured : new boolean[] {false, true}) {
                try (Session session = Session.of(SoftwareGpu.open(), DType.FLOAT32);
                        Model model = Model.create(session, CapturedOptimizerTest.net(), precision, SEED)) {
                    Trainer trainer = Trainer.classifier(model, new Adam(1e-2))
                            .graphCapture(captured)
                            .build();
                    for (int i = 0; i < 5; i++) {
                        CapturedOptimizerTest.step(trainer, SEED, 2);
                        if (i == 3) {
                            model.values().assign(model.values().mul(0.5));
                        }
                    }
                    weights.add(model.values().toDoubles());
                }
            }
            assertThat(weights.get(1)).isEqualTo(weights.get(0));
        }
    }
}
