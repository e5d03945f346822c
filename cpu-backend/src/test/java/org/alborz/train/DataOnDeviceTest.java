package org.alborz.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.alborz.backend.Backend;
import org.alborz.backend.BackendOptions;
import org.alborz.backend.Backends;
import org.alborz.checkpoint.Checkpoint;
import org.alborz.data.ArrayDataset;
import org.alborz.data.ChannelNormalization;
import org.alborz.data.ColorJitter;
import org.alborz.data.DataLoader;
import org.alborz.data.GeneratedImages;
import org.alborz.data.RandomCrop;
import org.alborz.nn.Flatten;
import org.alborz.nn.Layer;
import org.alborz.nn.Linear;
import org.alborz.nn.Loss;
import org.alborz.nn.Model;
import org.alborz.nn.Sequential;
import org.alborz.optim.Adam;
import org.alborz.optim.Sgd;
import org.alborz.tensor.Session;
import org.alborz.type.DType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Training on data that the backend keeps computes the bits of training on those that the loader reads. */
final class DataOnDeviceTest {
    @TempDir
    Path directory;

    /** What a training came to. */
    private record Run(List<Double> losses, List<Map<String, Double>> epochs, double[] weights) {
        void requireSame(Run other) {
            assertThat(losses).isEqualTo(other.losses);
            assertThat(epochs).isEqualTo(other.epochs);
            assertThat(weights).isEqualTo(other.weights);
        }
    }

    private static Run run(Session session, DataLoader train, UnaryOperator<Trainer.Builder> settings, Path from) {
        List<Double> losses = new ArrayList<>();
        try (Model model = Model.create(session, TrainingRuns.smallNet(), 11)) {
            Trainer.Builder builder = Trainer.classifier(model, new Adam(1e-2), Loss.crossEntropy(0.1))
                    .seed(13)
                    .callback(new Callback() {
                        @Override
                        public void onBatchEnd(Trainer running) {
                            losses.add(running.metrics().loss());
                        }
                    });
            Trainer trainer = settings.apply(builder).build();
            if (from != null) {
                Checkpoint.resume(from, trainer);
            }
            DataLoader validation =
                    DataLoader.of(GeneratedImages.test(3, 10), 4).build();
            List<Map<String, Double>> epochs = trainer.fit(train, validation, 3).stream()
                    .map(EpochResult::figures)
                    .toList();
            return new Run(losses, epochs, model.values().toDoubles());
        }
    }

    private static Run run(DataOnDevice where, UnaryOperator<Trainer.Builder> settings, Path from) {
        try (Session session = Session.open("cpu-vector")) {
            Run run = run(
                    session,
                    TrainingRuns.loader(18, 4),
                    builder -> settings.apply(builder).dataOnDevice(where),
                    from);
            assertThat(session.memory().used()).isZero();
            return run;
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 3})
    void theBitsAreThoseOfTheLoader(int accumulation) {
        UnaryOperator<Trainer.Builder> settings = builder -> builder.gradientAccumulation(accumulation);
        Run read = run(DataOnDevice.OFF, settings, null);
        assertThat(read.losses).hasSize(15).doesNotHaveDuplicates();
        run(DataOnDevice.ON, settings, null).requireSame(read);
    }

    /** After 7 of 15 batches, in the middle of the second epoch. */
    @ParameterizedTest
    @EnumSource(names = {"ON", "OFF"})
    void aRunGoesOnWithTheOther(DataOnDevice first) {
        Path file = directory.resolve("middle.safetensors");
        run(
                first,
                builder -> builder.callback(TrainingRuns.stopAfter(7)).callback(new Callback() {
                    @Override
                    public void onTrainEnd(Trainer trainer) {
                        Checkpoint.save(file, trainer, Map.of());
                    }
                }),
                null);
        DataOnDevice other = first == DataOnDevice.ON ? DataOnDevice.OFF : DataOnDevice.ON;
        Run resumed = run(other, builder -> builder, file);
        Run straight = run(first, builder -> builder, null);
        assertThat(resumed.losses).isEqualTo(straight.losses.subList(7, 15));
        assertThat(resumed.weights).isEqualTo(straight.weights);
        assertThat(resumed.epochs).isEqualTo(straight.epochs.subList(1, 3));
    }

    /** Five batches an epoch, so that in the last round only one rank has a batch. */
    @Test
    void ranksReadTheirBatchesFromIt() throws Exception {
        List<Run> read = ranks(DataOnDevice.OFF);
        List<Run> kept = ranks(DataOnDevice.ON);
        kept.get(0).requireSame(read.get(0));
        kept.get(1).requireSame(read.get(1));
    }

