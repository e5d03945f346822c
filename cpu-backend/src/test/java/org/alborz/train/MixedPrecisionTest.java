package org.alborz.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.alborz.autograd.Tape;
import org.alborz.backend.BackendOptions;
import org.alborz.checkpoint.Checkpoint;
import org.alborz.checkpoint.CheckpointException;
import org.alborz.checkpoint.SafetensorsEntry;
import org.alborz.checkpoint.SafetensorsFile;
import org.alborz.checkpoint.SafetensorsType;
import org.alborz.checkpoint.SafetensorsWriter;
import org.alborz.checkpoint.Weights;
import org.alborz.data.Batch;
import org.alborz.data.BatchIterator;
import org.alborz.data.DataLoader;
import org.alborz.inference.Predictor;
import org.alborz.nn.BatchNorm;
import org.alborz.nn.BatchTensors;
import org.alborz.nn.Conv2d;
import org.alborz.nn.Flatten;
import org.alborz.nn.GlobalAvgPool2d;
import org.alborz.nn.Initializer;
import org.alborz.nn.Layer;
import org.alborz.nn.Linear;
import org.alborz.nn.Loss;
import org.alborz.nn.LossScaler;
import org.alborz.nn.Model;
import org.alborz.nn.Parameter;
import org.alborz.nn.Pass;
import org.alborz.nn.Precision;
import org.alborz.nn.Sequential;
import org.alborz.nn.Structure;
import org.alborz.nn.TrainingStep;
import org.alborz.ops.BatchNormBackward;
import org.alborz.ops.BatchNormOp;
import org.alborz.ops.Convert;
import org.alborz.ops.Observation;
import org.alborz.ops.Op;
import org.alborz.optim.Adam;
import org.alborz.optim.Sgd;
import org.alborz.random.RandomStream;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
import org.alborz.type.DType;
import org.alborz.type.Shape;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Models that keep float32 values and compute in 16 bits. */
class MixedPrecisionTest {
    private static final Shape IMAGES = Shape.of(4, 3, 32, 32);

    @TempDir
    Path directory;

    private static Model model(Session session, DType computed) {
        return Model.create(session, TrainingRuns.smallNet(), Precision.mixed(computed), 11);
    }

    private static Trainer trainer(Model model, Callback... callbacks) {
        Trainer.Builder builder = Trainer.classifier(model, new Adam(1e-2), Loss.crossEntropy(0.1))
                .seed(13);
        for (Callback callback : callbacks) {
            builder.callback(callback);
        }
        return builder.build();
    }

    /** A net of one weight, which shows the types that it is used in. */
    private static final class Weight implements Layer {
        final Parameter weight = Parameter.of(Shape.of(8), Initializer.constant(1));
        DType used;

        @Override
        public Tensor forward(Tensor x, Pass pass) {
            used = pass.use(weight).dtype();
            return pass.input(x, weight).mul(pass.use(weight));
        }

        @Override
        public void describe(Structure structure) {
            structure.parameter("weight", weight);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"BFLOAT16", "FLOAT16"})
    void layersComputeIn16BitsAndAllElseIsFloat32(DType computed) {
        try (Session session = Session.open("cpu-scalar");
                Model model = Model.create(session, new Weight(), Precision.mixed(computed), 1)) {
            Tensor y = model.forward(session.full(1 + 1.0 / 4096, Shape.of(2, 8)), Pass.evaluation());
            assertThat(((Weight) model.module()).used).isEqualTo(computed);
            assertThat(y.dtype()).isEqualTo(DType.FLOAT32);
            assertThat(y.toFloats()).containsOnly(1); // the input was rounded
            assertThat(model.values().dtype()).isEqualTo(DType.FLOAT32);
            assertThat(model.gradients().dtype()).isEqualTo(DType.FLOAT32);
        }
        try (Session session = Session.open("cpu-scalar");
                Model model = model(session, computed)) {
            model.parameters()
                    .forEach((name, parameter) -> assertThat(
                                    Pass.evaluation().use(parameter).dtype())
                            .as(name)
                            .isEqualTo(name.startsWith("1.") ? DType.FLOAT32 : computed));
        }
    }

