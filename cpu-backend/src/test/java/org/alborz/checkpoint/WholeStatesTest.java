package org.alborz.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.alborz.data.DataLoader;
import org.alborz.data.GeneratedImages;
import org.alborz.inference.Predictor;
import org.alborz.nn.Flatten;
import org.alborz.nn.Initializer;
import org.alborz.nn.Layer;
import org.alborz.nn.Linear;
import org.alborz.nn.Model;
import org.alborz.nn.Parameter;
import org.alborz.nn.Pass;
import org.alborz.nn.Precision;
import org.alborz.nn.Sequential;
import org.alborz.nn.Structure;
import org.alborz.optim.Sgd;
import org.alborz.tensor.Session;
import org.alborz.tensor.Tensor;
import org.alborz.train.Callback;
import org.alborz.train.Trainer;
import org.alborz.type.DType;
import org.alborz.type.Shape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** States of whole numbers and truth values are kept with a model as its floating ones are. */
class WholeStatesTest {
    private static final int FEATURES = 3 * 32 * 32;
    private static final long LARGE = (1L << 62) + 1; // no double holds it

    @TempDir
    Path directory;

    /** Masks and reorders its input, and counts how often it was trained. */
    private static final class Counting implements Layer {
        final Parameter steps = Parameter.state(Shape.scalar(), DType.INT64, Initializer.constant(0));
        final Parameter order = Parameter.state(Shape.of(FEATURES), DType.INT32, (shape, values, random) -> {
            for (int i = 0; i < values.length; i++) {
                values[i] = values.length - 1 - i;
            }
        });
        final Parameter mask =
                Parameter.state(Shape.of(FEATURES), DType.BOOL, (shape, values, random) -> values[1] = values[7] = 1);
        final Parameter levels = Parameter.state(Shape.of(2, 2), DType.UINT8, Initializer.constant(255));

        @Override
        public Tensor forward(Tensor x, Pass pass) {
            if (pass.isTraining() && !steps.isFrozen()) {
                Tensor count = steps.value();
                count.assign(count.add(count.session().tensor(new long[] {1}, Shape.scalar())));
            }
            Tensor reordered = x.gather(1, pass.use(order));
            return Tensor.where(pass.use(mask).expand(reordered.shape()), reordered.mul(0), reordered);
        }

        @Override
        public void describe(Structure structure) {
            structure.parameter("steps", steps);
            structure.parameter("order", order);
            structure.parameter("mask", mask);
            structure.parameter("levels", levels);
        }
    }

    private static Layer net() {
        return new Sequential(new Flatten(), new Counting(), new Linear(FEATURES, 10));
    }

    private static void change(Model model) {
        model.parameter("1.steps").value().assignRowMajor(java.nio.LongBuffer.wrap(new long[] {LARGE}));
        model.parameter("1.order").value().assignRowMajor(java.nio.IntBuffer.wrap(new int[FEATURES]));
        model.parameter("1.mask").value().fill(1);
        model.parameter("1.levels").value().assignRowMajor(ByteBuffer.wrap(new byte[] {1, -128, -1, 0}));
    }

    private static void assertChanged(Model model) {
        assertThat(model.parameter("1.steps").value().toLongs()).containsExactly(LARGE);
        assertThat(model.parameter("1.order").value().toInts()).containsOnly(0);
        assertThat(model.parameter("1.mask").value().toBooleans()).containsOnly(true);
        assertThat(model.parameter("1.levels").value().toBytes()).containsExactly(1, -128, -1, 0);
    }

    @ParameterizedTest
    @CsvSource({"cpu-scalar, FLOAT32", "cpu-vector, FLOAT32", "cpu-scalar, BFLOAT16", "cpu-scalar, FLOAT64"})
    void theyAreSavedAndLoaded(String backend, DType dtype) {
        Path file = directory.resolve("weights.safetensors");
        try (Session session = Session.open(backend, org.alborz.backend.BackendOptions.defaults(), dtype);
                Model model = Model.create(session, net(), 1)) {
            assertThat(model.parameter("1.steps").value().toLongs()).containsExactly(0);
            assertThat(model.parameter("1.order").value().toInts()).startsWith(FEATURES - 1, FEATURES - 2);
            assertThat(model.parameter("1.mask").value().toBooleans()).startsWith(false, true, false);
            assertThat(model.parameter("1.levels").value().toBytes()).containsOnly(-1);
            assertThat(model.summary()).contains("state int64", "state int32", "state bool", "state uint8");
            change(model);
            Weights.save(file, model);
            try (Model other = Model.create(session, net(), 2)) {
                assertThat(Weights.load(file, other).loaded()).hasSize(6);
                assertChanged(other);
            }
            try (Model opened = Weights.load(file, session, net());
                    SafetensorsFile saved = SafetensorsFile.open(file)) {
                assertChanged(opened);
                assertThat(saved.entry("1.steps").type()).isEqualTo(SafetensorsType.I64);
                assertThat(saved.entry("1.order").type()).isEqualTo(SafetensorsType.I32);
                assertThat(saved.entry("1.mask").type()).isEqualTo(SafetensorsType.BOOL);
                assertThat(saved.entry("1.levels").type()).isEqualTo(SafetensorsType.U8);
            }
        }
    }