    private static List<Run> ranks(DataOnDevice where) throws Exception {
        return RankThreads.run("local", 2, collective -> run(where, builder -> builder.collective(collective), null));
    }

    /** A device of its own memory, which says that it has enough for a dataset, and has not. */
    private static Backend withoutRoomFor(int bytes) {
        Backend real = Backends.find().open("cpu-scalar", BackendOptions.defaults());
        return (Backend) Proxy.newProxyInstance(
                Backend.class.getClassLoader(), new Class<?>[] {Backend.class}, (proxy, method, arguments) -> {
                    if (method.getName().equals("isHostMemory")) {
                        return false;
                    }
                    if (method.getName().equals("allocate")
                            && arguments[0] == DType.UINT8
                            && Long.valueOf(bytes).equals(arguments[1])) {
                        throw new OutOfMemoryError("for the test");
                    }
                    try {
                        return method.invoke(real, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    @Test
    void whereTheDatasetHasNoRoomBatchesAreUploaded() {
        int samples = 18;
        try (Session session = Session.of(withoutRoomFor(samples * 3 * 32 * 32), DType.FLOAT32)) {
            DataLoader loader = TrainingRuns.loader(samples, 4);
            Run read = run(session, loader, builder -> builder.dataOnDevice(DataOnDevice.OFF), null);
            run(session, loader, builder -> builder.dataOnDevice(DataOnDevice.AUTO), null)
                    .requireSame(read);
            assertThatThrownBy(() -> run(session, loader, builder -> builder.dataOnDevice(DataOnDevice.ON), null))
                    .isInstanceOf(OutOfMemoryError.class);
            assertThat(session.memory().used())
                    .as("the pixels' mean and deviation, which the session keeps")
                    .isEqualTo(64);
        }
    }

    private static Layer linear() {
        return new Sequential(new Flatten(), new Linear(3 * 32 * 32, 10));
    }

    private static Trainer trainer(Session session) {
        Model model = Model.create(session, linear(), 1);
        return Trainer.classifier(model, new Sgd(0.1))
                .dataOnDevice(DataOnDevice.ON)
                .build();
    }

    @Test
    void dataThatItDoesNotTakeAreRefusedInWords() {
        DataLoader plain = DataLoader.of(GeneratedImages.train(1, 4), 2).build();
        DataLoader jittered = DataLoader.of(GeneratedImages.train(1, 4), 2)
                .transform(new ColorJitter(0.1, 0.1, 0.1, 0))
                .build();
        DataLoader large = DataLoader.of(GeneratedImages.train(1, 4), 2)
                .transform(new RandomCrop(32))
                .build();
        try (Session session = Session.open("cpu-scalar");
                Trainer trainer = trainer(session)) {
            assertThatThrownBy(() -> trainer.fit(jittered, 2))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining(
                            "The training data cannot be kept by the device: Images on the device are moved"
                                    + " by at most one RandomCrop")
                    .hasMessageContaining("or leave dataOnDevice at AUTO");
            assertThatThrownBy(() -> trainer.fit(plain, jittered, 2))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("The validation data cannot be kept");
            assertThatThrownBy(() -> trainer.fit(large, 2))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("larger than its padding");
            assertThatThrownBy(() ->
                            Trainer.classifier(trainer.model(), new Sgd(0.1)).dataOnDevice(null))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThat(trainer.step()).isZero();
            trainer.model().close();
            assertThat(session.memory().used()).isZero();
        }
    }

    /** The last sample is in no batch, but its label is looked at. */
    @Test
    void labelsAreLookedAtBeforeTheFirstStep() {
        ArrayDataset images = ArrayDataset.builder()
                .field("image", new byte[5][3][32][32])
                .field("label", new int[] {0, 1, 2, 3, 10})
                .build();
        DataLoader loader = DataLoader.of(images, 2)
                .normalize("image", ChannelNormalization.CIFAR10)
                .dropLast(true)
                .build();
        try (Session session = Session.open("cpu-scalar");
                Trainer trainer = trainer(session)) {
            assertThatThrownBy(() -> trainer.fit(loader, 2))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("Sample 4 has the label 10; expected 0 to 9");
            assertThat(trainer.step()).isZero();
            trainer.model().close();
            assertThat(session.memory().used()).isZero();
        }
    }
}