    /** In both directions, the values between the convolutions have 16 bits, and nothing converts them. */
    @ParameterizedTest
    @EnumSource(names = {"BFLOAT16", "FLOAT16"})
    void batchNormConvertsNothing(DType computed) {
        Sequential net = new Sequential(
                new Conv2d(3, 5, 3), new BatchNorm(5), new Conv2d(5, 2, 3), new GlobalAvgPool2d(), new Flatten());
        try (Session session = Session.open("cpu-vector");
                Model model = Model.create(session, net, Precision.mixed(computed), 1)) {
            List<Op> ofNormalisation = new ArrayList<>();
            List<Op> conversions = new ArrayList<>();
            Shape between = Shape.of(4, 5, 30, 30);
            try (Observation observation = session.observe(applied -> {
                        for (Tensor result : applied.results()) {
                            if (result.shape().equals(between)) {
                                (applied.op() instanceof Convert ? conversions : ofNormalisation).add(applied.op());
                                assertThat(result.dtype()).isEqualTo(computed);
                            }
                        }
                    });
                    TrainingStep step = model.step(1, 1)) {
                step.backward(step.forward(session.ones(IMAGES)).square().sum());
            }
            assertThat(conversions).isEmpty();
            assertThat(ofNormalisation)
                    .hasAtLeastOneElementOfType(BatchNormOp.class)
                    .hasAtLeastOneElementOfType(BatchNormBackward.class);
        }
    }

    @Test
    void theCopyFollowsEveryChangeOfTheValues() {
        try (Session session = Session.open("cpu-scalar");
                Model model = Model.create(session, new Weight(), Precision.mixed(DType.BFLOAT16), 1)) {
            Tensor x = session.ones(Shape.of(1, 8));
            Parameter weight = model.trainable().get(0);
            weight.value().fill(2);
            assertThat(model.predict(x).toFloats()).containsOnly(2);
            model.values().assign(model.values().mul(1.5));
            assertThat(model.predict(x).toFloats()).containsOnly(3);
            Sgd sgd = new Sgd(0.5);
            sgd.attach(model);
            model.gradients().fill(1);
            sgd.step(0.5, 1);
            assertThat(model.predict(x).toFloats()).containsOnly(2.5f);
        }
    }

    /** Each step is a tenth of the last bit of a bfloat16 at 1. */
    @Test
    void smallUpdatesAddUp() {
        try (Session session = Session.open("cpu-scalar");
                Model model = Model.create(session, new Weight(), Precision.mixed(DType.BFLOAT16), 1)) {
            Sgd sgd = new Sgd(1);
            for (int number = 1; number <= 100; number++) {
                try (TrainingStep step = model.step(1, number)) {
                    Tensor y = step.forward(session.full(-0x1p-10, Shape.of(1, 8)));
                    step.backward(y.sum());
                    sgd.step(step);
                }
            }
            assertThat(model.trainable().get(0).value().toFloats()).containsOnly(1 + 100 * 0x1p-10f);
            assertThat(model.predict(session.ones(Shape.of(1, 8))).toFloats()).containsOnly(1.09375f);
        }
    }

    @Test
    void float16ScalesTheLossSoThatSmallGradientsArrive() {
        double tiny = 0x1p-30;
        for (DType computed : new DType[] {DType.FLOAT16, DType.BFLOAT16}) {
            try (Session session = Session.open("cpu-scalar");
                    Model model = Model.create(session, new Weight(), Precision.mixed(computed), 1);
                    TrainingStep step = model.step(1, 1)) {
                step.backward(step.forward(session.ones(Shape.of(1, 8))).sum().mul(tiny));
                assertThat(model.gradientViews().get(0).toFloats()).containsOnly((float) tiny);
            }
        }
    }