    private static Trainer trainer(Session session, Precision precision, int stopAfter) {
        Model model = Model.create(session, net(), precision, 1);
        return Trainer.classifier(model, new Sgd(0.01).momentum(0.9))
                .ema(0.5)
                .callback(new Callback() {
                    @Override
                    public void onStepEnd(Trainer trainer) {
                        if (trainer.step() == stopAfter) {
                            trainer.stop("that will do");
                        }
                    }
                })
                .build();
    }

    private static DataLoader data() {
        return DataLoader.of(GeneratedImages.train(3, 24), 4).build();
    }

    @ParameterizedTest
    @ValueSource(strings = {"full", "mixed"})
    void aRunGoesOnBitForBit(String name) {
        Precision precision = name.equals("full") ? Precision.full() : Precision.mixed(DType.BFLOAT16);
        Path file = directory.resolve("run.safetensors");
        double[] straight;
        try (Session session = Session.open("cpu-vector")) {
            Trainer trainer = trainer(session, precision, 7);
            trainer.fit(data(), 5);
            straight = trainer.model().values().toDoubles();
            assertThat(trainer.model().parameter("1.steps").value().toLongs()).containsExactly(7);
        }
        try (Session session = Session.open("cpu-vector")) {
            Trainer trainer = trainer(session, precision, 3);
            trainer.fit(data(), 5);
            trainer.model().parameter("1.levels").value().fill(9);
            Checkpoint.save(file, trainer, Map.of());
        }
        try (Session session = Session.open("cpu-vector")) {
            Trainer trainer = trainer(session, precision, 7);
            Checkpoint.resume(file, trainer);
            assertThat(trainer.model().parameter("1.steps").value().toLongs()).containsExactly(3);
            trainer.fit(data(), 5);
            assertThat(trainer.model().values().toDoubles()).isEqualTo(straight);
            assertThat(trainer.model().parameter("1.steps").value().toLongs()).containsExactly(7);
            assertThat(trainer.model().parameter("1.levels").value().toBytes()).containsOnly(9);
        }
        try (Session session = Session.open("cpu-vector");
                Model averaged = Model.create(session, net(), 2)) {
            Checkpoint.loadAveragedWeights(file, averaged);
            assertThat(averaged.parameter("1.steps").value().toLongs()).containsExactly(3);
            assertThat(averaged.parameter("1.levels").value().toBytes()).containsOnly(9);
            assertThat(averaged.values().toDoubles()).isNotEqualTo(straight);
        }
    }

    @Test
    void aPredictorSharesThemAndAFrozenOneStays() {
        try (Session session = Session.open("cpu-vector");
                Model model = Model.create(session, net(), 1)) {
            float[] images = new float[2 * FEATURES];
            for (int i = 0; i < images.length; i++) {
                images[i] = i % 13 - 6;
            }
            Shape shape = Shape.of(2, 3, 32, 32);
            try (Predictor predictor = Predictor.of(model).sessions(2).build()) {
                assertThat(predictor.predict(images, shape)).isDeepEqualTo(model.predict(images, shape));
            }
            model.freeze(name -> name.equals("1.steps"));
            Trainer.classifier(model, new Sgd(0.01)).build().fit(data(), 1);
            assertThat(model.parameter("1.steps").value().toLongs()).containsExactly(0);
        }
    }