    @Test
    void aStepThatOverflowsIsSkippedAndTheScaleAdapts() {
        try (Session session = Session.open("cpu-vector");
                Model model = Model.create(session, new Weight(), Precision.mixed(DType.FLOAT16), 1)) {
            LossScaler scaler = model.lossScaler();
            assertThat(scaler.scale()).isEqualTo(65536);
            Adam adam = new Adam(0.1);
            adam.attach(model);
            float[] values = model.values().toFloats();
            try (TrainingStep step = model.step(1, 1)) {
                step.backward(step.forward(session.ones(Shape.of(1, 8))).sum()); // 65536 is above the largest float16
                assertThat(step.isSkipped()).isTrue();
                adam.step(step);
            }
            assertThat(model.values().toFloats()).containsExactly(values);
            adam.state().values().forEach(state -> assertThat(state.toFloats()).containsOnly(0));
            assertThat(scaler.scale()).isEqualTo(32768);
            assertThat(scaler.skippedSteps()).isEqualTo(1);
            try (TrainingStep step = model.step(1, 2)) {
                step.backward(step.forward(session.ones(Shape.of(1, 8))).sum());
                assertThat(step.isSkipped()).isFalse();
                assertThat(step.updateNumber()).isEqualTo(1);
                assertThat(model.gradientViews().get(0).toFloats()).containsOnly(1);
                adam.step(step);
            }
            assertThat(model.trainable().get(0).value().toFloats()[0]).isCloseTo(0.9f, Offset.offset(1e-5f));
            scaler.restore(1024, LossScaler.GROWTH_STEPS - 1, 1);
            try (TrainingStep step = model.step(1, 3)) {
                step.backward(step.forward(session.ones(Shape.of(1, 8))).sum());
            }
            assertThat(scaler.scale()).isEqualTo(2048);
            assertThat(scaler.stepsSinceChange()).isZero();
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"BFLOAT16", "FLOAT16"})
    void aLoopByHandIsTheTrainersBitForBit(DType computed) {
        DataLoader loader = TrainingRuns.loader(48, 16);
        float[] trained;
        try (Session session = Session.open("cpu-vector");
                Model model = model(session, computed)) {
            trainer(model).fit(loader, 1);
            trained = model.values().toFloats();
        }
        try (Session session = Session.open("cpu-vector");
                Model model = model(session, computed);
                BatchIterator batches = loader.epoch(0)) {
            Adam adam = new Adam(1e-2);
            long number = 0;
            for (Batch batch = batches.next(); batch != null; batch = batches.next()) {
                try (TrainingStep step = model.step(13, ++number)) {
                    BatchTensors tensors = Batches.upload(session, batch);
                    step.backward(Loss.crossEntropy(0.1).of(step.forward(tensors.get(0)), tensors.get(1)));
                    adam.step(step);
                }
            }
            assertThat(model.values().toFloats()).containsExactly(trained);
        }
    }

    @ParameterizedTest
    @CsvSource({"cpu-scalar, BFLOAT16", "cpu-vector, BFLOAT16", "cpu-vector, FLOAT16"})
    void goingOnIsBitExact(String backend, DType computed) {
        Map<String, double[]> straight = run(backend, computed, 8, null, null);
        Path file = directory.resolve("run.safetensors");
        run(backend, computed, 3, null, file);
        Map<String, double[]> resumed = run(backend, computed, 8, file, null);
        assertThat(resumed.keySet()).isEqualTo(straight.keySet());
        straight.forEach(
                (name, values) -> assertThat(resumed.get(name)).as(name).isEqualTo(values));
        try (SafetensorsFile saved = SafetensorsFile.open(file)) {
            assertThat(saved.entries())
                    .allMatch(entry -> entry.type()
                            == (entry.name().startsWith("trainer.metric.")
                                    ? SafetensorsType.F64
                                    : SafetensorsType.F32));
        }
    }

    /** Trains up to a step; float16 begins with a scale so large that steps are skipped before and after the stop. */
    private static Map<String, double[]> run(String backend, DType computed, int steps, Path from, Path into) {
        Map<String, double[]> values = new LinkedHashMap<>();
        try (Session session = Session.open(backend);
                Model model = model(session, computed)) {
            LossScaler scaler = model.lossScaler();
            if (scaler != null) {
                scaler.restore(0x1p24, 0, 0);
            }
            Trainer trainer = trainer(model, TrainingRuns.stopAfter(steps));
            if (from != null) {
                Checkpoint.resume(from, trainer);
            }
            trainer.fit(TrainingRuns.loader(40, 8), 100);
            if (into != null) {
                Checkpoint.save(into, trainer, Map.of());
            }
            model.parameters()
                    .forEach((name, parameter) ->
                            values.put(name, parameter.value().toDoubles()));
            trainer.optimizer().state().forEach((name, state) -> values.put("adam." + name, state.toDoubles()));
            values.put("loss", new double[] {trainer.metrics().lossSum()});
            if (scaler != null) {
                assertThat(scaler.skippedSteps()).isPositive();
                values.put("scaler", new double[] {scaler.scale(), scaler.stepsSinceChange(), scaler.skippedSteps()});
            }
        }
        return values;
    }

    @Test
    void aRunOfAnotherPrecisionIsNotResumed() {
        Path file = directory.resolve("run.safetensors");
        run("cpu-vector", DType.BFLOAT16, 2, null, file);
        try (Session session = Session.open("cpu-vector");
                Model model = Model.create(session, TrainingRuns.smallNet(), 11)) {
            Trainer trainer = trainer(model);
            assertThatThrownBy(() -> Checkpoint.resume(file, trainer))
                    .isInstanceOf(CheckpointException.class)
                    .hasMessageContainingAll("model_precision", "mixed bfloat16", "full");
            Weights.load(file, model); // the weights are float32
        }
    }

    /** Runs of 16-bit sessions once kept their optimizer's state in 16 bits. */
    @Test
    void aRunWithOptimizerStateOf16BitsIsRefusedWithTheRemedyThatHelps() {
        Path file = directory.resolve("run.safetensors");
        Path old = directory.resolve("old.safetensors");
        try (Session session = Session.open("cpu-scalar", BackendOptions.defaults(), DType.BFLOAT16);
                Model model = Model.create(session, TrainingRuns.smallNet(), 11)) {
            Trainer trainer = trainer(model, TrainingRuns.stopAfter(1));
            trainer.fit(TrainingRuns.loader(16, 8), 1);
            Checkpoint.save(file, trainer, Map.of());
            try (SafetensorsFile saved = SafetensorsFile.open(file)) {
                List<SafetensorsEntry> entries = saved.entries().stream()
                        .map(entry -> entry.name().startsWith("optimizer.")
                                ? new SafetensorsEntry(entry.name(), SafetensorsType.BF16, entry.shape())
                                : entry)
                        .toList();
                try (SafetensorsWriter writer = SafetensorsWriter.create(old, saved.metadata(), entries)) {
                    for (SafetensorsEntry entry : entries) {
                        ByteBuffer bytes = ByteBuffer.allocate((int) entry.bytes());
                        if (!entry.name().startsWith("optimizer.")) {
                            saved.read(entry.name(), bytes);
                        }
                        bytes.clear();
                        writer.write(entry.name(), bytes);
                    }
                    writer.commit();
                }
            }
            assertThatThrownBy(() -> Checkpoint.resume(old, trainer))
                    .isInstanceOf(CheckpointException.class)
                    .hasMessageContainingAll("optimizer.", "F32", "BF16", "Weights.load and start a new run");
            Weights.load(old, model);
        }
    }

    @Test
    void aPredictorSharesTheCopyIn16Bits() {
        try (Session session = Session.open("cpu-vector");
                Model model = model(session, DType.BFLOAT16)) {
            float[] images = new float[(int) IMAGES.elements()];
            new RandomStream(1, 2).fillNormal(images);
            try (Predictor predictor = Predictor.of(model).sessions(2).build()) {
                assertThat(predictor.predict(images, IMAGES)).isDeepEqualTo(model.predict(images, IMAGES));
                assertThat(predictor.<Long>call((own, pass) -> own.memory().used()))
                        .isZero();
            }
        }
    }

    @Test
    void whatCannotBeIsRefused() {
        assertThatThrownBy(() -> Precision.mixed(DType.FLOAT64))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll("bfloat16 or float16", "float64");
        try (Session session = Session.open("cpu-scalar", BackendOptions.defaults(), DType.FLOAT64)) {
            assertThatThrownBy(() -> Model.create(session, new Linear(2, 2), Precision.mixed(DType.BFLOAT16), 1))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContainingAll("mixed bfloat16", "float32", "got one of float64");
        }
        try (Session session = Session.open("cpu-scalar");
                Model one = Model.create(session, new Linear(2, 2), Precision.mixed(DType.FLOAT16), 1);
                Model other = Model.create(session, new Linear(2, 2), 1)) {
            assertThatThrownBy(() -> TrainingStep.of(1, 1, one, other))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("mixed float16");
            try (Tape tape = new Tape(session)) {
                assertThat(Pass.training(tape, 1, 1).use(one.trainable().get(0)).dtype())
                        .isEqualTo(DType.FLOAT16);
            }
        }
    }
}