    private Path file(String name, SafetensorsType type, byte... bytes) {
        Path file = directory.resolve("foreign.safetensors");
        SafetensorsEntry entry = new SafetensorsEntry(name, type, Shape.of(bytes.length / type.bytes()));
        try (SafetensorsWriter writer = SafetensorsWriter.create(file, Map.of(), List.of(entry))) {
            writer.write(name, ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN));
            writer.commit();
        }
        return file;
    }

    /** A module of one state of two elements. */
    private record One(Parameter state) implements Layer {
        @Override
        public Tensor forward(Tensor x, Pass pass) {
            return x;
        }

        @Override
        public void describe(Structure structure) {
            structure.parameter("state", state);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"INT32", "INT64", "UINT8", "BOOL"})
    void anotherTypeIsRefusedByName(DType dtype) {
        try (Session session = Session.open("cpu-scalar");
                Model model = Model.create(
                        session, new One(Parameter.state(Shape.of(2), dtype, Initializer.constant(1))), 1)) {
            for (SafetensorsType type : new SafetensorsType[] {
                SafetensorsType.I32, SafetensorsType.I64, SafetensorsType.U8, SafetensorsType.BOOL, SafetensorsType.F32
            }) {
                Path file = file("state", type, new byte[2 * type.bytes()]);
                model.parameter("state").value().fill(1);
                if (type == SafetensorsType.of(dtype)) {
                    Weights.load(file, model);
                    assertThat(model.parameter("state").value().toDoubles()).containsOnly(0);
                } else {
                    assertThatThrownBy(() -> Weights.load(file, model))
                            .isInstanceOf(CheckpointException.class)
                            .hasMessageContainingAll(
                                    "'state'", "as " + SafetensorsType.of(dtype), "got " + type, "LoadOptions.only");
                    assertThat(model.parameter("state").value().toDoubles()).containsOnly(1);
                }
            }
        }
        try (Session session = Session.open("cpu-scalar");
                Model model = Model.create(session, new One(Parameter.state(Shape.of(2), 1)), 1)) {
            assertThatThrownBy(() ->
                            Weights.load(file("state", SafetensorsType.of(dtype), new byte[2 * dtype.bytes()]), model))
                    .isInstanceOf(CheckpointException.class)
                    .hasMessageContainingAll("'state'", "no floating tensor");
        }
    }

    @Test
    void bytesThatAreNoTruthValueAreRefusedBeforeAnythingChanges() {
        try (Session session = Session.open("cpu-scalar");
                Model model = Model.create(
                        session, new One(Parameter.state(Shape.of(2), DType.BOOL, Initializer.constant(1))), 1)) {
            assertThatThrownBy(() -> Weights.load(file("state", SafetensorsType.BOOL, (byte) 0, (byte) 7), model))
                    .isInstanceOf(CheckpointException.class)
                    .hasMessageContainingAll("'state'", "holds 7 at index 1", "0 or 1");
            assertThat(model.parameter("state").value().toBooleans()).containsExactly(true, true);
        }
    }

    /** PyTorch's counter of batch norm is left out, unless the model has one of that name. */
    @Test
    void aStateNamedAsPyTorchsCounterIsLoaded() {
        Parameter counter = Parameter.state(Shape.of(1), DType.INT64, Initializer.constant(0));
        Layer layer = new Layer() {
            @Override
            public Tensor forward(Tensor x, Pass pass) {
                return x;
            }

            @Override
            public void describe(Structure structure) {
                structure.parameter("num_batches_tracked", counter);
            }
        };
        try (Session session = Session.open("cpu-scalar");
                Model model = Model.create(session, layer, 1)) {
            Weights.load(file("num_batches_tracked", SafetensorsType.I64, new byte[] {5, 0, 0, 0, 0, 0, 0, 0}), model);
            assertThat(counter.value().toLongs()).containsExactly(5);
        }
    }

    @Test
    void firstValuesThatAreNoneOfTheTypeAreRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Parameter.state(Shape.of(2), DType.FLOAT32, Initializer.constant(0)))
                .withMessageContainingAll("int32, int64, uint8 or bool", "float32", "state(shape, initial)");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Parameter.state(Shape.of(2), null, Initializer.constant(0)))
                .withMessageContaining("a type, got null");
        try (Session session = Session.open("cpu-scalar")) {
            Map<DType, double[]> bad = Map.of(
                    DType.INT32, new double[] {0.5, 1L << 31, Double.NaN},
                    DType.INT64, new double[] {0.5, Double.POSITIVE_INFINITY, 0x1p63},
                    DType.UINT8, new double[] {-1, 256, 0.5},
                    DType.BOOL, new double[] {-1, 2, 0.5});
            bad.forEach((dtype, values) -> {
                for (double value : values) {
                    Layer layer =
                            new One(Parameter.state(Shape.of(2), dtype, (shape, into, random) -> into[1] = value));
                    assertThatIllegalArgumentException()
                            .isThrownBy(() -> Model.create(session, layer, 1))
                            .withMessageContainingAll("State 'state' expects " + dtype, "got " + value + " at index 1");
                }
            });
        }
    }
}
